/**
 * @fileoverview A line and its mirror image. Where the line meets the middle
 * the two are one: half an outline becomes a whole one, and what crosses the
 * middle becomes even.
 */

import {apply, lengthOf, mirrorTransform} from './geometry.js';

/**
 * @typedef {{points: !Array<!Array<number>>, pressure: ?Array<number>}} Line
 */

/**
 * @param {!Line} line
 * @param {number} side Of the drawing; the middle is at half of it.
 * @param {number} near What counts as at the middle.
 * @return {!Array<!Line>} One line or two.
 */
export function withMirrorImage(line, side, near) {
  const middle = side / 2;
  if (line.points.every(([x]) => Math.abs(x - middle) <= near)) return [line];
  const run = longestRun(line, middle, near);
  const image = imageOf(run, side);
  if (run.starts && run.ends) return [joined(run, turned(image))];
  if (run.ends) return [joined(run, turned(image))];
  if (run.starts) return [joined(turned(image), run)];
  return [line, image];
}

/**
 * @param {!Line} line
 * @param {number} side
 * @return {!Line} The mirror image, point by point.
 */
export function imageOf({points, pressure}, side) {
  const mirrored = mirrorTransform(side);
  return {points: points.map((point) => apply(point, mirrored)), pressure};
}

/**
 * The longest part of a line that is on one side of the middle. `starts` and
 * `ends` say whether it begins and ends at the middle.
 */
function longestRun({points, pressure}, middle, near) {
  const runs = [];
  let run = startRun();
  const push = (point, press) => {
    run.points.push(point);
    run.pressure?.push(press);
  };
  function startRun() {
    return {
      points: [], pressure: pressure && [], starts: false, ends: false,
    };
  }
  points.forEach((point, i) => {
    const before = points[i - 1];
    const [a, b] = [before && before[0] - middle, point[0] - middle];
    if (before && (a < 0 && b > 0 || a > 0 && b < 0)) {
      const t = a / (a - b);
      const at = [middle, before[1] + t * (point[1] - before[1])];
      const press = pressure &&
          pressure[i - 1] + t * (pressure[i] - pressure[i - 1]);
      push(at, press);
      run.ends = true;
      runs.push(run);
      run = startRun();
      run.starts = true;
      push(at, press);
    }
    push(point, pressure?.[i]);
  });
  runs.push(run);
  const longest = runs.reduce(
      (best, one) => lengthOf(one.points) > lengthOf(best.points) ? one : best);
  // Nearly at the middle is at the middle.
  const [first] = longest.points;
  const last = longest.points[longest.points.length - 1];
  if (!longest.starts && Math.abs(first[0] - middle) <= near) {
    longest.points[0] = [middle, first[1]];
    longest.starts = true;
  }
  if (!longest.ends && Math.abs(last[0] - middle) <= near) {
    longest.points[longest.points.length - 1] = [middle, last[1]];
    longest.ends = true;
  }
  return longest;
}

function turned({points, pressure}) {
  return {
    points: [...points].reverse(),
    pressure: pressure && [...pressure].reverse(),
  };
}

/** Two lines of which one begins where the other ends. */
function joined(one, other) {
  return {
    points: [...one.points, ...other.points.slice(1)],
    pressure: one.pressure && [...one.pressure, ...other.pressure.slice(1)],
  };
}
