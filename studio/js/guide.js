/**
 * @fileoverview Where a face belongs, and the first lines of one: alone, an
 * oval could be anything round, lips as well as a face. Beside the eyes, nose
 * and mouth of the guide it is what it is.
 */

import {boundsOf, contains, distanceToLine, lengthOf} from './geometry.js';

/** Measured on the training faces (side 512). */
export const PLACE = {
  outline: {x: 256, y: 278.7, width: 276, height: 365},
  eyes: [{x: 194.3, y: 240.5}, {x: 317.7, y: 240.5}],
  eye: {width: 53.3, height: 19.6},
  mouth: {x: 256, y: 379.1, width: 94},
  nose: {x: 256, y: 333, width: 62},
};

/** With more lines than this within its outline a drawing speaks for itself. */
const FEW = 2;
/** An outline is at least this large: shares of the guide's. */
const LEAST_OUTLINE = 0.4;
/** How round it is: width by height. */
const NARROWEST = 0.5;
const WIDEST = 1.3;
/** The ends of an outline are near each other: a share of its length. */
const OPEN = 0.35;

const ring = ({x, y}, width, height) => Array.from({length: 17}, (_, i) => [
  x + width / 2 * Math.cos(i * Math.PI / 8),
  y + height / 2 * Math.sin(i * Math.PI / 8),
]);

/** The inner parts of the guide, as strokes with classes. */
function innerParts() {
  const {eyes, eye, mouth, nose} = PLACE;
  const across = ({x, y, width}, down) => [
    [x - width / 2, y], [x, y + down], [x + width / 2, y]];
  return [
    {points: ring(eyes[0], eye.width, eye.height), class: 2},
    {points: ring(eyes[1], eye.width, eye.height), class: 1},
    {points: across(nose, 8), class: 6},
    {points: ring(mouth, mouth.width, 30), class: 7},
  ];
}

/** How far the ends of a line are apart: a share of its length. */
function openness(points) {
  const [first, last] = [points[0], points[points.length - 1]];
  return Math.hypot(first[0] - last[0], first[1] - last[1]) /
      lengthOf(points);
}

/**
 * Whether a line goes around as the outline of a face does.
 * @param {!Array<!Array<number>>} points
 * @return {boolean}
 */
function isOutline(points) {
  const box = boundsOf(points);
  const [width, height] = [box.x1 - box.x0, box.y1 - box.y0];
  return height > LEAST_OUTLINE * PLACE.outline.height &&
      width > NARROWEST * height && width < WIDEST * height &&
      openness(points) < OPEN;
}

/**
 * Adds the guide's eyes, nose and mouth behind the strokes of a drawing that
 * has only begun: an outline and little within it. They lie within the outline.
 * Hair, ears and neck, which say little of what the outline is, do not count.
 * @param {!Object} drawing limner's JSON.
 * @return {!Object} Its strokes come first, in their order.
 */
export function withGuide(drawing) {
  const {strokes} = drawing;
  // Hair goes around, too, but is open.
  const [outline] = strokes.filter(({points}) => isOutline(points))
      .sort((a, b) => openness(a.points) - openness(b.points));
  if (!outline) return drawing;
  const box = boundsOf(outline.points);
  const {x, y, width, height} = PLACE.outline;
  const [sx, sy] = [(box.x1 - box.x0) / width, (box.y1 - box.y0) / height];
  const place = ([px, py]) => [
    round(box.x0 + sx * (px - x + width / 2)),
    round(box.y0 + sy * (py - y + height / 2)),
  ];
  const parts = innerParts()
      .map((part) => ({...part, points: part.points.map(place)}));
  const inner = boundsOf(parts.flatMap(({points}) => points));
  const others = strokes.filter((stroke) => stroke !== outline);
  const within = others.filter(({points}) => 2 * points.filter(
      (point) => contains(inner, point)).length >= points.length);
  if (within.length > FEW) return drawing;
  const added = parts.filter(({points}) => {
    const there = boundsOf(points);
    return !others.some((other) => within.includes(other) ?
        overlap(boundsOf(other.points), there) :
        meets(other.points, there));
  });
  return {...drawing, strokes: [...strokes, ...added]};
}

const round = (value) => Math.round(value * 100) / 100;

/** Whether a line runs through a box, more or less. */
function meets(points, {x0, y0, x1, y1}) {
  return distanceToLine([(x0 + x1) / 2, (y0 + y1) / 2], points) <
      (x1 - x0) / 2;
}

/** What is drawn already is not added. */
function overlap(a, b) {
  return a.x0 <= b.x1 && b.x0 <= a.x1 && a.y0 <= b.y1 && b.y0 <= a.y1;
}
