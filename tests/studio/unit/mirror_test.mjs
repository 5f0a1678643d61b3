import assert from 'node:assert/strict';
import test from 'node:test';

import {choicesOf, linesDrawn} from '../../../studio/js/draw_as.js';
import {withMirrorImage} from '../../../studio/js/mirror.js';

const line = (...points) => ({points, pressure: null});
const mirrored = (points) => withMirrorImage(line(...points), 512, 7)
    .map((one) => one.points);

test('away from the middle there are two lines', () => {
  assert.deepEqual(mirrored([[100, 10], [150, 20]]),
      [[[100, 10], [150, 20]], [[412, 10], [362, 20]]]);
});

test('along the middle a line stays single', () => {
  assert.deepEqual(mirrored([[250, 10], [259, 90]]), [[[250, 10], [259, 90]]]);
});

test('a line that crosses the middle is one, and even', () => {
  const [only, ...others] = mirrored([[200, 100], [240, 120], [280, 140]]);
  assert.deepEqual(others, []);
  assert.deepEqual(only,
      [[200, 100], [240, 120], [256, 128], [272, 120], [312, 100]]);
});

test('a line that begins or ends at the middle is one', () => {
  assert.deepEqual(mirrored([[254, 50], [200, 60]]),
      [[[312, 60], [256, 50], [200, 60]]]);
  assert.deepEqual(mirrored([[200, 60], [260, 50]]),
      [[[200, 60], [256, 53.5], [312, 60]].map(([x, y], i) =>
        i === 1 ? [256, 60 - 10 * 56 / 60] : [x, y])]);
});

test('half an outline from the middle to the middle is a ring', () => {
  const [ring, ...others] = mirrored([[256, 50], [100, 200], [256, 400]]);
  assert.deepEqual(others, []);
  assert.deepEqual(ring[0], ring[ring.length - 1]);
  assert.deepEqual(ring[1], [100, 200]);
  assert.deepEqual(ring[3], [412, 200]);
});

test('pressure goes along', () => {
  const [{points, pressure}] = withMirrorImage(
      {points: [[200, 0], [312, 0]], pressure: [0.2, 0.6]}, 512, 7);
  assert.equal(points.length, pressure.length);
  assert.deepEqual(pressure.map((p) => Math.round(100 * p)), [20, 40, 20]);
});

test('an eyes brush draws a pair, each half with its class', () => {
  const eyes = choicesOf([]).find(({name}) => name.startsWith('eyes'));
  const left = linesDrawn(line([100, 10], [150, 20]), eyes, false, 512, 7);
  assert.deepEqual(left.map(({fixed}) => fixed), [2, 1]);
  const right = linesDrawn(line([400, 10], [350, 20]), eyes, false, 512, 7);
  assert.deepEqual(right.map(({fixed}) => fixed), [1, 2]);
});

test('a part that was chosen is given, and mirrored to the other side', () => {
  const ear = choicesOf([{id: 12, name: 'ear, left side'}])
      .find(({key}) => key === '12');
  const drawn = (mirror) => linesDrawn(
      line([100, 10], [90, 20]), ear, mirror, 512, 7).map(({fixed}) => fixed);
  assert.deepEqual(drawn(false), [12]);
  assert.deepEqual(drawn(true), [12, 11]);
  assert.deepEqual(linesDrawn(line([1, 1], [2, 2]), null, false, 512, 7)
      .map(({fixed}) => fixed), [0]);
});
