/**
 * @fileoverview Suggestions while drawing: faint lines of the parts that the
 * drawing lacks, where a plausible face of its outline would have them. Nothing
 * snaps to them; a click on one, or on its button below, takes it over. They
 * come and go with the guide.
 */

import {lines} from './actions.js';
import * as api from './api.js';
import {byId, make} from './dom.js';
import {addStrokes} from './drawing.js';
import {toGenerate} from './format.js';
import {distanceToLine, nearest} from './geometry.js';
import {step} from './history.js';

/** The pen comes first: milliseconds of rest. */
const QUIET = 200;

/**
 * What is offered as one, and whether it is shown without being asked for:
 * brows, hair and neck would hide what is drawn.
 */
const GROUPS = [
  {name: 'outline', parts: ['outline'], shown: true},
  {name: 'eyes', parts: ['left eye', 'right eye'], shown: true},
  {name: 'brows', parts: ['left brow', 'right brow'], shown: false},
  {name: 'nose', parts: ['nose'], shown: true},
  {name: 'mouth', parts: ['mouth'], shown: true},
  {name: 'hair', parts: ['hair'], shown: false},
  {name: 'neck', parts: ['neck'], shown: false},
];

/**
 * The server's parts as they are offered.
 * @param {?Array<{part: string, drawing: !Object}>} guide
 * @return {!Array<{name: string, shown: boolean, strokes: !Array<!Object>}>}
 */
export function suggestionsOf(guide) {
  return GROUPS.map(({name, parts, shown}) => ({
    name,
    shown,
    strokes: (guide ?? []).filter(({part}) => parts.includes(part))
        .flatMap(({drawing}) => drawing.strokes),
  })).filter(({strokes}) => strokes.length);
}

/**
 * What is painted of them: those shown by themselves, and the one that is
 * pointed at.
 * @param {!Object} state
 * @return {!Array<!Object>}
 */
export function visibleSuggestions({suggested, suggestion, guide}) {
  if (!guide) return [];
  return suggested.filter(({name, shown}) => shown || name === suggestion);
}

/**
 * The visible suggestion within reach of a point, or null.
 * @param {!Object} state
 * @param {!Array<number>} point
 * @param {number} reach
 * @return {?Object}
 */
export function suggestionAt(state, point, reach) {
  const distanceTo = ({strokes}) => Math.min(
      ...strokes.map(({points}) => distanceToLine(point, points)));
  return nearest(visibleSuggestions(state), distanceTo, reach) ?? null;
}

export class Suggest {
  /** @param {!Object} studio */
  constructor({store, status}) {
    this.store_ = store;
    this.status_ = status;
    this.bar_ = byId('suggest-bar');
    this.timer_ = 0;
    this.control_ = null;  // of the request under way
    this.asked_ = '';
    store.on(['history', 'labels', 'models', 'guide', 'hidden', 'online'],
        () => this.plan_());
    store.on(['suggested', 'guide', 'selection'], () => this.show_());
    this.show_();
  }

  plan_() {
    clearTimeout(this.timer_);
    this.timer_ = setTimeout(() => this.ask_(), QUIET);
  }

  async ask_() {
    const {history, labels, hidden, models, guide, online, pen} =
        this.store_.get();
    if (pen.length) {
      this.plan_();
      return;
    }
    const drawing = toGenerate(history.present.strokes, labels, hidden);
    const wanted = guide && models?.fit && online && drawing.strokes.length;
    const text = wanted ? api.guideText(drawing) : '';
    if (text === this.asked_) return;
    this.asked_ = text;
    this.control_?.abort();
    const control = new AbortController();
    this.control_ = control;
    let suggested = [];
    try {
      if (wanted) {
        suggested = suggestionsOf(await api.guide(text, control.signal));
      }
    } catch {
      // Not in the way of drawing: it is asked again with the next line.
      this.asked_ = '';
    }
    if (!control.signal.aborted) this.store_.set({suggested, suggestion: ''});
  }

  /** Buttons for all of them, which a keyboard reaches. */
  show_() {
    const {suggested, guide, selection} = this.store_.get();
    const names = guide ? suggested.map(({name}) => name) : [];
    this.bar_.hidden = !names.length || selection.size > 0;
    if (this.bar_.dataset.names === names.join()) return;
    this.bar_.dataset.names = names.join();
    const focused = this.bar_.contains(document.activeElement);
    this.bar_.replaceChildren(
        make('span', {'aria-hidden': true}, 'Add'),
        ...names.map((name) => this.button_(name)));
    if (focused) (this.bar_.querySelector('button') ?? byId('sheet')).focus();
  }

  button_(name) {
    const point = (suggestion) => () => this.store_.set({suggestion});
    return make('button', {
      'type': 'button',
      'class': 'suggestion',
      'aria-label': `Add ${name}`,
      'title': `Takes over the faint lines of the ${name}`,
      'onclick': () => this.take(name),
      'onpointerenter': point(name),
      'onpointerleave': point(''),
      'onfocus': point(name),
      'onblur': point(''),
    }, name);
  }

  /**
   * Names what is under the pointer.
   * @param {!Array<number>} point
   * @param {number} reach
   * @return {string}
   */
  pointAt(point, reach) {
    const found = suggestionAt(this.store_.get(), point, reach);
    const suggestion = found?.name ?? '';
    this.store_.set({suggestion});
    return found && `${found.name}: a click takes it over`;
  }

  /**
   * Takes over what is at a point; false where nothing is.
   * @param {!Array<number>} point
   * @param {number} reach
   * @return {boolean}
   */
  takeAt(point, reach) {
    const found = suggestionAt(this.store_.get(), point, reach);
    if (found) this.take(found.name);
    return Boolean(found);
  }

  /**
   * Makes a suggestion lines of the drawing, in one step of undo.
   * @param {string} name
   */
  take(name) {
    const state = this.store_.get();
    const {strokes} = state.suggested.find((one) => one.name === name);
    const drawing = addStrokes(state.history.present, strokes.map((one) => ({
      points: one.points, fixed: one.class,
    })));
    // Taken back before the drawing with it was sent, it is offered anew.
    this.asked_ = '';
    this.store_.set({
      ...step(state, {drawing, pen: []}),
      suggested: state.suggested.filter((one) => one.name !== name),
      suggestion: '',
    });
    this.status_.say(`${lines(strokes.length)} added: ${name}.`);
  }
}
