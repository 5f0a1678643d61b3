/**
 * @fileoverview What the studio's state holds, and the few questions that many
 * ask of it.
 */

import {classesOfStroke, emptyDrawing} from './drawing.js';
import {startHistory} from './history.js';
import {firstLooks} from './looks.js';
import {piecesOf} from './pieces.js';

/** @return {!Object} The state of a studio that was just opened. */
export function initialState() {
  return {
    /** Name of the drawing, and its place in the browser's memory. */
    name: '',
    id: '',
    /** Steps for undo and redo. */
    history: startHistory(emptyDrawing()),
    /** A drawing that is being changed by a drag, or null. */
    draft: null,
    /** Strokes under the pen, not yet part of the drawing. */
    pen: [],
    /** What limner takes strokes for, by their id. */
    labels: new Map(),
    looksLikeFace: true,
    /** Ids of selected strokes. */
    selection: new Set(),
    /** Classes whose strokes are hidden, and left out of the face. */
    hidden: new Set(),
    /** How exactly lines are followed, 0 to 1, or "auto". */
    faithful: 'auto',
    /** What lines are drawn as: see draw_as.js; null: limner decides. */
    drawAs: null,
    /** "pen", "eraser", "select" or "hand". */
    tool: 'pen',
    wholeStrokes: false,
    eraserSize: 20,  // CSS pixels across
    steadiness: 0.45,
    mirror: false,
    guide: true,
    /** "side" or "overlay". */
    compare: 'side',
    /** How strong lines are over the face, 0 to 1. */
    lines: 0.9,
    /** The photo under the drawing: {bitmap, address, opacity, shown, place}. */
    trace: null,
    looks: firstLooks(),
    /** What the server can do; null until it has answered. */
    models: null,
    online: true,
    busy: false,
    /** Counts changes that the face depends on, and how many it has seen. */
    revision: 0,
    handled: 0,
    /** The newest face: {bitmap, side, milliseconds, revision, looks}. */
    face: null,
    /** The newest face at which the pen has rested. */
    still: null,
    /** Faces made so far, see results.js, and one to compare with, or null. */
    results: [],
    other: null,
    /** Lines of the face that was made of the drawing, or null. */
    fitted: null,
    /** Parts that it lacks, see suggest.js, and the one that is pointed at. */
    suggested: [],
    suggestion: '',
    /** "", "light" or "dark"; "" follows the system. */
    theme: '',
    /** What a phone shows below the drawing: "face", "looks" or "parts". */
    tab: 'face',
    /** Whether single keys are shortcuts. */
    keys: true,
  };
}

/**
 * The drawing as it is seen: with the change of a drag.
 * @param {!Object} state
 * @return {!Object}
 */
export function drawingOf(state) {
  return state.draft ?? state.history.present;
}

/**
 * All strokes, those under the pen too.
 * @param {!Object} state
 * @return {!Array<!Object>}
 */
export function allStrokes(state) {
  const {strokes} = drawingOf(state);
  return state.pen.length ? [...strokes, ...state.pen] : strokes;
}

/**
 * Strokes of which at least a piece is shown.
 * @param {!Object} state
 * @return {!Array<!Object>}
 */
export function visibleStrokes(state) {
  const {labels, hidden} = state;
  const {strokes} = drawingOf(state);
  if (!hidden.size) return strokes;
  return strokes.filter((stroke) =>
    [...classesOfStroke(stroke, labels)].some((id) => !hidden.has(id)));
}

/**
 * What is painted and saved as a picture: pieces of lines, without hidden ones.
 * @param {!Object} state
 * @return {!Array<!Object>}
 */
export function visiblePieces(state) {
  const {labels, hidden} = state;
  return drawingOf(state).strokes
      .flatMap((stroke) => piecesOf(stroke, labels))
      .filter((piece) => !hidden.has(piece.class));
}

/**
 * @param {!Object} state
 * @return {!Array<!Object>}
 */
export function selectedStrokes(state) {
  return drawingOf(state).strokes.filter(({id}) => state.selection.has(id));
}

/**
 * The classes that there are: the server's, with names fit for a label.
 * @param {!Object} state
 * @return {!Array<{id: number, name: string, colour: string}>}
 */
export function classesOf(state) {
  return state.models?.classes ?? [];
}

/**
 * @param {!Object} state
 * @param {number} id
 * @return {string}
 */
export function className(state, id) {
  return classesOf(state).find((c) => c.id === id)?.name ?? 'not known yet';
}
