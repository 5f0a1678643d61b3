/**
 * @fileoverview Keeps classes and face up with the drawing: labels it, makes a
 * preview, and when nothing changes any more the full picture. One request at
 * a time; what was drawn meanwhile goes into the next.
 */

import * as api from './api.js';
import {classOf} from './drawing.js';
import {toGenerate, toLabel} from './format.js';
import {appearanceOf, photosOf} from './looks.js';
import {Pacer} from './pacing.js';
import {allStrokes, drawingOf} from './state.js';

/** Least milliseconds between two previews while drawing. */
const INTERVAL = 120;
/** Stillness before the full picture is made. */
const STILL = 700;
/**
 * Where a preview takes more than SLOW milliseconds, a stroke has to last for
 * SHORT_STROKE before there is one: it would be in the way of the preview that
 * shows the whole stroke.
 */
const SLOW = 200;
const SHORT_STROKE = 300;
const AWAY_WAITS = [1000, 2000, 4000, 8000];

/** Whose trouble it is. */
const LIVE = 'live';

/** Names this window's drawing to the server. */
const KEY = `studio-${Math.random().toString(36).slice(2)}`;

/** Marks in the page's timeline, so that a test can read how long it took. */
export const PEN_UP = 'limner:pen-up';
export const PEN_UP_TO_PREVIEW = 'limner:pen-up-to-preview';

export class Live {
  /**
   * @param {!Object} store
   * @param {!Object} status Speaks to the person.
   * @param {function(!Object): !Promise<!Object>} renewPhoto Sends a photo
   *     that the server has forgotten again.
   */
  constructor(store, status, renewPhoto) {
    this.store_ = store;
    this.status_ = status;
    this.renewPhoto_ = renewPhoto;
    this.pacer_ = new Pacer(() => this.run_(), INTERVAL);
    /** Counts what changed and would change the face. */
    this.revision_ = 0;
    this.penUpRevision_ = Infinity;
    /** What was labelled last: the request's text. */
    this.labelled_ = '';
    this.full_ = null;  // AbortController of the full picture under way
    this.still_ = null;  // timer
    this.awayTries_ = 0;

    store.on(['pen'], ({pen, face}, before) => {
      if (!pen.length || before.pen.length) return;
      if (face?.milliseconds > SLOW) this.pacer_.hold(SHORT_STROKE);
    });
    store.on(
        ['history', 'draft', 'pen', 'hidden', 'models'],
        () => this.changed());
    store.on(['looks'], ({looks}, before) => {
      // Small pictures of looks come and go without a change of the face.
      const text = (one) => JSON.stringify(appearanceOf(one));
      if (text(looks) !== text(before.looks)) this.changed();
    });
  }

  /** Something changed that the face depends on. */
  changed() {
    this.store_.set({revision: ++this.revision_});
    clearTimeout(this.still_);
    this.full_?.abort();
    if (this.store_.get().online) this.pacer_.poke();
  }

  /** A stroke was finished: measures until a preview shows it. */
  penUp() {
    performance.mark(PEN_UP);
    this.penUpRevision_ = this.revision_;
    this.pacer_.release();
  }

  /** @return {!Promise<void>} Never rejects. */
  async run_() {
    const {models, online} = this.store_.get();
    if (!models || !online) return;
    const handled = this.revision_;
    this.store_.set({busy: true});
    try {
      await this.label_();
      await this.face_(models.preview, null);
    } catch (error) {
      this.failed_(error);
    }
    this.store_.set({busy: false, handled});
    if (!this.pacer_.waiting) this.planFull_();
  }

  planFull_() {
    clearTimeout(this.still_);
    this.still_ = setTimeout(() => this.runFull_(), STILL);
  }

  async runFull_() {
    const {models, online, face, pen} = this.store_.get();
    if (!online || !models?.model || this.pacer_.busy || pen.length) return;
    const done = face && face.revision === this.revision_;
    if (!done || face.side >= models.model.size) return;
    const control = new AbortController();
    this.full_ = control;
    this.store_.set({busy: true});
    try {
      await this.face_(0, control.signal);
    } catch (error) {
      if (error.name !== 'AbortError') this.failed_(error);
    }
    if (this.full_ === control) this.full_ = null;
    if (!this.pacer_.busy) this.store_.set({busy: false});
  }

