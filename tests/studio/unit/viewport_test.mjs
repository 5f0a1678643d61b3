import assert from 'node:assert/strict';
import test from 'node:test';

import * as v from '../../../studio/js/viewport.js';

const near = (a, b) => a.forEach(
    (value, i) => assert.ok(Math.abs(value - b[i]) < 1e-9, `${a} ${b}`));

test('the whole drawing fits in the middle', () => {
  const view = v.fitView(800, 540, 512);
  assert.equal(view.scale, 1);
  near(v.toCanvas(view, [256, 256]), [400, 270]);
});

test('canvas and drawing are each other\'s way back', () => {
  const view = {scale: 1.7, x: -30, y: 12};
  near(v.toDrawing(view, v.toCanvas(view, [123, 45])), [123, 45]);
});

test('zooming keeps what is under the pointer there', () => {
  const fitted = v.fitView(600, 600, 512);
  const at = [100, 480];
  const before = v.toDrawing(fitted, at);
  near(v.toDrawing(v.zoomAt(fitted, 2.5, at, fitted), at), before);
});

test('zoom has ends', () => {
  const fitted = v.fitView(600, 600, 512);
  assert.equal(v.zoomAt(fitted, 1000, [0, 0], fitted).scale,
      16 * fitted.scale);
  assert.equal(v.zoomAt(fitted, 1e-3, [0, 0], fitted).scale,
      fitted.scale / 4);
});

test('the drawing cannot be moved out of sight', () => {
  const fitted = v.fitView(600, 400, 512);
  const far = v.keepInSight(v.panBy(fitted, 1e5, -1e5), 600, 400, 512);
  const [x, y] = v.toCanvas(far, [0, 512]);
  assert.ok(x < 600 && y > 0, `${x} ${y}`);
});
