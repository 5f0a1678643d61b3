/**
 * @fileoverview Where a photo lies on the paper: moved, scaled, turned, and cut
 * off at its sides. Pure functions. Units are those of the drawing (side 512).
 */

import {SIDE} from './drawing.js';
import {clamp} from './geometry.js';

/**
 * The middle of the photo lies at (x, y). At scale 1 its longer side is as long
 * as the paper. `turn`: degrees, clockwise. `crop`: shares of the photo that
 * are cut off at its left, upper, right and lower side.
 * @typedef {{
 *   x: number, y: number, scale: number, turn: number,
 *   crop: !Array<number>,
 * }} Place
 */

/** All of the photo, in the middle. */
export const WHOLE = Object.freeze({
  x: SIDE / 2, y: SIDE / 2, scale: 1, turn: 0, crop: [0, 0, 0, 0],
});

export const SMALLEST = 0.1;
export const LARGEST = 12;
/** A side may lose so much that something of the photo is left. */
export const MOST_CROP = 0.45;
/** How far beyond the paper the photo's middle may lie. */
const FAR = 4 * SIDE;

const RADIANS = Math.PI / 180;

// What a key does, without Shift and with it.
const STEP = 2;
const LARGE_STEP = 16;
const GROW = 1.02;
const LARGE_GROW = 1.15;
const DEGREE = 1;
const LARGE_DEGREE = 10;
const MIDDLE = [SIDE / 2, SIDE / 2];

/** A place within the limits, whatever was given. */
function within({x, y, scale, turn, crop}) {
  return {
    x: clamp(x, -FAR, FAR),
    y: clamp(y, -FAR, FAR),
    scale: clamp(scale, SMALLEST, LARGEST),
    // -180 to 180
    turn: turn - 360 * Math.round(turn / 360),
    crop: crop.map((share) => clamp(share, 0, MOST_CROP)),
  };
}

/**
 * A place that was kept or came in a file.
 * @param {*} kept
 * @return {!Place} All of the photo, when it makes no sense.
 */
export function placeFrom(kept) {
  const numbers = [kept?.x, kept?.y, kept?.scale, kept?.turn];
  const crop = kept?.crop ?? WHOLE.crop;
  const right = Array.isArray(crop) && crop.length === 4 &&
      [...numbers, ...crop].every(Number.isFinite);
  if (!right) return WHOLE;
  const {x, y, scale, turn} = kept;
  return within({x, y, scale, turn, crop});
}

/**
 * @param {!Place} place
 * @param {number} dx
 * @param {number} dy
 * @return {!Place}
 */
export const moved = (place, dx, dy) =>
  within({...place, x: place.x + dx, y: place.y + dy});

/**
 * Scales and turns about a point of the paper, which stays where it is on the
 * photo.
 * @param {!Place} place
 * @param {number} factor
 * @param {number} degrees
 * @param {!Array<number>=} at
 * @return {!Place}
 */
export function turned(place, factor, degrees, [px, py] = [place.x, place.y]) {
  const scale = clamp(place.scale * factor, SMALLEST, LARGEST);
  const by = scale / place.scale;
  const [cos, sin] =
      [Math.cos(degrees * RADIANS), Math.sin(degrees * RADIANS)];
  const [dx, dy] = [place.x - px, place.y - py];
  return within({
    ...place, scale, turn: place.turn + degrees,
    x: px + by * (cos * dx - sin * dy),
    y: py + by * (sin * dx + cos * dy),
  });
}

/**
 * What two fingers do that move on the paper: the photo goes with them.
 * @param {!Place} place
 * @param {!Array<!Array<number>>} before Where the two were.
 * @param {!Array<!Array<number>>} after
 * @return {!Place}
 */
export function pinched(place, before, after) {
  const middle = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const way = ([a, b]) => [b[0] - a[0], b[1] - a[1]];
  const [from, to] = [middle(before), middle(after)];
  const [[ax, ay], [bx, by]] = [way(before), way(after)];
  const there = moved(place, to[0] - from[0], to[1] - from[1]);
  const apart = Math.hypot(ax, ay);
  if (apart < 1) return there;
  const angle = Math.atan2(ax * by - ay * bx, ax * bx + ay * by);
  return turned(there, Math.hypot(bx, by) / apart, angle / RADIANS, to);
}

/**
 * What a key does to a place; null for other keys.
 * @param {!Object} place
 * @param {{key: string, shiftKey: boolean}} event
 * @return {?Object}
 */
export function placeByKey(place, {key, shiftKey}) {
  const far = shiftKey ? LARGE_STEP : STEP;
  const grow = shiftKey ? LARGE_GROW : GROW;
  const degrees = shiftKey ? LARGE_DEGREE : DEGREE;
  switch (key) {
    case 'ArrowLeft': return moved(place, -far, 0);
    case 'ArrowRight': return moved(place, far, 0);
    case 'ArrowUp': return moved(place, 0, -far);
    case 'ArrowDown': return moved(place, 0, far);
    case '+': case '=': case '*': return turned(place, grow, 0, MIDDLE);
    case '-': case '_': return turned(place, 1 / grow, 0, MIDDLE);
    case '.': case '>': case ':': return turned(place, 1, degrees, MIDDLE);
    case ',': case '<': case ';': return turned(place, 1, -degrees, MIDDLE);
    default: return null;
  }
}

/**
 * The canvas transform from pixels of a photo to the paper.
 * @param {!Place} place
 * @param {number} width
 * @param {number} height
 * @return {!Array<number>} a to f, as setTransform() takes them.
 */
export function transformOf({x, y, scale, turn}, width, height) {
  const each = scale * SIDE / Math.max(width, height);
  const [cos, sin] = [
    each * Math.cos(turn * RADIANS), each * Math.sin(turn * RADIANS)];
  return [
    cos, sin, -sin, cos,
    x - (cos * width - sin * height) / 2,
    y - (sin * width + cos * height) / 2,
  ];
}

/**
 * The photo as large as it has to be to leave nothing of the paper free.
 * @param {number} width
 * @param {number} height
 * @return {!Place}
 */
export const covering = (width, height) => within({
  ...WHOLE, scale: Math.max(width, height) / Math.min(width, height)});

/**
 * The place at which a square of the photo is the paper.
 * @param {{x: number, y: number, side: number, turn: number}} frame In pixels
 *     of the photo; its middle, and the degrees by which it leans clockwise.
 * @param {number} width
 * @param {number} height
 * @return {!Place}
 */
export function atFrame({x, y, side, turn}, width, height) {
  const place = {...WHOLE, scale: Math.max(width, height) / side, turn: -turn};
  const [a, b, c, d, e, f] = transformOf(place, width, height);
  return within({
    ...place,
    x: place.x + SIDE / 2 - (a * x + c * y + e),
    y: place.y + SIDE / 2 - (b * x + d * y + f),
  });
}

/**
 * Paints a photo where it lies; units of the context are the drawing's.
 * @param {!CanvasRenderingContext2D} context
 * @param {!ImageBitmap|!HTMLCanvasElement} photo
 * @param {!Place} place
 */
export function paintPlaced(context, photo, place) {
  const {width, height} = photo;
  const [left, upper, right, lower] = place.crop;
  const box = [
    left * width, upper * height, (1 - left - right) * width,
    (1 - upper - lower) * height,
  ];
  context.save();
  context.imageSmoothingQuality = 'high';
  context.transform(...transformOf(place, width, height));
  context.drawImage(photo, ...box, ...box);
  context.restore();
}
