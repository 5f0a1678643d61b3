/**
 * @fileoverview What part of the drawing is seen: a point (x, y) of the
 * drawing lies at (scale * x + x0, scale * y + y0) of the canvas, in CSS
 * pixels. Pure functions.
 */

import {clamp} from './geometry.js';

/** @typedef {{scale: number, x: number, y: number}} View */

const MARGIN = 14;
const FARTHEST_OUT = 0.25;
const FARTHEST_IN = 16;

/**
 * The whole drawing, in the middle.
 * @param {number} width
 * @param {number} height
 * @param {number} side
 * @return {!View}
 */
export function fitView(width, height, side) {
  const room = Math.max(40, Math.min(width, height) - 2 * MARGIN);
  const scale = room / side;
  return {
    scale,
    x: (width - scale * side) / 2,
    y: (height - scale * side) / 2,
  };
}

/**
 * Zooms so that what lies at a point of the canvas stays there.
 * @param {!View} view
 * @param {number} factor
 * @param {!Array<number>} at
 * @param {!View} fitted What 100 % is.
 * @return {!View}
 */
export function zoomAt(view, factor, at, fitted) {
  const scale = clamp(
      view.scale * factor, fitted.scale * FARTHEST_OUT,
      fitted.scale * FARTHEST_IN);
  const by = scale / view.scale;
  return {
    scale,
    x: at[0] - by * (at[0] - view.x),
    y: at[1] - by * (at[1] - view.y),
  };
}

/**
 * @param {!View} view
 * @param {number} dx
 * @param {number} dy
 * @return {!View}
 */
export function panBy(view, dx, dy) {
  return {...view, x: view.x + dx, y: view.y + dy};
}

/**
 * Keeps a part of the drawing on the canvas, so that it cannot be lost.
 * @param {!View} view
 * @param {number} width
 * @param {number} height
 * @param {number} side
 * @return {!View}
 */
export function keepInSight(view, width, height, side) {
  const across = view.scale * side;
  const least = Math.min(across, width, height) / 4;
  return {
    scale: view.scale,
    x: clamp(view.x, least - across, width - least),
    y: clamp(view.y, least - across, height - least),
  };
}

/**
 * @param {!View} view
 * @param {!Array<number>} at A point of the canvas.
 * @return {!Array<number>} The point of the drawing there.
 */
export function toDrawing(view, [x, y]) {
  return [(x - view.x) / view.scale, (y - view.y) / view.scale];
}

/**
 * @param {!View} view
 * @param {!Array<number>} point
 * @return {!Array<number>}
 */
export function toCanvas(view, [x, y]) {
  return [view.scale * x + view.x, view.scale * y + view.y];
}
