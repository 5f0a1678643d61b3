/**
 * @fileoverview Whether a face is drawn where one belongs, and how to move it
 * there: by its eyes, nose and mouth, or else by its outline.
 */

import {boundsOf} from './geometry.js';
import {PLACE} from './guide.js';

/** A face is off when its middle is this far away, in units of 512. */
const FAR = 26;
/** ... or when it is so much larger or smaller. */
const MUCH = 1.25;
/** Classes of the inner parts, by where the guide has them. */
const PARTS = [
  {classes: [2], at: PLACE.eyes[0]},
  {classes: [1], at: PLACE.eyes[1]},
  {classes: [6], at: {x: PLACE.nose.x, y: PLACE.nose.y - 36}},
  {classes: [7], at: PLACE.mouth},
];
const OUTLINE = [10, 17, 18, 21];

/**
 * The transform that moves and scales a face to the guide; null when there is
 * too little to tell.
 * @param {!Array<{class: number, points: !Array}>} pieces
 * @return {?Object} A Transform of geometry.js.
 */
export function toGuide(pieces) {
  const centre = (classes) => {
    const box = boundsOf(pieces.filter((piece) =>
      classes.includes(piece.class)).flatMap(({points}) => points));
    return box && {x: (box.x0 + box.x1) / 2, y: (box.y0 + box.y1) / 2};
  };
  const pairs = PARTS.map(({classes, at}) => [centre(classes), at])
      .filter(([from]) => from);
  if (pairs.length >= 3) return byPoints(pairs);
  const box = boundsOf(pieces.filter((piece) => OUTLINE.includes(piece.class))
      .flatMap(({points}) => points));
  const {x, y, width, height} = PLACE.outline;
  if (!box || box.y1 - box.y0 < 20 || box.x1 - box.x0 < 20) return null;
  const scale = Math.sqrt(width * height /
      ((box.x1 - box.x0) * (box.y1 - box.y0)));
  return {
    sx: scale, sy: scale,
    tx: x - scale * (box.x0 + box.x1) / 2,
    ty: y - scale * (box.y0 + box.y1) / 2,
  };
}

/** Least squares: one scale for both directions, and a move. */
function byPoints(pairs) {
  const mean = (i, key) =>
    pairs.reduce((sum, pair) => sum + pair[i][key], 0) / pairs.length;
  const [fx, fy, tx, ty] =
      [mean(0, 'x'), mean(0, 'y'), mean(1, 'x'), mean(1, 'y')];
  let along = 0;
  let own = 0;
  for (const [from, to] of pairs) {
    const [dx, dy] = [from.x - fx, from.y - fy];
    along += dx * (to.x - tx) + dy * (to.y - ty);
    own += dx * dx + dy * dy;
  }
  // Parts on one heap, or upside down, say nothing of a scale.
  if (own < 1 || along <= 0) return null;
  const scale = along / own;
  return {sx: scale, sy: scale, tx: tx - scale * fx, ty: ty - scale * fy};
}

/**
 * Whether a face lies elsewhere than the guide.
 * @param {?Object} transform Of toGuide().
 * @return {boolean}
 */
export function isOff(transform) {
  if (!transform) return false;
  const {sx, tx, ty} = transform;
  const {x, y} = PLACE.outline;
  const moved = Math.hypot((x - tx) / sx - x, (y - ty) / sx - y);
  return moved > FAR || sx > MUCH || sx < 1 / MUCH;
}
