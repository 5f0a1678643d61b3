/**
 * @fileoverview Lines that draw more than one part: an oval runs along
 * hairline, cheek and chin. The line stays one; its pieces have classes.
 */

import {lengthOf} from './geometry.js';

/**
 * A part of a stroke: from and to are shares of its length, 0 to 1.
 * @typedef {{
 *   class: number, confidence: number, doubtful: boolean,
 *   from: number, to: number,
 * }} Piece
 */

/**
 * What limner found, one label a stroke: the class of its longest part, and
 * its pieces where there are several.
 * @param {!Array<!Object>} answer The server's strokes: with `source`, `from`
 *     and `to`, or one for each stroke.
 * @param {number} count Of strokes.
 * @return {!Array<?Object>} Labels.
 */
export function labelsOf(answer, count) {
  const found = Array.from({length: count}, () => []);
  answer.forEach((piece, i) => {
    found[piece.source ?? i]?.push({...piece, from: piece.from ?? 0,
      to: piece.to ?? 1});
  });
  return found.map((pieces) => {
    if (!pieces.length) return null;
    const longest = pieces.reduce((best, one) =>
      one.to - one.from > best.to - best.from ? one : best);
    return {
      class: longest.class,
      confidence: Math.min(...pieces.map(({confidence}) => confidence)),
      doubtful: pieces.some(({doubtful}) => doubtful),
      pieces: pieces.length > 1 ? pieces : null,
    };
  });
}

/** Cut strokes by stroke, as long as its label is the same. */
const known = new WeakMap();

/**
 * The stroke in pieces of one class each; a single one for most strokes.
 * @param {!Object} stroke
 * @param {!Map<number, !Object>} labels
 * @return {!Array<!Object>} Strokes with `class` and `doubtful`.
 */
export function piecesOf(stroke, labels) {
  const label = labels.get(stroke.id);
  const before = known.get(stroke);
  if (before && before.label === label) return before.pieces;
  const pieces = !stroke.fixed && label?.pieces ?
      label.pieces.map((piece) => ({
        ...stroke,
        ...between(stroke, piece.from, piece.to),
        class: piece.class,
        confidence: piece.confidence,
        doubtful: piece.doubtful,
      })) :
      [{
        ...stroke,
        class: stroke.fixed || (label?.class ?? 0),
        confidence: stroke.fixed ? 1 : label?.confidence,
        doubtful: !stroke.fixed && (label?.doubtful ?? false),
      }];
  known.set(stroke, {label, pieces});
  return pieces;
}

/**
 * The part of a line between two shares of its length.
 * @param {{points: !Array<!Array<number>>, pressure: ?Array<number>}} line
 * @param {number} from
 * @param {number} to
 * @return {{points: !Array<!Array<number>>, pressure: ?Array<number>}}
 */
export function between({points, pressure}, from, to) {
  const whole = lengthOf(points);
  const out = {points: [], pressure: pressure && []};
  const push = (point, press) => {
    out.points.push(point);
    out.pressure?.push(press);
  };
  const mix = (a, b, t) => a + t * (b - a);
  let along = 0;
  for (let i = 0; i < points.length; ++i) {
    const [a, b] = [points[i], points[i + 1]];
    if (along >= from * whole && along <= to * whole) push(a, pressure?.[i]);
    if (!b) break;
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    for (const share of [from, to]) {
      const t = (share * whole - along) / length;
      if (t > 0 && t < 1) {
        push([mix(a[0], b[0], t), mix(a[1], b[1], t)],
            pressure && mix(pressure[i], pressure[i + 1], t));
      }
    }
    along += length;
  }
  return out.points.length ? out : {points: [points[0]],
    pressure: pressure && [pressure[0]]};
}
