/**
 * @fileoverview The drawing as a value: every function returns a new drawing
 * and leaves the old one as it was, so that undo only has to keep old ones.
 */

import {
  apply,
  boundsOf,
  distanceToLine,
  distanceToSegment,
  lineInBox,
  nearest,
} from './geometry.js';
import {piecesOf} from './pieces.js';

/**
 * `fixed` is the class that a person gave the stroke, or 0 when limner is to
 * find it. `pressure` has one number of 0 to 1 a point, or is null.
 * @typedef {{
 *   id: number,
 *   points: !Array<!Array<number>>,
 *   pressure: ?Array<number>,
 *   fixed: number,
 * }} Stroke
 */

/**
 * @typedef {{side: number, strokes: !Array<!Stroke>, nextId: number}} Drawing
 */

/**
 * What limner takes a stroke for; `pieces` as in pieces.js, or null.
 * @typedef {{
 *   class: number, confidence: number, doubtful: boolean, pieces: ?Array,
 * }} Label
 */

/** Units across the picture, as in limner's own files. */
export const SIDE = 512;

/** @return {!Drawing} */
export function emptyDrawing() {
  return {side: SIDE, strokes: [], nextId: 1};
}

/**
 * Adds strokes; each gets the next free id unless it brings one that is free.
 * @param {!Drawing} drawing
 * @param {!Array<{points: !Array, pressure: ?Array, fixed: (number|undefined),
 *     id: (number|undefined)}>} lines
 * @return {!Drawing}
 */
export function addStrokes(drawing, lines) {
  let {nextId} = drawing;
  const added = lines.map((line) => {
    const id = line.id >= nextId ? line.id : nextId;
    nextId = id + 1;
    return {
      id,
      points: line.points,
      pressure: line.pressure ?? null,
      fixed: line.fixed ?? 0,
    };
  });
  if (!added.length) return drawing;
  return {...drawing, strokes: [...drawing.strokes, ...added], nextId};
}

/**
 * @param {!Drawing} drawing
 * @param {!Set<number>} ids
 * @return {!Drawing}
 */
export function removeStrokes(drawing, ids) {
  const strokes = drawing.strokes.filter(({id}) => !ids.has(id));
  return strokes.length === drawing.strokes.length ?
      drawing :
      {...drawing, strokes};
}

/**
 * @param {!Drawing} drawing
 * @param {!Set<number>} ids
 * @param {!Object} transform A Transform of geometry.js.
 * @return {!Drawing}
 */
export function transformStrokes(drawing, ids, transform) {
  return changed(drawing, ids, (stroke) => ({
    ...stroke,
    points: stroke.points.map((point) => apply(point, transform)),
  }));
}

/**
 * Gives strokes a class that stays; 0 leaves it to limner again.
 * @param {!Drawing} drawing
 * @param {!Set<number>} ids
 * @param {number} label
 * @return {!Drawing}
 */
export function setClass(drawing, ids, label) {
  return changed(drawing, ids, (stroke) =>
    stroke.fixed === label ? stroke : {...stroke, fixed: label});
}

/**
 * Adds transformed copies of strokes.
 * @param {!Drawing} drawing
 * @param {!Set<number>} ids
 * @param {!Object} transform
 * @param {function(number): number=} classOf What becomes of a fixed class.
 * @return {!Drawing}
 */
export function copyStrokes(drawing, ids, transform, classOf = (c) => c) {
  return addStrokes(
      drawing, drawing.strokes.filter(({id}) => ids.has(id)).map((stroke) => ({
        points: stroke.points.map((point) => apply(point, transform)),
        pressure: stroke.pressure,
        fixed: classOf(stroke.fixed),
      })));
}

/** Classes of the two sides: eyes, brows, ears. */
const OTHER_SIDE = {1: 2, 2: 1, 4: 5, 5: 4, 11: 12, 12: 11};

/**
 * The class of a mirrored stroke.
 * @param {number} label
 * @return {number}
 */
export function mirroredClass(label) {
  return OTHER_SIDE[label] ?? label;
}

/**
 * Rubs along the way from one point to another. Points within `radius` go;
 * what is left of a stroke becomes strokes of its own.
 * @param {!Drawing} drawing
 * @param {!Array<number>} from
 * @param {!Array<number>} to
 * @param {number} radius
 * @param {boolean} whole Whether a stroke that is touched goes as a whole.
 * @param {function(!Stroke): boolean=} touchable
 * @return {!Drawing} The same object when nothing was touched.
 */
