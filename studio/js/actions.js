/**
 * @fileoverview What buttons and keys do to the drawing.
 */

import * as drawing from './drawing.js';
import {mirrorTransform} from './geometry.js';
import {commit, redo, undo} from './history.js';
import {describe} from './pointer.js';
import {className, visibleStrokes} from './state.js';

/** How far a copy lies from what was copied. */
const COPY_OFFSET = 12;

const lines = (count) => count === 1 ? '1 line' : `${count} lines`;

export class Actions {
  /**
   * @param {!Object} store
   * @param {!Object} status
   */
  constructor(store, status) {
    this.store_ = store;
    this.status_ = status;
  }

  undo() {
    this.step_(undo, 'Undone.', 'There is nothing to undo.');
  }

  redo() {
    this.step_(redo, 'Done again.', 'There is nothing to do again.');
  }

  step_(step, done, nothing) {
    const {history, selection} = this.store_.get();
    const next = step(history);
    if (next === history) {
      this.status_.say(nothing);
      return;
    }
    const there = new Set(next.present.strokes.map(({id}) => id));
    this.store_.set({
      history: next,
      selection: new Set([...selection].filter((id) => there.has(id))),
    });
    this.status_.say(done);
  }

  /** Takes over a drawing as one step of undo. */
  commit_(next, patch = {}) {
    const {history} = this.store_.get();
    this.store_.set({history: commit(history, next), ...patch});
  }

  /**
   * Puts another drawing in place of this one.
   * @param {!Object} next
   */
  replace(next) {
    const {history} = this.store_.get();
    // Ids go on, so that labels of the old drawing do not fall on new strokes.
    const fresh = drawing.addStrokes(
        {...drawing.emptyDrawing(), nextId: history.present.nextId},
        next.strokes.map(({id, ...rest}) => rest));
    this.commit_(fresh, {selection: new Set(), hidden: new Set()});
  }

  clear() {
    if (!this.store_.get().history.present.strokes.length) return;
    this.replace(drawing.emptyDrawing());
    this.status_.say('A new sheet. Undo brings the drawing back.');
  }

  remove() {
    const {history, selection} = this.store_.get();
    if (!selection.size) return;
    this.commit_(
        drawing.removeStrokes(history.present, selection),
        {selection: new Set()});
    this.status_.say(`${lines(selection.size)} deleted.`);
  }

  selectAll() {
    const ids = visibleStrokes(this.store_.get()).map(({id}) => id);
    this.store_.set({selection: new Set(ids), tool: 'select'});
    this.status_.say(`${lines(ids.length)} selected.`);
  }

  selectNone() {
    this.store_.set({selection: new Set()});
  }

  /**
   * Selects all shown strokes of a class.
   * @param {number} label
   */
  selectClass(label) {
    const state = this.store_.get();
    const ids = visibleStrokes(state)
        .filter((stroke) => drawing.classOf(stroke, state.labels) === label)
        .map(({id}) => id);
    this.store_.set({selection: new Set(ids), tool: 'select'});
    this.status_.say(
        `${className(state, label)}: ${lines(ids.length)} selected.`);
  }

  /** Selects the doubtful strokes. */
  selectDoubtful() {
    const state = this.store_.get();
    const ids = visibleStrokes(state)
        .filter((stroke) => drawing.isDoubtful(stroke, state.labels))
        .map(({id}) => id);
    this.store_.set({selection: new Set(ids), tool: 'select'});
    this.status_.say(ids.length === 1 ?
        '1 doubtful line selected.' :
        `${ids.length} doubtful lines selected.`);
  }

  /**
   * Goes to the next or previous stroke, and says what it is.
   * @param {number} by 1 or -1.
   */
  walk(by) {
    const state = this.store_.get();
    const strokes = visibleStrokes(state);
    if (!strokes.length) {
      this.status_.say('There are no lines yet.');
      return;
    }
    const at = strokes.findIndex(({id}) => state.selection.has(id));
    const to = at < 0 ?
        (by > 0 ? 0 : strokes.length - 1) :
        (at + by + strokes.length) % strokes.length;
    this.store_.set({
      selection: new Set([strokes[to].id]),
      tool: 'select',
    });
    this.status_.say(`Line ${to + 1} of ${strokes.length}: ` +
        `${describe(state, strokes[to])}.`);
  }

  /**
   * @param {number} dx In units of the drawing.
   * @param {number} dy
   */
  nudge(dx, dy) {
    const {history, selection} = this.store_.get();
    if (!selection.size) return;
    this.commit_(drawing.transformStrokes(
        history.present, selection, {sx: 1, sy: 1, tx: dx, ty: dy}));
  }

  /** @param {number} factor */
  scale(factor) {
    const {history, selection} = this.store_.get();
    const chosen = history.present.strokes.filter(
        ({id}) => selection.has(id));
    const box = drawing.boundsOfStrokes(chosen);
    if (!box) return;
    const tx = (1 - factor) * (box.x0 + box.x1) / 2;
    const ty = (1 - factor) * (box.y0 + box.y1) / 2;
    this.commit_(drawing.transformStrokes(
        history.present, selection, {sx: factor, sy: factor, tx, ty}));
  }

  duplicate() {
    this.copy_({sx: 1, sy: 1, tx: COPY_OFFSET, ty: COPY_OFFSET});
  }

  /** Adds the mirror image of what is selected. */
  mirrorCopy() {
    const {side} = this.store_.get().history.present;
    this.copy_(mirrorTransform(side), drawing.mirroredClass);
  }

  copy_(transform, classOf) {
    const {history, selection} = this.store_.get();
    if (!selection.size) return;
    const {present} = history;
    const next =
        drawing.copyStrokes(present, selection, transform, classOf);
    const added = next.strokes.slice(present.strokes.length);
    this.commit_(next, {
      selection: new Set(added.map(({id}) => id)),
      tool: 'select',
    });
    this.status_.say(`${lines(added.length)} added.`);
  }

  /**
   * Says what the selected strokes are; 0 leaves it to limner again.
   * @param {number} label
   */
  setClass(label) {
    const {history, selection, hidden} = this.store_.get();
    if (!selection.size) return;
    const shown = new Set(hidden);
    shown.delete(label);
    this.commit_(
        drawing.setClass(history.present, selection, label),
        {hidden: shown.size === hidden.size ? hidden : shown});
    const name = className(this.store_.get(), label);
    this.status_.say(label ?
        `${lines(selection.size)} set to ${name}.` :
        'limner decides again.');
  }

  /**
   * Shows or hides the strokes of a class.
   * @param {number} label
   */
  toggleHidden(label) {
    const state = this.store_.get();
    const hidden = new Set(state.hidden);
    if (!hidden.delete(label)) hidden.add(label);
    this.store_.set({hidden, selection: new Set()});
    this.status_.say(`${className(state, label)} ` +
        `${hidden.has(label) ? 'hidden, and left out of the face' : 'shown'}.`);
  }

  /**
   * @param {string} key A switch of the state.
   * @param {string} name
   */
  toggle(key, name) {
    const value = !this.store_.get()[key];
    this.store_.set({[key]: value});
    this.status_.say(`${name} ${value ? 'on' : 'off'}.`);
  }
}
