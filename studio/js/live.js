/**
 * @fileoverview Keeps classes and face up with the drawing: labels it, makes a
 * preview, and when nothing changes any more the full picture. One request at
 * a time; what was drawn meanwhile goes into the next.
 */

import * as api from './api.js';
import {classOf} from './drawing.js';
import {toGenerate, toLabel} from './format.js';
import {withGuide} from './guide.js';
import {sceneOf} from './history.js';
import {appearanceOf, photosOf, withKnownTraits} from './looks.js';
import {Pacer} from './pacing.js';
import {labelsOf} from './pieces.js';
import {isOff, toGuide} from './place.js';
import {allStrokes, drawingOf} from './state.js';

/** Least milliseconds between two previews while drawing. */
const INTERVAL = 120;
/** Stillness before the full picture is made. */
const STILL = 700;
/**
 * A stroke has to last so long before there is a preview with half of it, which
 * would be in the way of the one that shows the whole stroke. Longer where a
 * preview takes more than SLOW milliseconds.
 */
const SHORT_STROKE = 150;
const SLOW = 200;
const SHORT_STROKE_SLOW = 300;
/** An answer that takes longer makes one ask whether the server is there. */
const PATIENCE = 5000;
/** Between two looks for a server that is away. */
const AWAY_WAIT = 1000;

/** Faithfulness at which lines are taken as and where they lie. */
const AS_DRAWN = 1;

/** Whose trouble it is. */
const LIVE = 'live';

/** Names this window's drawing to the server. */
const KEY = `studio-${Math.random().toString(36).slice(2)}`;