  /** Asks what the strokes are, when they are others than last time. */
  async label_() {
    const {models} = this.store_.get();
    const strokes = allStrokes(this.store_.get());
    if (!models.labeler || !strokes.length) return;
    const drawing = toLabel(strokes);
    const text = JSON.stringify(drawing);
    // The same lines may have come back under new ids.
    const known = strokes.every(
        (stroke) => classOf(stroke, this.store_.get().labels));
    if (text === this.labelled_ && known) return;
    let answer;
    try {
      answer = await api.label(drawing);
    } catch (error) {
      if (error.status !== 400 && error.status !== 422) throw error;
      // Not a face yet, or one that limner cannot make out.
      this.status_.hint(error.message);
      return;
    }
    this.labelled_ = text;
    // New objects only where something changed would save little: the map is
    // small, and everything that shows classes is drawn anew anyway.
    const labels = new Map(this.store_.get().labels);
    strokes.forEach((stroke, i) => {
      const found = answer.strokes[i];
      if (found && !stroke.fixed) labels.set(stroke.id, found);
    });
    this.store_.set({labels, looksLikeFace: answer.face});
  }

  /**
   * @param {number} side Of the picture; 0 for the model's own.
   * @param {?AbortSignal} signal
   */
  async face_(side, signal) {
    const state = this.store_.get();
    const {labels, looks, hidden, models} = state;
    if (!models.model) return;
    const revision = this.revision_;
    const all = allStrokes(state);
    const known = all.filter((stroke) => classOf(stroke, labels));
    const strokes =
        known.filter((stroke) => !hidden.has(classOf(stroke, labels)));
    if (!strokes.length) {
      // Strokes that have no class yet leave the last face where it is.
      if (!all.length || known.length) this.show_(null, revision);
      return;
    }
    const wish = {
      drawing: toGenerate(strokes, labels),
      appearance: appearanceOf(looks),
      size: side,
      format: 'jpeg',
      quality: side ? 90 : 95,
      frame: false,
      key: KEY,
    };
    const {blob, milliseconds} = await this.withPhotos_(wish, looks, signal);
    const bitmap = await createImageBitmap(blob);
    if (signal?.aborted) return;
    this.show_({
      bitmap,
      side: bitmap.width,
      milliseconds,
      revision,
      looks,
    }, revision);
    this.awayTries_ = 0;
    this.status_.clearTrouble(LIVE);
  }

  /** Generates, and once more when a photo had to be sent again. */
  async withPhotos_(wish, looks, signal) {
    try {
      return await api.generate(wish, signal);
    } catch (error) {
      const photos = photosOf(looks);
      if (error.status !== 404 || !photos.length) throw error;
      await Promise.all(photos.map((look) => this.renewPhoto_(look)));
      return api.generate(
          {...wish, appearance: appearanceOf(this.store_.get().looks)},
          signal);
    }
  }

  show_(face, revision) {
    this.store_.set({face});
    if (!face || revision < this.penUpRevision_) return;
    this.penUpRevision_ = Infinity;
    // After the next frame the picture is on the screen.
    requestAnimationFrame(() => {
      if (performance.getEntriesByName(PEN_UP).length) {
        performance.measure(PEN_UP_TO_PREVIEW, {start: PEN_UP});
      }
    });
  }

  failed_(error) {
    if (error.status === 409) return;  // a newer one is on its way
    if (error.status === 503) {
      this.status_.trouble(
          `limner is busy; trying again in ${error.retryAfter} s.`, LIVE);
      this.pacer_.pause(1000 * error.retryAfter);
      this.pacer_.poke();
    } else if (error.away) {
      this.wentAway_();
    } else {
      this.status_.trouble(error.message ?? String(error), LIVE);
    }
  }

  /** Waits for the server to come back. */
  wentAway_() {
    if (!this.store_.get().online) return;
    this.store_.set({online: false});
    this.status_.trouble(
        'limner does not answer. Your drawing is kept here; trying again.',
        LIVE);
    this.waitForServer_();
  }

  waitForServer_() {
    const wait = AWAY_WAITS[Math.min(this.awayTries_, AWAY_WAITS.length - 1)];
    ++this.awayTries_;
    setTimeout(async () => {
      if (!await api.healthy()) {
        this.waitForServer_();
        return;
      }
      this.awayTries_ = 0;
      this.store_.set({online: true});
      this.status_.clearTrouble(LIVE);
      this.status_.say('limner is back.');
      this.labelled_ = '';
      if (!this.store_.get().models) await this.start();
      this.changed();
    }, wait);
  }

  /** Asks what the server can do. */
  async start() {
    try {
      this.store_.set({models: await api.models(), online: true});
    } catch (error) {
      this.failed_(error);
    }
  }

  /**
   * The full picture in a format, for saving.
   * @param {string} format
   * @return {!Promise<!Blob>}
   */
  async picture(format) {
    await this.label_();
    const {looks, labels, hidden} = this.store_.get();
    const strokes = drawingOf(this.store_.get()).strokes.filter(
        (stroke) => !hidden.has(classOf(stroke, labels)));
    const wish = {
      drawing: toGenerate(strokes, labels),
      appearance: appearanceOf(looks),
      size: 0,
      format,
      quality: 95,
      frame: false,
      key: `${KEY}-save`,
    };
    return (await this.withPhotos_(wish, looks)).blob;
  }
}
