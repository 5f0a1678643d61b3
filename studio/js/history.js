/**
 * @fileoverview Undo and redo as a value: what was, what is, and what was
 * undone. A step holds all that the face depends on: the drawing, the looks,
 * and what is left out.
 */

import {appearanceOf, sameLook} from './looks.js';

/**
 * @typedef {{
 *   drawing: !Object, a: !Object, b: ?Object, mix: number, traits: !Object,
 *   hidden: !Set<number>, faithful: (number|string),
 * }} Scene
 */

/**
 * `present` is the drawing; the rest of the present scene is in the state.
 * `open` names a change that goes on, such as a slider under the finger: more
 * of it is not another step.
 * @typedef {{
 *   past: !Array<!Scene>, present: !Object, future: !Array<!Scene>,
 *   open: string,
 * }} History
 */

/** Older states are forgotten, so that memory stays bounded. */
export const MOST_STEPS = 300;

/**
 * @param {!Object} present A Drawing.
 * @return {!History}
 */
export function startHistory(present) {
  return {past: [], present, future: [], open: ''};
}

/**
 * @param {!Object} state
 * @return {!Scene}
 */
export function sceneOf({history, looks, hidden, faithful}) {
  const {a, b, mix, traits} = looks;
  return {drawing: history.present, a, b, mix, traits, hidden, faithful};
}

const sameSets = (a, b) =>
  a === b || a.size === b.size && [...a].every((id) => b.has(id));

const samePoints = (a, b) => a === b || a.length === b.length &&
    a.every((point, i) => point[0] === b[i][0] && point[1] === b[i][1]);

const sameStrokes = (a, b) => a === b || a.length === b.length &&
    a.every((stroke, i) => stroke === b[i] ||
        stroke.fixed === b[i].fixed && samePoints(stroke.points, b[i].points));

/**
 * Whether two scenes have the same face. Lines may have come back under new ids.
 * @param {!Scene} one
 * @param {!Scene} other
 * @return {boolean}
 */
export function sameFace(one, other) {
  return one.faithful === other.faithful &&
      sameSets(one.hidden, other.hidden) &&
      sameStrokes(one.drawing.strokes, other.drawing.strokes) &&
      JSON.stringify(appearanceOf(one)) === JSON.stringify(appearanceOf(other));
}

/** Whether two scenes show the same. */
function sameScene(one, other) {
  const sameTraits = (a, b) => a === b ||
      Object.keys({...a, ...b}).every((id) => a[id] === b[id]);
  return one.drawing === other.drawing && one.mix === other.mix &&
      one.faithful === other.faithful &&
      sameTraits(one.traits, other.traits) && sameSets(one.hidden, other.hidden) &&
      sameLook(one.a, other.a) && !one.b === !other.b &&
      (!one.b || sameLook(one.b, other.b));
}

/**
 * Goes on to a new scene as one step of undo; what was undone is forgotten.
 * @param {!Object} state
 * @param {!Object} change A patch of the state, in which `drawing` stands for
 *     the present drawing.
 * @param {string=} open Names a change that goes on until another begins.
 * @return {!Object} A patch of the state. Without a change of the scene the
 *     history stays.
 */
export function step(state, change, open = '') {
  const {history} = state;
  const {drawing = history.present, ...rest} = change;
  const before = sceneOf(state);
  const after = {...sceneOf({...state, ...rest}), drawing};
  if (sameScene(before, after)) return rest;
  const goesOn = open && history.open === open;
  return {
    ...rest,
    history: {
      past: goesOn ?
          history.past : [...history.past, before].slice(-MOST_STEPS),
      present: drawing,
      future: [],
      open,
    },
  };
}

/**
 * @param {!Object} state
 * @return {?Object} A patch of the state; null without a step to undo.
 */
export function undo(state) {
  const {past, future} = state.history;
  if (!past.length) return null;
  return shown(state, past[past.length - 1], {
    past: past.slice(0, -1),
    future: [sceneOf(state), ...future],
  });
}

/**
 * @param {!Object} state
 * @return {?Object} A patch of the state; null without a step to do again.
 */
export function redo(state) {
  const {past, future} = state.history;
  if (!future.length) return null;
  return shown(state, future[0], {
    past: [...past, sceneOf(state)],
    future: future.slice(1),
  });
}

/** The patch that shows a scene. */
function shown(state, {drawing, ...scene}, rest) {
  return {
    ...sceneChange(state, scene),
    history: {...rest, present: drawing, open: ''},
  };
}

/**
 * What a scene says beside its drawing, as a change of the state.
 * @param {!Object} state
 * @param {!Object} scene
 * @return {!Object}
 */
export function sceneChange({looks}, {a, b, mix, traits, hidden, faithful}) {
  // A look may have got its small picture since.
  const newest = (look) =>
    look && (looks.recent.find((other) => sameLook(other, look)) ?? look);
  return {
    looks: {
      ...looks,
      a: newest(a),
      b: newest(b),
      mix,
      traits,
      target: b ? looks.target : 'a',
    },
    hidden,
    faithful,
  };
}
