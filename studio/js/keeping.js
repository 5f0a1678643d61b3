/**
 * @fileoverview A drawing as text for the browser's memory: lines, classes,
 * looks, what is hidden, and the last steps of undo.
 */

import {emptyDrawing, SIDE} from './drawing.js';
import {fromJson, lineJson} from './format.js';
import {startHistory} from './history.js';
import {firstLooks} from './looks.js';
import {placeFrom} from './photo_place.js';

const VERSION = 2;
/** Steps that are kept before and after the present. */
const PAST_STEPS = 40;
const FUTURE_STEPS = 20;

/** How much of a drawing is kept where there is little room. */
export const ALL = {steps: true, pictures: true};
export const LESS = [
  ALL, {steps: false, pictures: true}, {steps: false, pictures: false},
];

/** What a look is without. */
const NO_PHOTO = {photo: undefined, whole: undefined};

/** Strokes never change: each is turned into text once. */
const texts = new WeakMap();

function strokeText(stroke) {
  let text = texts.get(stroke);
  if (text === undefined) {
    const {id, fixed} = stroke;
    text = JSON.stringify({id, fixed, ...lineJson(stroke)});
    texts.set(stroke, text);
  }
  return text;
}

/**
 * Numbers in a row as their first and last: most steps are a line more than the
 * step before.
 * @param {!Array<number>} numbers
 * @return {!Array<number|!Array<number>>}
 */
function runsOf(numbers) {
  const runs = [];
  for (const number of numbers) {
    const run = runs[runs.length - 1];
    if (run && run[1] + 1 === number) {
      run[1] = number;
    } else {
      runs.push([number, number]);
    }
  }
  return runs.map(([from, to]) => from === to ? from : [from, to]);
}

/**
 * @param {!Object} state
 * @param {{steps: boolean, pictures: boolean}} room
 * @param {number} now Milliseconds.
 * @return {string}
 */
export function keptText(state, room, now) {
  const {history, labels, looks, hidden, faithful, trace, name, results} =
      state;
  const table = new Map();  // stroke to its place among all
  const indices = (drawing) => drawing.strokes.map((stroke) => {
    if (!table.has(stroke)) table.set(stroke, table.size);
    return table.get(stroke);
  });
  const look = (one) => one && (room.pictures ?
      one : {...one, thumb: '', ...NO_PHOTO});
  const scene = (one) => ({
    strokes: runsOf(indices(one.drawing)), a: look({...one.a, ...NO_PHOTO}),
    b: one.b && look({...one.b, ...NO_PHOTO}), mix: one.mix,
    traits: one.traits,
    hidden: [...one.hidden], faithful: one.faithful,
  });
  const present = indices(history.present);
  const pins = results.filter(({pinned}) => pinned).map((one) => (
    {number: one.number, thumb: one.thumb, ...scene(one.scene)}));
  const past = room.steps ? history.past.slice(-PAST_STEPS).map(scene) : [];
  const future =
      room.steps ? history.future.slice(0, FUTURE_STEPS).map(scene) : [];
  const ids = new Set(history.present.strokes.map(({id}) => id));
  const rest = JSON.stringify({
    version: VERSION, name, changed: now, side: SIDE,
    nextId: history.present.nextId, present, past, future, pins,
    labels: [...labels].filter(([id]) => ids.has(id)),
    looks: {
      a: look(looks.a), b: look(looks.b), mix: looks.mix, traits: looks.traits,
    },
    hidden: [...hidden], faithful,
    trace: trace && room.pictures ?
        {...trace, bitmap: undefined} : null,
  });
  // The strokes' texts are made already; all are put together in one go, since
  // the whole is large.
  const strokes = [...table.keys()].map(strokeText);
  return [rest.slice(0, -1), ',"strokes":[', strokes.shift() ?? '',
    ...strokes.flatMap((text) => [',', text]), ']}'].join('');
}

/** Whether something is a look that can be used. */
export function isLook(look) {
  return !!look && (look.kind === 'seed' ?
      Number.isSafeInteger(look.seed) && look.seed >= 0 :
      look.kind === 'photo' && typeof look.id === 'string');
}

/**
 * The looks of a file or of the browser's memory.
 * @param {*} kept
 * @return {{a: !Object, b: ?Object, mix: number, traits: !Object}}
 */
