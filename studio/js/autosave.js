/**
 * @fileoverview Keeps the drawing and its looks in this browser, and brings
 * them back. Each drawing has its own entry, and settings have one for all.
 */

import {startHistory} from './history.js';
import {fromJson} from './format.js';
import {
  fromKept,
  isLook,
  keptText,
  LESS,
  looksFrom,
  traceFrom,
} from './keeping.js';
import {MOST_RECENT, sameLook} from './looks.js';
import {blobOf} from './pictures.js';
import {Shelf} from './shelf.js';

const SHARED = 'limner-studio';
const VERSION = 2;
const WAIT = 400;  // milliseconds after the last change
const SETTINGS = [
  'steadiness', 'mirror', 'guide', 'compare', 'lines', 'theme', 'eraserSize',
  'wholeStrokes', 'keys',
];
const DRAWING = [
  'history', 'labels', 'looks', 'hidden', 'faithful', 'trace', 'name',
  'results',
];

/**
 * What all drawings share, as text.
 * @param {!Object} state
 * @param {boolean} pictures
 * @return {string}
 */
export function sharedText(state, pictures) {
  const {recent} = state.looks;
  return JSON.stringify({
    version: VERSION,
    // What a photo was cut from goes with the drawing alone.
    recent: pictures ? recent.map((look) => ({...look, whole: undefined})) :
        recent.map((look) => ({...look, thumb: '', photo: undefined})),
    settings: Object.fromEntries(SETTINGS.map((key) => [key, state[key]])),
  });
}

/**
 * @param {?string} text
 * @param {!Object} state What is there without it.
 * @return {?{settings: !Object, recent: !Array, old: ?Object}} `old` is what
 *     an earlier studio kept: one drawing for all tabs.
 */
export function fromShared(text, state) {
  try {
    const kept = JSON.parse(text);
    if (kept.version !== VERSION && kept.version !== 1) return null;
    const settings = {};
    for (const key of SETTINGS) {
      if (typeof kept.settings?.[key] === typeof state[key]) {
        settings[key] = kept.settings[key];
      }
    }
    const recent = kept.recent ?? kept.looks?.recent;
    return {
      settings,
      recent: Array.isArray(recent) ? recent.filter(isLook) : [],
      old: kept.version === 1 ? {
        history: startHistory(fromJson(kept.drawing)),
        looks: looksFrom(kept.looks),
      } : null,
    };
  } catch {
    return null;
  }
}

/**
 * A name that no drawing has yet.
 * @param {!Array<string>} names
 * @return {string}
 */
export function freshName(names) {
  let number = names.length + 1;
  while (names.includes(`Drawing ${number}`)) ++number;
  return `Drawing ${number}`;
}

/**
 * A name, with a number where a drawing has it already.
 * @param {string} name
 * @param {!Array<string>} names
 * @return {string}
 */
export function otherName(name, names) {
  let other = name;
  for (let i = 2; names.includes(other); ++i) other = `${name} (${i})`;
  return other;
}

export class Autosave {
  /**
   * @param {!Object} store
   * @param {!Object} status
   */
  constructor(store, status) {
    this.store_ = store;
    this.status_ = status;
    this.shelf = new Shelf();
    this.timer_ = null;
    this.sharedTimer_ = null;
    this.warned_ = false;
    /** The drawing that this one was when it was opened in a second tab. */
    this.copyOf_ = '';
  }

  /**
   * Brings back what was kept, and from then on keeps what changes.
   * @return {!Promise<boolean>} Whether something was kept.
   */
  async start() {
    const shared = fromShared(readShared(), this.store_.get());
    if (shared) this.takeShared_(shared);
    const found = await this.first_(shared?.old);
    this.listen_();
    return !!shared || found;
  }

  takeShared_({settings, recent}) {
    const {looks} = this.store_.get();
    this.store_.set({
      ...settings,
      looks: {...looks, recent: recent.length ? recent : looks.recent},
    });
  }

  /** What this tab begins with. */
  async first_(old) {
    const mine = this.shelf.mine();
    const [newest] = this.list();
    const wanted = mine && this.shelf.read(mine) ? mine : newest?.id;
    if (!wanted) {
      await this.begin(old ?? {});
      return !!old;
    }
    if (await this.open(wanted)) {
      const {history} = this.store_.get();
      if (history.present.strokes.length) {
        this.status_.say('Your last drawing is back.');
      }
      return true;
    }
    await this.copy_(wanted);
    return true;
  }

  /**
   * The drawings that are kept, the newest first.
   * @return {!Array<{id: string, name: string, changed: number,
   *     drawing: !Object}>}
   */
  list() {
    return this.shelf.ids().map((id) => {
      const kept = fromKept(this.shelf.read(id));
      return kept && {
        id, name: kept.patch.name, changed: kept.changed,
        drawing: kept.patch.history.present,
      };
    }).filter(Boolean).sort((a, b) => b.changed - a.changed);
  }

  /**
   * Opens one of the drawings that are kept.
   * @param {string} id
   * @return {!Promise<boolean>} False when another tab has it.
   */
  async open(id) {
    const kept = fromKept(this.shelf.read(id));
    if (!kept) return false;
    this.keepNow();
    if (!await this.shelf.hold(id)) return false;
    this.copyOf_ = '';
    this.take_({...kept.patch, id});
    await this.layTrace(kept.trace);
    return true;
  }

