import assert from 'node:assert/strict';
import test from 'node:test';

import * as d from '../../../studio/js/drawing.js';
import {lengthOf, mirrorTransform} from '../../../studio/js/geometry.js';

const line = (x0, y0, x1, y1, pressure = null) =>
  ({points: [[x0, y0], [x1, y1]], pressure});

function two() {
  return d.addStrokes(
      d.emptyDrawing(), [line(0, 0, 100, 0), line(0, 50, 100, 50)]);
}

/** Freezes everything, so that a change in place throws. */
function frozen(value) {
  if (value && typeof value === 'object') {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

test('strokes get ids that are never used twice', () => {
  const drawing = two();
  assert.deepEqual(drawing.strokes.map((s) => s.id), [1, 2]);
  const fewer = d.removeStrokes(drawing, new Set([2]));
  const more = d.addStrokes(fewer, [line(0, 0, 1, 1)]);
  assert.deepEqual(more.strokes.map((s) => s.id), [1, 3]);
});

test('a stroke that was under the pen keeps its id', () => {
  const drawing = two();
  const pen = {...line(0, 0, 9, 9), id: drawing.nextId};
  assert.equal(d.addStrokes(drawing, [pen]).strokes[2].id, 3);
});

test('nothing is changed in place', () => {
  const drawing = frozen(two());
  const ids = new Set([1]);
  d.transformStrokes(drawing, ids, {sx: 2, sy: 2, tx: 1, ty: 1});
  d.setClass(drawing, ids, 7);
  d.erase(drawing, [50, 0], [50, 0], 5, false);
  d.copyStrokes(drawing, ids, mirrorTransform(512));
  assert.deepEqual(drawing, two());
});

test('a change of nothing gives the same drawing', () => {
  const drawing = two();
  assert.equal(d.removeStrokes(drawing, new Set([9])), drawing);
  assert.equal(d.setClass(drawing, new Set([1]), 0), drawing);
  assert.equal(d.erase(drawing, [50, 20], [60, 20], 5, false), drawing);
  assert.equal(d.addStrokes(drawing, []), drawing);
});

test('moving and scaling touches the chosen strokes alone', () => {
  const moved = d.transformStrokes(
      two(), new Set([2]), {sx: 2, sy: 1, tx: 5, ty: -10});
  assert.deepEqual(moved.strokes[0].points, [[0, 0], [100, 0]]);
  assert.deepEqual(moved.strokes[1].points, [[5, 40], [205, 40]]);
});

test('rubbing the middle of a line leaves two, with their class', () => {
  const drawing = d.setClass(two(), new Set([1]), 15);
  const rubbed = d.erase(drawing, [50, -3], [50, 3], 10, false);
  assert.deepEqual(rubbed.strokes.map((s) => [s.id, s.fixed]),
      [[1, 15], [3, 15], [2, 0]]);
  const [left, right] = rubbed.strokes;
  assert.ok(Math.abs(lengthOf(left.points) - 40) < 5.1);
  assert.ok(Math.abs(lengthOf(right.points) - 40) < 5.1);
  assert.ok(left.points.every(([x]) => x < 40));
  assert.ok(right.points.every(([x]) => x > 60));
  assert.equal(rubbed.nextId, 4);
});

test('pressure is cut with the line', () => {
  const drawing = d.addStrokes(
      d.emptyDrawing(), [line(0, 0, 100, 0, [0, 1])]);
  const {strokes} = d.erase(drawing, [50, 0], [50, 0], 10, false);
  for (const {points, pressure} of strokes) {
    assert.equal(points.length, pressure.length);
    points.forEach(([x], i) => {
      assert.ok(Math.abs(pressure[i] - x / 100) < 1e-9);
    });
  }
});

test('rubbing whole lines, all of a line, and only what may be touched',
    () => {
      const whole = d.erase(two(), [50, 0], [50, 0], 10, true);
      assert.deepEqual(whole.strokes.map((s) => s.id), [2]);
      const all = d.erase(two(), [0, 0], [100, 0], 10, false);
      assert.deepEqual(all.strokes.map((s) => s.id), [2]);
      const drawing = two();
      assert.equal(
          d.erase(drawing, [50, 0], [50, 0], 10, false, () => false),
          drawing);
    });

test('the nearest stroke within reach is found', () => {
  const {strokes} = two();
  assert.equal(d.strokeAt(strokes, [50, 4], 9), 1);
  assert.equal(d.strokeAt(strokes, [50, 30], 9), 0);
  assert.deepEqual(
      [...d.strokesIn(strokes, {x0: -1, y0: 40, x1: 101, y1: 60})], [2]);
});

test('a mirrored copy changes sides of its class too', () => {
  const drawing = d.setClass(two(), new Set([1]), 4);
  const copied = d.copyStrokes(
      drawing, new Set([1]), mirrorTransform(512), d.mirroredClass);
  assert.equal(copied.strokes[2].fixed, 5);
  assert.deepEqual(copied.strokes[2].points, [[512, 0], [412, 0]]);
  for (let label = 0; label <= 22; ++label) {
    assert.equal(d.mirroredClass(d.mirroredClass(label)), label);
  }
});

test('a corrected class beats the one that was found', () => {
  const labels = new Map(
      [[1, {class: 6, confidence: 0.4, doubtful: true}]]);
  const [stroke, other] = two().strokes;
  assert.equal(d.classOf(stroke, labels), 6);
  assert.ok(d.isDoubtful(stroke, labels));
  assert.equal(d.classOf({...stroke, fixed: 3}, labels), 3);
  assert.ok(!d.isDoubtful({...stroke, fixed: 3}, labels));
  assert.equal(d.classOf(other, labels), 0);
});
