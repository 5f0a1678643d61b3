/**
 * @fileoverview Keeps the drawing and its looks in this browser, and brings
 * them back.
 */

import {startHistory} from './history.js';
import {fromJson, toFile} from './format.js';
import {firstLooks} from './looks.js';
import {blobOf} from './pictures.js';

const NAME = 'limner-studio';
const VERSION = 1;
const WAIT = 400;  // milliseconds after the last change
const SETTINGS = [
  'steadiness', 'mirror', 'guide', 'compare', 'lines', 'theme', 'eraserSize',
  'wholeStrokes', 'keys',
];

/**
 * What is kept, as text. Without pictures it always fits.
 * @param {!Object} state
 * @param {boolean} pictures
 * @return {string}
 */
export function keptText(state, pictures) {
  const {history, labels, looks, trace} = state;
  const look = (one) => one && (pictures ?
      one :
      {...one, thumb: '', photo: undefined});
  return JSON.stringify({
    version: VERSION,
    drawing: toFile(history.present.strokes, labels),
    looks: {...looks, a: look(looks.a), b: look(looks.b),
      recent: looks.recent.map(look)},
    trace: trace && pictures ?
        {address: trace.address, opacity: trace.opacity, shown: trace.shown} :
        null,
    settings: Object.fromEntries(SETTINGS.map((key) => [key, state[key]])),
  });
}

/**
 * @param {string} text
 * @param {!Object} state What is there without it.
 * @return {?Object} A patch of the state; null when the text is of no use.
 */
export function patchOf(text, state) {
  try {
    const kept = JSON.parse(text);
    if (kept.version !== VERSION) return null;
    const patch = {history: startHistory(fromJson(kept.drawing))};
    for (const key of SETTINGS) {
      if (typeof kept.settings?.[key] === typeof state[key]) {
        patch[key] = kept.settings[key];
      }
    }
    patch.looks = looksOf(kept.looks);
    return {patch, trace: kept.trace};
  } catch {
    return null;
  }
}

function looksOf(kept) {
  const fine = (look) => !!look && (look.kind === 'seed' ?
      Number.isSafeInteger(look.seed) && look.seed >= 0 :
      look.kind === 'photo' && typeof look.id === 'string');
  if (!fine(kept?.a)) return firstLooks();
  const recent = Array.isArray(kept.recent) ? kept.recent.filter(fine) : [];
  return {
    a: kept.a,
    b: fine(kept.b) ? kept.b : null,
    mix: kept.mix >= 0 && kept.mix <= 1 ? kept.mix : 0.5,
    target: kept.target === 'b' && fine(kept.b) ? 'b' : 'a',
    recent: recent.length ? recent : [kept.a],
  };
}

/**
 * Brings back what was kept, and from then on keeps what changes.
 * @param {!Object} store
 * @param {!Object} status
 * @return {!Promise<boolean>} Whether something was kept.
 */
export async function startAutosave(store, status) {
  const text = read();
  const found = text && patchOf(text, store.get());
  if (found) {
    store.set(found.patch);
    if (found.patch.history.present.strokes.length) {
      status.say('Your last drawing is back.');
    }
    await bringBackTrace(store, found.trace);
  }
  let timer = null;
  let warned = false;
  const keep = () => {
    clearTimeout(timer);
    timer = null;
    if (store.get().pen.length && document.visibilityState === 'visible') {
      timer = setTimeout(keep, WAIT);  // writing would hold up the pen
      return;
    }
    if (write(keptText(store.get(), true)) ||
        write(keptText(store.get(), false)) || warned) {
      return;
    }
    warned = true;
    status.say('This browser keeps nothing: save your drawing as a file.');
  };
  store.on(['history', 'labels', 'looks', 'trace', ...SETTINGS], () => {
    timer ??= setTimeout(keep, WAIT);
  });
  // A page that is closed or sent to the background keeps the last stroke too.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && timer !== null) keep();
  });
  return !!found;
}

async function bringBackTrace(store, trace) {
  if (!trace?.address) return;
  try {
    const bitmap = await createImageBitmap(blobOf(trace.address));
    store.set({trace: {...trace, bitmap}});
  } catch {
    // A picture that cannot be read any more is simply not there.
  }
}

function read() {
  try {
    return localStorage.getItem(NAME);
  } catch {
    return null;  // storage is switched off
  }
}

function write(text) {
  try {
    localStorage.setItem(NAME, text);
    return true;
  } catch {
    return false;
  }
}