  /** @return {!Array<string>} Those of the drawings that are kept. */
  names() {
    return this.list().map(({name}) => name);
  }

  /** What another tab works on goes on here as a drawing of its own. */
  async copy_(id) {
    const kept = fromKept(this.shelf.read(id));
    const name = `${kept.patch.name || 'Drawing'}, copy`.slice(0, 80);
    await this.begin({...kept.patch, name: otherName(name, this.names())});
    this.copyOf_ = id;
    await this.layTrace(kept.trace);
    this.status_.say('This drawing is open in another tab: here is a copy, ' +
        'which is kept on its own.');
  }

  /**
   * Begins a drawing with an entry of its own, which is there from the first
   * change on, or at once.
   * @param {!Object} patch What it begins with.
   * @param {boolean=} atOnce
   */
  async begin(patch, atOnce = false) {
    this.keepNow();
    const id = Shelf.newId();
    await this.shelf.hold(id);
    this.copyOf_ = '';
    this.take_({
      name: freshName(this.names()), ...patch, id,
    });
    if (atOnce) this.keep_(true);
  }

  take_(patch) {
    const {looks} = this.store_.get();
    const {a, b, mix, traits} = patch.looks ?? looks;
    const known = looks.recent.some((look) => sameLook(look, a));
    this.store_.set({
      hidden: new Set(), selection: new Set(), draft: null, trace: null,
      results: [],
      ...patch,
      looks: {
        ...looks, a, b, mix, traits, target: 'a',
        // What is kept with the drawing knows more of its looks.
        recent: known ?
            looks.recent.map((look) => sameLook(look, a) ? a : look) :
            [a, ...looks.recent].slice(0, MOST_RECENT),
      },
    });
    // What was just brought back need not be kept again.
    clearTimeout(this.timer_);
    this.timer_ = null;
  }

  /**
   * Lays a kept photo under the drawing.
   * @param {?Object} kept Of traceFrom().
   */
  async layTrace(kept) {
    const trace = traceFrom(kept);
    if (!trace) return;
    try {
      const bitmap = await createImageBitmap(blobOf(trace.address));
      this.store_.set({trace: {...trace, bitmap}});
    } catch {
      // A picture that cannot be read any more is simply not there.
    }
  }

  listen_() {
    this.store_.on(DRAWING, () => {
      this.timer_ ??= setTimeout(() => this.keep_(), WAIT);
    });
    this.store_.on(['looks', ...SETTINGS], () => {
      this.sharedTimer_ ??= setTimeout(() => this.keepShared_(), WAIT);
    });
    // A page that is closed or sent to the background keeps the last stroke
    // too.
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') this.keepNow();
    });
    window.addEventListener('pagehide', () => {
      this.keepNow();
      this.shelf.free();
    });
    // A page that comes back from the browser's memory begins anew, so that it
    // has its drawing to itself.
    window.addEventListener('pageshow', ({persisted}) => {
      if (persisted) window.location.reload();
    });
    window.addEventListener('storage', ({key}) => this.seen_(key));
  }

  /** Another tab wrote an entry. */
  async seen_(key) {
    const {id} = this.store_.get();
    if (key === Shelf.key(id)) {
      // Without locks two tabs may have one drawing; here they part.
      const {name} = this.store_.get();
      const next = Shelf.newId();
      await this.shelf.hold(next);
      this.store_.set({id: next, name: `${name}, copy`.slice(0, 80)});
      this.keepNow();
      this.status_.say('This drawing was changed in another tab: yours goes ' +
          'on as a copy.');
    } else if (this.copyOf_ && key === Shelf.key(this.copyOf_)) {
      this.status_.say('The drawing was changed in the other tab. This copy ' +
          'is as it was.');
    }
  }

  /** Keeps what has changed at once. */
  keepNow() {
    if (this.timer_ !== null) this.keep_(true);
    if (this.sharedTimer_ !== null) this.keepShared_();
  }

  keep_(now = false) {
    clearTimeout(this.timer_);
    this.timer_ = null;
    const state = this.store_.get();
    if (state.pen.length && !now) {
      // Writing would hold up the pen.
      this.timer_ = setTimeout(() => this.keep_(), WAIT);
      return;
    }
    const kept = LESS.some((room) =>
      this.shelf.write(state.id, keptText(state, room, Date.now())));
    if (kept || this.warned_) return;
    this.warned_ = true;
    this.status_.say('This browser keeps nothing more: save your drawing as ' +
        'a file, or delete old drawings.');
  }

  keepShared_() {
    clearTimeout(this.sharedTimer_);
    this.sharedTimer_ = null;
    const state = this.store_.get();
    // What other tabs remember stays.
    const theirs = fromShared(readShared(), state)?.recent ?? [];
    const {recent} = state.looks;
    const merged = [...recent, ...theirs.filter((look) =>
      !recent.some((other) => sameLook(other, look)))].slice(0, MOST_RECENT);
    const all = {...state, looks: {...state.looks, recent: merged}};
    writeShared(sharedText(all, true)) || writeShared(sharedText(all, false));
  }
}

function readShared() {
  try {
    return localStorage.getItem(SHARED);
  } catch {
    return null;  // storage is switched off
  }
}

function writeShared(text) {
  try {
    localStorage.setItem(SHARED, text);
    return true;
  } catch {
    return false;
  }
}
