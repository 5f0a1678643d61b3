/**
 * @fileoverview Faces made so far, each with the drawing and looks that it came
 * from: back to any, keep some, see two side by side.
 */

import {byId, make} from './dom.js';
import {sameFace, sceneChange, sceneOf, step} from './history.js';
import {thumbnail} from './pictures.js';
import {drawingOf} from './state.js';

const THUMB = 96;
/** Results beside the pinned ones. */
const MOST = 12;
const FEWEST_LINES = 3;
const QUIET = 150;  // milliseconds

/**
 * Adds a result; older ones that are not pinned make room.
 * @param {!Array<!Object>} results The newest last.
 * @param {!Object} result
 * @param {number=} most
 * @return {!Array<!Object>}
 */
export function withResult(results, result, most = MOST) {
  const all = [...results, result];
  const loose = all.filter(({pinned}) => !pinned);
  const gone = new Set(loose.slice(0, Math.max(0, loose.length - most)));
  return all.filter((one) => !gone.has(one));
}

export class Results {
  /** @param {!Object} studio */
  constructor({store, status, live}) {
    this.store_ = store;
    this.status_ = status;
    this.live_ = live;
    this.list_ = byId('results');
    this.comparing_ = false;
    byId('result-pin').addEventListener('click', () => this.pin_());
    byId('result-compare').addEventListener('click', () => this.compare_());
    store.on(['still'], () => this.faceChanged_());
    store.on(['results', 'other'], () => this.show_());
    store.on(['id'], () => {
      this.comparing_ = false;
      store.set({other: null});
    });
    // Marking waits for a quiet moment: the pen comes first.
    let timer = 0;
    store.on(['history', 'looks', 'hidden', 'faithful'], () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.mark_(), QUIET);
    });
    this.show_();
  }

  /** A full picture at which the pen has rested is a result. */
  faceChanged_() {
    const state = this.store_.get();
    const {face, models, results} = state;
    if (!face || !models?.model || face.side < models.model.size ||
        face.revision !== state.revision ||
        drawingOf(state).strokes.length < FEWEST_LINES) {
      return;
    }
    const scene = sceneOf(state);
    const known = results.find((one) => sameFace(one.scene, scene));
    if (known) {
      this.store_.set({results: results.map((one) => one === known ?
          {...known, bitmap: face.bitmap} : one)});
      return;
    }
    this.store_.set({results: withResult(results, {
      number: 1 + Math.max(0, ...results.map(({number}) => number)),
      scene, bitmap: face.bitmap,
      thumb: thumbnail(face.bitmap, THUMB), pinned: false,
    })});
  }

  /** The result that the studio shows now. */
  current_() {
    const state = this.store_.get();
    const scene = sceneOf(state);
    return state.results.find((one) => sameFace(one.scene, scene));
  }

  pin_() {
    const current = this.current_();
    if (!current) {
      this.status_.say('Wait for the full picture, then pin it.');
      return;
    }
    const {results} = this.store_.get();
    this.store_.set({results: results.map((one) =>
      one === current ? {...one, pinned: !one.pinned} : one)});
    this.status_.say(current.pinned ?
        `Result ${current.number} is not pinned any more.` :
        `Result ${current.number} is pinned.`);
  }

  compare_() {
    if (this.comparing_ || this.store_.get().other) {
      this.comparing_ = false;
      this.store_.set({other: null});
      this.show_();
      return;
    }
    this.comparing_ = true;
    this.show_();
    this.status_.say('Choose a result to see beside this face.');
  }

  async chosen_(result) {
    if (this.comparing_) {
      this.comparing_ = false;
      try {
        const bitmap =
            result.bitmap ?? await this.live_.pictureOf(result.scene);
        this.store_.set({other: {...result, bitmap}});
        this.status_.say(`Result ${result.number} beside the face of now.`);
      } catch (error) {
        this.status_.trouble(error.message);
      }
      this.show_();
      return;
    }
    const state = this.store_.get();
    this.store_.set(step(state, {
      ...sceneChange(state, result.scene),
      drawing: result.scene.drawing,
      selection: new Set(),
    }));
    this.status_.say(`Back to result ${result.number}. Undo takes it back.`);
  }

  show_() {
    const {results, other} = this.store_.get();
    byId('results-box').hidden = !results.length;
    const focused = this.list_.contains(document.activeElement) ?
        document.activeElement.dataset.number : null;
    this.list_.replaceChildren(...results.map((result) => make('li', {},
        make('button', {
          'type': 'button',
          'class': `result${result.pinned ? ' pinned' : ''}`,
          'data-number': result.number,
          'aria-label': `Result ${result.number}` +
              (result.pinned ? ', pinned' : ''),
          'title': this.comparing_ ? 'See it beside this face' :
              'Back to this drawing and looks',
          'onclick': () => this.chosen_(result),
        }, make('img', {src: result.thumb, alt: ''})))));
    if (focused) {
      this.list_.querySelector(`[data-number="${focused}"]`)?.focus();
    }
    byId('result-compare').setAttribute(
        'aria-pressed', String(this.comparing_ || !!other));
    this.showOther_(other);
    this.mark_();
  }

  showOther_(other) {
    const canvas = byId('other-face');
    canvas.hidden = !other;
    byId('face-pane').classList.toggle('comparing', !!other);
    if (!other) return;
    canvas.width = canvas.height = other.bitmap.width;
    canvas.getContext('2d').drawImage(other.bitmap, 0, 0);
    canvas.setAttribute(
        'aria-label', `Result ${other.number}, to compare with`);
  }

  /** Says which result the studio shows now. */
  mark_() {
    if (!this.store_.get().results.length) return;
    const current = this.current_();
    for (const button of this.list_.querySelectorAll('button')) {
      const is = Number(button.dataset.number) === current?.number;
      button.toggleAttribute('data-current', is);
      if (is) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
      if (is) reveal(this.list_, button);
    }
    byId('result-pin').setAttribute(
        'aria-pressed', String(!!current?.pinned));
  }
}

/** Scrolls a list, and nothing around it, so that one of its items is seen. */
function reveal(list, item) {
  const [outer, inner] = [list, item].map((e) => e.getBoundingClientRect());
  list.scrollLeft += Math.max(0, inner.right - outer.right) +
      Math.min(0, inner.left - outer.left);
  list.scrollTop += Math.max(0, inner.bottom - outer.bottom) +
      Math.min(0, inner.top - outer.top);
}
