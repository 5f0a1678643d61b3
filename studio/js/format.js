/**
 * @fileoverview limner's JSON drawings: to the server, to files and back. The
 * key `fixed` is the studio's own: other readers pass it over.
 */

import {addStrokes, emptyDrawing, SIDE} from './drawing.js';
import {piecesOf} from './pieces.js';

const FORMAT = 'limner-drawing';
const VERSION = 1;
const CLASSES = 22;
const LARGEST = 1e6;

const round = (value) => Math.round(value * 100) / 100;

/**
 * Points and pressures never change: each list is rounded once, not with every
 * request.
 */
const rounded = new WeakMap();

/** A list, rounded by round_(). */
function once(list, round_) {
  let known = rounded.get(list);
  if (!known) {
    known = list.map(round_);
    rounded.set(list, known);
  }
  return known;
}

/**
 * A line, rounded.
 * @param {!Object} line With points, and pressure or null.
 * @return {!Object} Its lists are shared: they are not to be changed.
 */
export function lineJson({points, pressure}) {
  const json = {points: once(points, ([x, y]) => [round(x), round(y)])};
  if (pressure) json.pressure = once(pressure, round);
  return json;
}

/**
 * @param {!Object} stroke A Stroke of drawing.js.
 * @param {number} label
 * @return {!Object} As lineJson() gives it, with its class.
 */
function strokeJson(stroke, label) {
  const {points, ...pressed} = lineJson(stroke);
  return {points, class: label, ...pressed};
}

function drawingJson(strokes) {
  return {format: FORMAT, version: VERSION, side: SIDE, strokes};
}

/**
 * What limner is asked to label: corrected strokes have their class, the
 * others none, so that each is found anew in the light of the whole drawing.
 * @param {!Array<!Object>} strokes
 * @return {!Object}
 */
export function toLabel(strokes) {
  return drawingJson(strokes.map((s) => strokeJson(s, s.fixed)));
}

/**
 * What a face is made from: every piece of a line with the class that counts.
 * @param {!Array<!Object>} strokes
 * @param {!Map<number, !Object>} labels
 * @param {!Set<number>=} hidden Classes that are left out.
 * @return {!Object}
 */
export function toGenerate(strokes, labels, hidden = new Set()) {
  return drawingJson(strokes.flatMap((stroke) => piecesOf(stroke, labels))
      .filter((piece) => piece.class && !hidden.has(piece.class))
      .map((piece) => strokeJson(piece, piece.class)));
}

/**
 * A drawing for other programs: each piece of a line with its class and how
 * sure it is.
 * @param {!Array<!Object>} strokes
 * @param {!Map<number, !Object>} labels
 * @return {!Object}
 */
export function toPieces(strokes, labels) {
  return drawingJson(strokes.flatMap((stroke) => piecesOf(stroke, labels)).map(
      (piece) => withConfidence(strokeJson(piece, piece.class), piece)));
}

/**
 * A drawing as a file keeps it, with what is known of the classes. A line with
 * pieces of several classes has none: whoever reads it finds them anew.
 * @param {!Array<!Object>} strokes
 * @param {!Map<number, !Object>} labels
 * @return {!Object}
 */
export function toFile(strokes, labels) {
  return drawingJson(strokes.map((stroke) => {
    const pieces = piecesOf(stroke, labels);
    if (pieces.length > 1) return {...strokeJson(stroke, 0), fixed: false};
    return withConfidence(strokeJson(stroke, pieces[0].class), pieces[0]);
  }));
}

/** "fixed" is said either way: a sure guess is still a guess. */
function withConfidence(json, {fixed, confidence}) {
  if (fixed) return {...json, fixed: true};
  return confidence === undefined ?
      {...json, fixed: false} :
      {...json, confidence: round(confidence), fixed: false};
}

/**
 * Reads limner's JSON. Strokes whose class is said for certain (`fixed`, or a
 * confidence that is missing or 1) keep it.
 * @param {*} json
 * @return {!Object} A Drawing on a side of 512.
 * @throws {Error} with the place that is wrong.
 */
export function fromJson(json) {
  if (json?.format !== FORMAT || json.version !== VERSION) {
    throw new Error('This is not a drawing of limner.');
  }
  const side = json.side ?? SIDE;
  if (!(side >= 0.001 && side <= LARGEST)) {
    throw new Error(`The drawing has a side of ${side}.`);
  }
  if (!Array.isArray(json.strokes)) {
    throw new Error('The drawing has no list of strokes.');
  }
  const scale = SIDE / side;
  const lines = json.strokes.map((stroke, i) => {
    const points = stroke?.points;
    if (!Array.isArray(points) || !points.length || !points.every(isPoint)) {
      throw new Error(`strokes[${i}].points is not a list of [x, y].`);
    }
    const label = stroke.class ?? 0;
    if (!Number.isInteger(label) || label < 0 || label > CLASSES) {
      throw new Error(`strokes[${i}].class is ${label}, not 0 to ${CLASSES}.`);
    }
    const fixed = stroke.fixed ?? (stroke.confidence ?? 1) >= 1;
    const {pressure} = stroke;
    return {
      points: points.map(([x, y]) => [x * scale, y * scale]),
      pressure: Array.isArray(pressure) && pressure.length === points.length &&
              pressure.every((p) => p >= 0 && p <= 1) ?
          pressure :
          null,
      fixed: fixed ? label : 0,
    };
  });
  return addStrokes(emptyDrawing(), lines);
}

function isPoint(point) {
  return Array.isArray(point) && point.length === 2 &&
      point.every((v) => Number.isFinite(v) && Math.abs(v) <= LARGEST);
}