export function looksFrom(kept) {
  if (!isLook(kept?.a)) {
    const {a, b, mix, traits} = firstLooks();
    return {a, b, mix, traits};
  }
  return {
    a: kept.a,
    b: isLook(kept.b) ? kept.b : null,
    mix: kept.mix >= 0 && kept.mix <= 1 ? kept.mix : 0.5,
    traits: traitsFrom(kept.traits),
  };
}

/** Numbers of -1 to 1 by plain names. */
function traitsFrom(kept) {
  return Object.fromEntries(Object.entries(kept ?? {}).filter(
      ([id, amount]) => /^[a-z0-9_]{1,24}$/.test(id) && amount !== 0 &&
          typeof amount === 'number' && Math.abs(amount) <= 1).slice(0, 32));
}

/**
 * Nothing but a picture within the text itself.
 * @param {*} text
 * @return {string} '' for anything else.
 */
export function pictureAddress(text) {
  return /^data:image\/(jpeg|png|webp);base64,[A-Za-z0-9+/=]*$/.test(text) ?
      text : '';
}

/**
 * The photo to trace, without its bitmap.
 * @param {*} kept
 * @return {?Object} Null where there is none.
 */
export function traceFrom(kept) {
  const address = pictureAddress(kept?.address);
  if (!address) return null;
  const {opacity, shown, place} = kept;
  return {
    address,
    opacity: opacity >= 0.05 && opacity <= 1 ? opacity : 0.45,
    shown: shown !== false,
    place: placeFrom(place),
  };
}

/** Classes that are hidden, of a list. */
export const hiddenFrom = (kept) => new Set(
    (Array.isArray(kept) ? kept : []).filter(Number.isInteger));

/** "auto" or 0 to 1. */
export const faithfulFrom = (kept) =>
  kept >= 0 && kept <= 1 && typeof kept === 'number' ? kept : 'auto';

/**
 * @param {?string} text
 * @return {?{patch: !Object, trace: ?Object, changed: number}} What to put into
 *     the state; null when the text is of no use.
 */
export function fromKept(text) {
  try {
    const kept = JSON.parse(text);
    if (kept.version !== VERSION) return null;
    // Checked as strangers' drawings are: others may have written there.
    const checked = fromJson({
      format: 'limner-drawing', version: 1, side: kept.side,
      strokes: kept.strokes.map((s) => ({...s, class: s.fixed, fixed: true})),
    }).strokes;
    const strokes = checked.map((stroke, i) => {
      const {id} = kept.strokes[i];
      if (!Number.isSafeInteger(id) || id < 1) throw new Error('id');
      return {...stroke, id};
    });
    const nextId = Math.max(
        Number.isSafeInteger(kept.nextId) ? kept.nextId : 1,
        ...strokes.map(({id}) => id + 1));
    const drawing = (runs) => ({
      ...emptyDrawing(), nextId, strokes: runs.flatMap((run) => {
        const [from, to] = typeof run === 'number' ? [run, run] : run;
        if (!(from <= to && strokes[from] && strokes[to])) {
          throw new Error('no such stroke');
        }
        return strokes.slice(from, to + 1);
      }),
    });
    const scene = (one) => ({
      ...looksFrom(one), drawing: drawing(one.strokes),
      hidden: hiddenFrom(one.hidden), faithful: faithfulFrom(one.faithful),
    });
    const looks = looksFrom(kept.looks);
    const results = (kept.pins ?? []).map((one) => ({
      number: Number(one.number) || 0, thumb: pictureAddress(one.thumb),
      scene: scene(one), bitmap: null, pinned: true,
    }));
    return {
      changed: kept.changed ?? 0,
      trace: kept.trace,
      patch: {
        name: typeof kept.name === 'string' ? kept.name.slice(0, 80) : '',
        history: {
          ...startHistory(drawing(kept.present)),
          past: kept.past.map(scene),
          future: kept.future.map(scene),
        },
        results,
        labels: new Map(kept.labels.filter(
            ([id, label]) => Number.isInteger(id) && label?.class > 0)),
        looks,
        hidden: hiddenFrom(kept.hidden),
        faithful: faithfulFrom(kept.faithful),
      },
    };
  } catch {
    return null;
  }
}