export function erase(drawing, from, to, radius, whole, touchable) {
  let {nextId} = drawing;
  let touched = false;
  const strokes = [];
  for (const stroke of drawing.strokes) {
    const pieces = touchable && !touchable(stroke) ?
        null :
        piecesLeft(stroke, from, to, radius);
    if (!pieces) {
      strokes.push(stroke);
      continue;
    }
    touched = true;
    if (whole) continue;
    pieces.forEach((piece, i) => {
      strokes.push({...stroke, ...piece, id: i ? nextId++ : stroke.id});
    });
  }
  return touched ? {...drawing, strokes, nextId} : drawing;
}

/**
 * @param {!Stroke} stroke
 * @param {!Array<number>} from
 * @param {!Array<number>} to
 * @param {number} radius
 * @return {?Array<{points: !Array, pressure: ?Array}>} Null: not touched.
 */
function piecesLeft(stroke, from, to, radius) {
  const dense = resampled(stroke, radius / 2, from, to, radius);
  if (!dense) return null;
  const {points, pressure} = dense;
  const pieces = [];
  let begin = -1;
  for (let i = 0; i <= points.length; ++i) {
    const stays = i < points.length &&
        distanceToSegment(points[i], from, to) > radius;
    if (stays && begin < 0) begin = i;
    if (stays || begin < 0) continue;
    // A single point that is left of a line is a crumb, not a stroke.
    if (i - begin > 1) {
      pieces.push({
        points: points.slice(begin, i),
        pressure: pressure && pressure.slice(begin, i),
      });
    }
    begin = -1;
  }
  return pieces;
}

/**
 * The stroke with points added where it comes near the rubber, at most `step`
 * apart; null when it is not touched.
 */
function resampled(stroke, step, from, to, radius) {
  const {points, pressure} = stroke;
  const box = boundsOf([from, to]);
  const near = boundsOf(points);
  if (near.x0 > box.x1 + radius || near.x1 < box.x0 - radius ||
      near.y0 > box.y1 + radius || near.y1 < box.y0 - radius) {
    return null;
  }
  const out = {points: [points[0]], pressure: pressure && [pressure[0]]};
  let touched = distanceToSegment(points[0], from, to) <= radius;
  for (let i = 1; i < points.length; ++i) {
    const [a, b] = [points[i - 1], points[i]];
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    const middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    const reach = distanceToSegment(middle, from, to) - length / 2;
    const count = reach > radius ? 1 : Math.max(1, Math.ceil(length / step));
    for (let k = 1; k <= count; ++k) {
      const t = k / count;
      const point = k === count ?
          b :
          [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
      out.points.push(point);
      if (pressure) {
        out.pressure.push(
            pressure[i - 1] + t * (pressure[i] - pressure[i - 1]));
      }
      if (distanceToSegment(point, from, to) <= radius) touched = true;
    }
  }
  return touched ? out : null;
}

/**
 * The id of the uppermost stroke within reach of a point, or 0.
 * @param {!Array<!Stroke>} strokes
 * @param {!Array<number>} point
 * @param {number} reach
 * @return {number}
 */
export function strokeAt(strokes, point, reach) {
  return nearest(strokes, ({points}) => distanceToLine(point, points), reach)
      ?.id ?? 0;
}

/**
 * @param {!Array<!Stroke>} strokes
 * @param {!Object} box
 * @return {!Set<number>}
 */
export function strokesIn(strokes, box) {
  return new Set(strokes.filter(({points}) => lineInBox(points, box))
      .map(({id}) => id));
}

/**
 * @param {!Array<!Stroke>} strokes
 * @return {?Object} The box around them.
 */
export function boundsOfStrokes(strokes) {
  return boundsOf(strokes.flatMap(({points}) => points));
}

/**
 * The class that counts for a stroke: the corrected one, or limner's for its
 * longest part.
 * @param {!Stroke} stroke
 * @param {!Map<number, !Label>} labels By id of stroke.
 * @return {number} 0 when not known.
 */
export function classOf(stroke, labels) {
  return stroke.fixed || (labels.get(stroke.id)?.class ?? 0);
}

/**
 * The classes of a stroke: one, or those of its pieces.
 * @param {!Stroke} stroke
 * @param {!Map<number, !Label>} labels
 * @return {!Set<number>}
 */
export function classesOfStroke(stroke, labels) {
  return new Set(piecesOf(stroke, labels).map((piece) => piece.class));
}

/**
 * @param {!Stroke} stroke
 * @param {!Map<number, !Label>} labels
 * @return {boolean}
 */
export function isDoubtful(stroke, labels) {
  return !stroke.fixed && (labels.get(stroke.id)?.doubtful ?? false);
}

/** Applies a change to some strokes and keeps the rest. */
function changed(drawing, ids, change) {
  let same = true;
  const strokes = drawing.strokes.map((stroke) => {
    const next = ids.has(stroke.id) ? change(stroke) : stroke;
    same = same && next === stroke;
    return next;
  });
  return same ? drawing : {...drawing, strokes};
}
