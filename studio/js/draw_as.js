/**
 * @fileoverview What lines are drawn as, said before they are drawn: limner
 * decides, a part of the face, or a pair of parts whose other half is added.
 */

import {mirroredClass} from './drawing.js';
import {imageOf, withMirrorImage} from './mirror.js';

/**
 * `classes` are those of a line on the left and on the right side of the
 * picture.
 * @typedef {{
 *   key: string, name: string, classes: !Array<number>, pair: boolean,
 * }} DrawAs
 */

/** Pairs by the class of their half on the left side of the picture. */
const PAIRS = [
  {name: 'eyes, a pair', left: 2},
  {name: 'brows, a pair', left: 5},
  {name: 'ears, a pair', left: 12},
];

/**
 * @param {!Array<{id: number, name: string}>} classes
 * @return {!Array<!DrawAs>}
 */
export function choicesOf(classes) {
  return [
    ...PAIRS.map(({name, left}) => ({
      key: `pair-${left}`,
      name,
      classes: [left, mirroredClass(left)],
      pair: true,
    })),
    ...classes.map(({id, name}) => (
      {key: String(id), name, classes: [id, id], pair: false})),
  ];
}

/**
 * The lines that come of one that was drawn.
 * @param {{points: !Array, pressure: ?Array}} line
 * @param {?DrawAs} as
 * @param {boolean} mirror Whether mirror mode is on.
 * @param {number} side Of the drawing.
 * @param {number} near What counts as at the middle.
 * @return {!Array<{points: !Array, pressure: ?Array, fixed: number}>}
 */
export function linesDrawn(line, as, mirror, side, near) {
  const x = line.points.reduce((sum, point) => sum + point[0], 0) /
      line.points.length;
  const given = as ? as.classes[x < side / 2 ? 0 : 1] : 0;
  const lines = as?.pair ? [line, imageOf(line, side)] :
      mirror ? withMirrorImage(line, side, near) : [line];
  return lines.map(({points, pressure}, i) => (
    {points, pressure, fixed: i ? mirroredClass(given) : given}));
}
