import assert from 'node:assert/strict';
import test from 'node:test';

import * as g from '../../../studio/js/geometry.js';

test('bounds of points, and of none', () => {
  assert.deepEqual(
      g.boundsOf([[3, 8], [1, 9], [2, 4]]), {x0: 1, y0: 4, x1: 3, y1: 9});
  assert.equal(g.boundsOf([]), null);
});

test('distance to a piece of line: beside it, beyond its ends, no length',
    () => {
      assert.equal(g.distanceToSegment([5, 3], [0, 0], [10, 0]), 3);
      assert.equal(g.distanceToSegment([13, 4], [0, 0], [10, 0]), 5);
      assert.equal(g.distanceToSegment([3, 4], [0, 0], [0, 0]), 5);
    });

test('distance to a line takes the nearest piece, and a dot has one', () => {
  assert.equal(g.distanceToLine([9, 9], [[0, 0], [10, 0], [10, 10]]), 1);
  assert.equal(g.distanceToLine([3, 4], [[0, 0]]), 5);
});

test('simplify keeps ends and corners, and strays no further than allowed',
    () => {
      assert.deepEqual(
          g.simplify([[0, 0], [1, 0.01], [2, 0], [2, 1], [2, 2]], 0.1),
          [0, 2, 4]);
      const wave = Array.from(
          {length: 400}, (_, i) => [i, 40 * Math.sin(i / 25)]);
      const kept = g.simplify(wave, 0.5);
      assert.ok(kept.length < 80 && kept.length > 20, `${kept.length}`);
      const line = kept.map((i) => wave[i]);
      for (const point of wave) {
        assert.ok(g.distanceToLine(point, line) <= 0.5 + 1e-9);
      }
    });

test('simplify takes long lines without running out of stack', () => {
  const zigzag = Array.from({length: 4000}, (_, i) => [i, i % 2]);
  assert.equal(g.simplify(zigzag, 0.1).length, 4000);
});

test('a box transform takes one box to the other, flat ones too', () => {
  const from = {x0: 10, y0: 10, x1: 20, y1: 30};
  const to = {x0: 0, y0: 0, x1: 40, y1: 10};
  const t = g.boxTransform(from, to);
  assert.deepEqual(g.apply([10, 10], t), [0, 0]);
  assert.deepEqual(g.apply([20, 30], t), [40, 10]);
  const flat = g.boxTransform({...from, y1: 10}, to);
  assert.equal(flat.sy, 1);
});

test('mirroring twice changes nothing', () => {
  const mirror = g.mirrorTransform(512);
  assert.deepEqual(g.apply([100, 40], mirror), [412, 40]);
  assert.deepEqual(g.apply(g.apply([100, 40], mirror), mirror), [100, 40]);
});

test('a line is in a box with all its points or not', () => {
  const box = g.boxBetween([10, 10], [0, 0]);
  assert.ok(g.lineInBox([[1, 1], [9, 9]], box));
  assert.ok(!g.lineInBox([[1, 1], [11, 9]], box));
});