/**
 * Marks in the page's timeline, so that a test can read how long it took. The
 * measure's detail has when the picture was decoded and painted.
 */
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
    /** AbortController of a run under way that shows half a stroke. */
    this.half_ = null;
    /** What was labelled last: the request's text. */
    this.labelled_ = '';
    this.full_ = null;  // AbortController of the full picture under way
    this.still_ = null;  // timer

    store.on(['pen'], ({pen, face}, before) => {
      if (!pen.length || before.pen.length) return;
      this.pacer_.hold(
          face?.milliseconds > SLOW ? SHORT_STROKE_SLOW : SHORT_STROKE);
    });
    store.on(
        ['history', 'draft', 'pen', 'hidden', 'models', 'faithful'],
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
    // Lines of an older face would be in the way.
    if (this.store_.get().fitted) this.store_.set({fitted: null});
    if (this.store_.get().online) this.pacer_.poke();
  }

  /**
   * A stroke was finished: its preview comes next, and how long it takes is
   * measured.
   * @param {number=} at When the pen was lifted, as performance.now() says it.
   */
  penUp(at = performance.now()) {
    performance.mark(PEN_UP, {startTime: at});
    this.penUpRevision_ = this.revision_;
    this.half_?.abort();
    this.pacer_.release();
  }

  /** @return {!Promise<void>} Never rejects. */
  async run_() {
    const {models, online, pen} = this.store_.get();
    if (!models || !online) return;
    const handled = this.revision_;
    const control = new AbortController();
    this.half_ = pen.length ? control : null;
    this.store_.set({busy: true});
    try {
      await this.watched_(control, async () => {
        const found = await this.found_(control.signal);
        // The face is asked for first: what the page shows of classes can wait.
        const face =
            this.face_(models.preview, control.signal, found?.labels);
        if (found) this.store_.set(found);
        await face;
      });
    } catch (error) {
      if (error.name !== 'AbortError') this.failed_(error);
    }
    this.half_ = null;
    this.store_.set({busy: false, handled});
    if (!this.pacer_.waiting) this.planFull_();
  }

  /**
   * Does what asks the server. When the answer takes long and the server does
   * not even say that it is there, the requests are dropped.
   * @param {!AbortController} control
   * @param {function(): !Promise<void>} work
   */
  async watched_(control, work) {
    let done = false;
    let timer = 0;
    const look = async () => {
      const there = await api.healthy();
      if (done) return;
      if (there) {
        this.status_.trouble('limner is busy; your face is on its way.', LIVE);
        timer = setTimeout(look, PATIENCE);
      } else {
        this.wentAway_();
        control.abort();
      }
    };
    timer = setTimeout(look, PATIENCE);
    try {
      await work();
    } finally {
      done = true;
      clearTimeout(timer);
    }
  }

  planFull_() {
    clearTimeout(this.still_);
    this.still_ = setTimeout(() => this.runFull_(), STILL);
  }

  async runFull_() {
    const {models, online, face, pen} = this.store_.get();
    if (!online || !models?.model || this.pacer_.busy || pen.length) return;
    const full = models.model.size;
    const done = face && face.revision === this.revision_ ? face.side : 0;
    if (!done) return;
    const control = new AbortController();
    this.full_ = control;
    this.store_.set({busy: true});
    try {
      await this.watched_(control, async () => {
        if (done < full) await this.face_(0, control.signal);
        if (!control.signal.aborted) {
          this.store_.set({still: this.store_.get().face});
        }
        await this.fit_(control.signal);
      });
    } catch (error) {
      if (error.name !== 'AbortError') this.failed_(error);
    }
    if (this.full_ === control) this.full_ = null;
    if (!this.pacer_.busy) this.store_.set({busy: false});
  }

  /**
   * Asks what the strokes are, when they are others than last time.
   * @param {!AbortSignal=} signal
   */
  async label_(signal) {
    const found = await this.found_(signal);
    if (found) this.store_.set(found);
  }

  /**
   * As label_(), but tells what is to be changed of the state.
   * @param {!AbortSignal=} signal
   * @return {!Promise<?{labels: !Map, looksLikeFace: boolean}>} Null where it
   *     is known already.
   */
  async found_(signal) {
    const {models} = this.store_.get();
    const strokes = allStrokes(this.store_.get());
    if (!models.labeler || !strokes.length) return null;
    if (strokes.every(({fixed}) => fixed)) {
      return {labels: this.store_.get().labels, looksLikeFace: true};
    }
    const text = api.labelText(withGuide(toLabel(strokes)));
    // The same lines may have come back under new ids.
    const known = strokes.every(
        (stroke) => classOf(stroke, this.store_.get().labels));
    if (text === this.labelled_ && known) return null;
    let answer;
    try {
      answer = await api.label(text, signal);
    } catch (error) {
      if (error.status !== 400 && error.status !== 422) throw error;
      // Not a face yet, or one that limner cannot make out.
      this.status_.hint(error.message);
      return null;
    }
    this.labelled_ = text;
    const before = this.store_.get().labels;
    const labels = new Map(before);
    let changed = false;
    labelsOf(answer.strokes, strokes.length).forEach((found, i) => {
      const {id, fixed} = strokes[i];
      if (!found || fixed || same(found, before.get(id))) return;
      labels.set(id, found);
      changed = true;
    });
    return {labels: changed ? labels : before, looksLikeFace: answer.face};
  }

  /**
   * @param {number} side Of the picture; 0 for the model's own.
   * @param {?AbortSignal} signal
   * @param {!Map=} labels Those of the state, or what comes in their place.
   */
  async face_(side, signal, labels = this.store_.get().labels) {
    const state = this.store_.get();
    const {looks, hidden, models} = state;
    if (!models.model) return;
    const revision = this.revision_;
    const all = allStrokes(state);
    const drawing = toGenerate(all, labels, hidden);
    if (!drawing.strokes.length) {
      // Strokes that have no class yet leave the last face where it is.
      const known = all.some((stroke) => classOf(stroke, labels));
      if (!all.length || known) this.show_(null, revision);
      return;
    }
    const {blob, milliseconds, faithful} = await this.withPhotos_(
        this.wish_(drawing, sceneOf(state), side), looks, signal);
    const bitmap = await createImageBitmap(blob);
    if (signal?.aborted) {
      bitmap.close();
      return;
    }
    const decoded = performance.now();
    this.show_({
      bitmap,
      side: bitmap.width,
      milliseconds,
      faithful,
      revision,
      looks,
    }, revision, decoded);
    this.status_.clearTrouble(LIVE);
  }

  /**
   * Generates, and once more when a photo had to be sent again.
   * @param {!Object} wish
   * @param {!Object} looks Those of the studio, or a scene.
   * @param {!AbortSignal=} signal
   */
  async withPhotos_(wish, looks, signal) {
    try {
      return await api.generate(wish, signal);
    } catch (error) {
      const photos = photosOf(looks);
      if (error.status !== 404 || !photos.length) throw error;
      await Promise.all(photos.map((look) => this.renewPhoto_(look)));
      // The looks in use may have got other ids by that.
      const used = !looks.drawing;
      return api.generate(
          used ? {...wish, appearance: this.appearance_(
              this.store_.get().looks)} : wish, signal);
    }
  }

  show_(face, revision, decoded = performance.now()) {
    this.store_.set({face});
    const painted = performance.now();
    if (!face || revision < this.penUpRevision_) return;
    this.penUpRevision_ = Infinity;
    // After the next frame the picture is on the screen.
    requestAnimationFrame(() => {
      if (performance.getEntriesByName(PEN_UP).length) {
        performance.measure(
            PEN_UP_TO_PREVIEW, {start: PEN_UP, detail: {decoded, painted}});
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
    setTimeout(async () => {
      if (!await api.healthy()) {
        this.waitForServer_();
        return;
      }
      this.store_.set({online: true});
      this.status_.clearTrouble(LIVE);
      this.status_.say('limner is back.');
      this.labelled_ = '';
      if (!this.store_.get().models) await this.start();
      this.changed();
    }, AWAY_WAIT);
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
    return this.pictureOf_(
        {...sceneOf(this.store_.get()), drawing: drawingOf(this.store_.get())},
        format);
  }

  /**
   * The full picture of a scene.
   * @param {!Object} scene
   * @return {!Promise<!ImageBitmap>}
   */
  async pictureOf(scene) {
    return createImageBitmap(await this.pictureOf_(scene, 'jpeg'));
  }

  /**
   * Small faces of the drawing with several looks.
   * @param {function(): !Array<!Object>} looksOf {a, b, mix} of each, anew when
   *     photos had to be sent again.
   * @param {function(number, !Blob)} tell Hears of each as it comes.
   * @param {!AbortSignal} signal
   * @return {!Promise<void>} Once all are there.
   * @throws {ApiError}
   */
  async variations(looksOf, tell, signal) {
    await this.label_(signal);
    const state = this.store_.get();
    const {labels, hidden, models} = state;
    const drawing = toGenerate(drawingOf(state).strokes, labels, hidden);
    const ask = () => {
      const {appearance, ...wish} =
          this.wish_(drawing, sceneOf(state), models.preview);
      return api.variations({
        ...wish, appearances: looksOf().map((one) => this.appearance_(one)),
        key: `${KEY}-variations`,
      }, tell, signal);
    };
    try {
      await ask();
    } catch (error) {
      const photos = looksOf().flatMap(photosOf);
      if (error.status !== 404 || !photos.length) throw error;
      await this.renewPhoto_(photos[0]);
      await ask();
    }
  }

  async pictureOf_(scene, format) {
    const {labels} = this.store_.get();
    const wish = this.wish_(
        toGenerate(scene.drawing.strokes, labels, scene.hidden), scene, 0);
    return (await this.withPhotos_(
        {...wish, format, key: `${KEY}-save`}, scene)).blob;
  }

  /** Looks as the server is asked for them. */
  appearance_(looks) {
    return appearanceOf(
        withKnownTraits(looks, this.store_.get().models?.traits));
  }

  /** What the server is asked for. */
  wish_(drawing, {a, b, mix, traits, faithful}, side) {
    return {
      drawing,
      appearance: this.appearance_({a, b, mix, traits}),
      size: side,
      format: 'jpeg',
      quality: side ? 90 : 95,
      faithful,
      frame: faithful !== AS_DRAWN && isOff(toGuide(drawing.strokes)),
      key: KEY,
    };
  }

  /**
   * Shows the lines of the face that was made, where those are others than the
   * drawing's.
   */
  async fit_(signal) {
    const state = this.store_.get();
    const {models, faithful, labels, hidden} = state;
    const drawing =
        toGenerate(drawingOf(state).strokes, labels, hidden);
    let fitted = null;
    if (models.fit && faithful !== AS_DRAWN && drawing.strokes.length) {
      const {fit} = await api.fit(drawing, faithful, signal);
      const changed = fit?.parts.some(({change}) => change !== 'kept');
      if (changed) fitted = fit.drawing.strokes;
    }
    if (!signal?.aborted) this.store_.set({fitted});
  }
}

/** Whether two labels say the same. */
function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
