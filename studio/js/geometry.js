/**
 * @fileoverview Points, boxes and lines. Pure functions; coordinates have
 * their origin in the upper left corner, x to the right and y down.
 */

/** @typedef {!Array<number>} Point  [x, y] */

/** @typedef {{x0: number, y0: number, x1: number, y1: number}} Box */

/**
 * Scaling, then moving: (x, y) becomes (sx * x + tx, sy * y + ty).
 * @typedef {{sx: number, sy: number, tx: number, ty: number}} Transform
 */

/**
 * @param {!Point} a
 * @param {!Point} b
 * @return {number}
 */
export function distance(a, b) {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/**
 * The box around points, or null when there are none.
 * @param {!Iterable<!Point>} points
 * @return {?Box}
 */
export function boundsOf(points) {
  const box = {x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity};
  for (const [x, y] of points) {
    box.x0 = Math.min(box.x0, x);
    box.y0 = Math.min(box.y0, y);
    box.x1 = Math.max(box.x1, x);
    box.y1 = Math.max(box.y1, y);
  }
  return box.x0 > box.x1 ? null : box;
}

/**
 * The box with two opposite corners anywhere.
 * @param {!Point} a
 * @param {!Point} b
 * @return {!Box}
 */
export function boxBetween(a, b) {
  return {
    x0: Math.min(a[0], b[0]),
    y0: Math.min(a[1], b[1]),
    x1: Math.max(a[0], b[0]),
    y1: Math.max(a[1], b[1]),
  };
}

/**
 * @param {!Box} box
 * @param {!Point} point
 * @return {boolean}
 */
export function contains(box, [x, y]) {
  return x >= box.x0 && x <= box.x1 && y >= box.y0 && y <= box.y1;
}

/**
 * @param {!Box} box
 * @param {number} by
 * @return {!Box}
 */
export function grow(box, by) {
  return {
    x0: box.x0 - by,
    y0: box.y0 - by,
    x1: box.x1 + by,
    y1: box.y1 + by,
  };
}

/**
 * The distance of a point from the piece of line between a and b.
 * @param {!Point} point
 * @param {!Point} a
 * @param {!Point} b
 * @return {number}
 */
export function distanceToSegment(point, a, b) {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const length2 = dx * dx + dy * dy;
  let t = 0;
  if (length2 > 0) {
    t = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length2;
    t = Math.min(1, Math.max(0, t));
  }
  return Math.hypot(point[0] - a[0] - t * dx, point[1] - a[1] - t * dy);
}

/**
 * The last of the things that are nearest, within reach, or undefined.
 * @param {!Iterable<T>} things
 * @param {function(T): number} distanceTo
 * @param {number} reach
 * @return {T|undefined}
 * @template T
 */
export function nearest(things, distanceTo, reach) {
  let best;
  let least = reach;
  for (const thing of things) {
    const d = distanceTo(thing);
    if (d <= least) [least, best] = [d, thing];
  }
  return best;
}

/**
 * The distance of a point from a line through points.
 * @param {!Point} point
 * @param {!Array<!Point>} line
 * @return {number}
 */
export function distanceToLine(point, line) {
  if (line.length === 1) return distance(point, line[0]);
  let best = Infinity;
  for (let i = 1; i < line.length; ++i) {
    best = Math.min(best, distanceToSegment(point, line[i - 1], line[i]));
  }
  return best;
}

/**
 * @param {!Array<!Point>} line
 * @return {number}
 */
export function lengthOf(line) {
  let sum = 0;
  for (let i = 1; i < line.length; ++i) sum += distance(line[i - 1], line[i]);
  return sum;
}

/**
 * Whether a line lies within a box, with all its points.
 * @param {!Array<!Point>} line
 * @param {!Box} box
 * @return {boolean}
 */
export function lineInBox(line, box) {
  return line.every((point) => contains(box, point));
}

/**
 * Which points to keep so that the others stray at most `tolerance` from the
 * line through them (Douglas and Peucker 1973). Without recursion.
 * @param {!Array<!Point>} line
 * @param {number} tolerance
 * @return {!Array<number>} Rising indices, the first and last among them.
 */
export function simplify(line, tolerance) {
  if (line.length < 3) return line.map((_, i) => i);
  const keep = new Array(line.length).fill(false);
  keep[0] = keep[line.length - 1] = true;
  const open = [[0, line.length - 1]];
  while (open.length) {
    const [first, last] = open.pop();
    let farthest = -1;
    let most = tolerance;
    for (let i = first + 1; i < last; ++i) {
      const d = distanceToSegment(line[i], line[first], line[last]);
      if (d > most) {
        most = d;
        farthest = i;
      }
    }
    if (farthest < 0) continue;
    keep[farthest] = true;
    open.push([first, farthest], [farthest, last]);
  }
  const kept = [];
  keep.forEach((yes, i) => {
    if (yes) kept.push(i);
  });
  return kept;
}

/**
 * @param {!Point} point
 * @param {!Transform} transform
 * @return {!Point}
 */
export function apply([x, y], {sx, sy, tx, ty}) {
  return [sx * x + tx, sy * y + ty];
}

/**
 * The transform that takes one box to another. A side without length keeps
 * its size.
 * @param {!Box} from
 * @param {!Box} to
 * @return {!Transform}
 */
export function boxTransform(from, to) {
  const width = from.x1 - from.x0;
  const height = from.y1 - from.y0;
  const sx = width > 0 ? (to.x1 - to.x0) / width : 1;
  const sy = height > 0 ? (to.y1 - to.y0) / height : 1;
  return {sx, sy, tx: to.x0 - sx * from.x0, ty: to.y0 - sy * from.y0};
}

/**
 * Mirrors at the vertical middle line of a square.
 * @param {number} side
 * @return {!Transform}
 */
export function mirrorTransform(side) {
  return {sx: -1, sy: 1, tx: side, ty: 0};
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @return {number}
 */
export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
