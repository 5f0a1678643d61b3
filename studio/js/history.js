/**
 * @fileoverview Undo and redo as a value: what was, what is, and what was
 * undone.
 */

/**
 * @template T
 * @typedef {{past: !Array<T>, present: T, future: !Array<T>}} History
 */

/** Older states are forgotten, so that memory stays bounded. */
export const MOST_STEPS = 300;

/**
 * @template T
 * @param {T} present
 * @return {!History<T>}
 */
export function startHistory(present) {
  return {past: [], present, future: []};
}

/**
 * Goes on to a new state; what was undone is forgotten.
 * @template T
 * @param {!History<T>} history
 * @param {T} next
 * @return {!History<T>} The same object when nothing changed.
 */
export function commit(history, next) {
  if (next === history.present) return history;
  return {
    past: [...history.past, history.present].slice(-MOST_STEPS),
    present: next,
    future: [],
  };
}

/**
 * @template T
 * @param {!History<T>} history
 * @return {!History<T>}
 */
export function undo(history) {
  if (!history.past.length) return history;
  return {
    past: history.past.slice(0, -1),
    present: history.past[history.past.length - 1],
    future: [history.present, ...history.future],
  };
}

/**
 * @template T
 * @param {!History<T>} history
 * @return {!History<T>}
 */
export function redo(history) {
  if (!history.future.length) return history;
  return {
    past: [...history.past, history.present],
    present: history.future[0],
    future: history.future.slice(1),
  };
}
