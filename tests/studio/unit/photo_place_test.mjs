import assert from 'node:assert/strict';
import test from 'node:test';

import * as p from '../../../studio/js/photo_place.js';

const [WIDTH, HEIGHT] = [400, 300];

/** Where a pixel of the photo lies on the paper. */
function onPaper(place, [x, y]) {
  const [a, b, c, d, e, f] = p.transformOf(place, WIDTH, HEIGHT);
  return [a * x + c * y + e, b * x + d * y + f];
}

function near(one, other, what = '') {
  one.forEach((value, i) => assert.ok(
      Math.abs(value - other[i]) < 1e-6, `${what} ${one} ${other}`));
}

test('all of a photo lies in the middle', () => {
  near(onPaper(p.WHOLE, [200, 150]), [256, 256]);
  near(onPaper(p.WHOLE, [0, 0]), [0, 256 - 192]);
  near(onPaper(p.WHOLE, [400, 300]), [512, 256 + 192]);
  near(onPaper(p.covering(WIDTH, HEIGHT), [200, 0]), [256, 0]);
});

test('it turns clockwise, and stays where it is held', () => {
  const turned = p.turned(p.WHOLE, 2, 90, [100, 50]);
  assert.equal(turned.scale, 2);
  assert.equal(turned.turn, 90);
  // To the right of the middle becomes below it.
  const [x, y] = onPaper(turned, [200, 150]);
  near(onPaper(turned, [201, 150]), [x, y + 2 * 512 / 400]);
  // (100, 50) on the photo before and after.
  const held = [100 * 400 / 512, (50 - 64) * 400 / 512];
  near(onPaper(p.WHOLE, held), [100, 50]);
  near(onPaper(turned, held), [100, 50]);
  assert.equal(p.turned(turned, 1, 100).turn, -170);
});

test('a photo goes with two fingers', () => {
  const place = p.turned(p.WHOLE, 1.3, 10);
  const [before, after] = [[[100, 100], [200, 120]], [[140, 90], [150, 300]]];
  const next = p.pinched(place, before, after);
  // Pixels that lay under the fingers lie under them again.
  const [a, b, c, d, e, f] = p.transformOf(place, WIDTH, HEIGHT);
  const det = a * d - b * c;
  before.forEach(([x, y], i) => {
    const pixel = [
      (d * (x - e) - c * (y - f)) / det, (a * (y - f) - b * (x - e)) / det];
    near(onPaper(next, pixel), after[i]);
  });
  near(Object.values(p.pinched(place, [[5, 5], [5, 5]], [[7, 9], [7, 9]]))
      .slice(0, 2), [place.x + 2, place.y + 4]);
});

test('a square of the photo becomes the paper', () => {
  const frame = {x: 150, y: 120, side: 200, turn: 30};
  const place = p.atFrame(frame, WIDTH, HEIGHT);
  near(onPaper(place, [150, 120]), [256, 256]);
  // Half a side along the leaning square's own right.
  const angle = frame.turn * Math.PI / 180;
  near(onPaper(place, [
    150 + 100 * Math.cos(angle), 120 + 100 * Math.sin(angle)]), [512, 256]);
  assert.equal(place.turn, -30);
});

test('keys move, scale and turn; Shift does more', () => {
  const key = (name, shiftKey = false) =>
    p.placeByKey(p.WHOLE, {key: name, shiftKey});
  near([key('ArrowLeft').x, key('ArrowDown', true).y], [254, 272]);
  assert.ok(key('+').scale > 1 && key('*', true).scale > key('+').scale);
  assert.ok(key('-').scale < 1);
  assert.equal(key('.').turn, 1);
  assert.equal(key(';', true).turn, -10);
  assert.equal(key('a'), null);
});

test('what was kept is checked', () => {
  const place = {x: 1, y: 2, scale: 3, turn: 4, crop: [0, 0.1, 0.2, 0.3]};
  assert.deepEqual(p.placeFrom(JSON.parse(JSON.stringify(place))), place);
  assert.deepEqual(p.placeFrom({...place, crop: undefined}).crop, [0, 0, 0, 0]);
  for (const wrong of [null, 7, {}, {...place, x: '1'}, {...place, turn: NaN},
    {...place, crop: [1]}, {...place, crop: 'abcd'}]) {
    assert.deepEqual(p.placeFrom(wrong), p.WHOLE);
  }
  assert.equal(p.placeFrom({...place, scale: 1e9}).scale, p.LARGEST);
  assert.deepEqual(p.placeFrom({...place, crop: [1, -1, 0, 0]}).crop,
      [p.MOST_CROP, 0, 0, 0]);
});
