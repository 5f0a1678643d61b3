import assert from 'node:assert/strict';
import test from 'node:test';

import {distanceToLine} from '../../../studio/js/geometry.js';
import {StrokeSmoother} from '../../../studio/js/smoothing.js';

/** Draws an arc with a trembling hand; the tremble is the same every time. */
function arc(steadiness, pressureOf = () => 0.5, tremble = 1.5) {
  const smoother = new StrokeSmoother(steadiness, 1);
  for (let i = 0; i <= 300; ++i) {
    const angle = Math.PI * i / 300;
    const radius = 150 + (i % 2 ? tremble : -tremble);
    smoother.add(
        [256 - radius * Math.cos(angle), 256 - radius * Math.sin(angle)],
        pressureOf(i));
  }
  return smoother;
}

const roughness = ({points}) => Math.max(...points.slice(5, -5).map(
    ([x, y]) => Math.abs(Math.hypot(x - 256, y - 256) - 150)));

test('a steady line trembles less, and goes to where the pointer went', () => {
  const shaky = arc(0).finish();
  const steady = arc(0.6).finish();
  assert.ok(roughness(shaky) > 1.2, `${roughness(shaky)}`);
  assert.ok(roughness(steady) < 1.5 / 2 + 1, `${roughness(steady)}`);
  assert.ok(roughness(steady) < roughness(shaky));
  for (const line of [shaky, steady]) {
    const [x, y] = line.points[line.points.length - 1];
    assert.ok(Math.hypot(x - 406, y - 256) < 3, `${x} ${y}`);
  }
});

test('the finished line has few points and lies where it was drawn', () => {
  const smoother = arc(0.6, () => 0.5, 0.2);
  const drawn = smoother.current();
  const done = smoother.finish();
  assert.ok(done.points.length < drawn.points.length / 2);
  for (const point of drawn.points) {
    assert.ok(distanceToLine(point, done.points) < 0.36);
  }
});

test('a pointer that hardly moves makes a dot', () => {
  const line = (scale) => {
    const smoother = new StrokeSmoother(0.4, scale);
    smoother.add([10, 10], 0.5);
    smoother.add([11, 11], 0.5);
    return smoother.finish();
  };
  assert.deepEqual(line(1), {points: [[10, 10]], pressure: null});
  // Seen large it is a line.
  assert.deepEqual(line(8).points, [[10, 10], [11, 11]]);
  assert.equal(new StrokeSmoother(0.4, 1).finish(), null);
});

test('pressure is kept where there is one, a number a point', () => {
  assert.equal(arc(0.4).finish().pressure, null);
  const pressed = arc(0.4, (i) => i / 300).finish();
  assert.equal(pressed.pressure.length, pressed.points.length);
  assert.ok(pressed.pressure[0] < 0.1);
  assert.ok(pressed.pressure[pressed.pressure.length - 1] > 0.9);
});
