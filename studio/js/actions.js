/**
 * @fileoverview What buttons and keys do to the drawing.
 */

import * as drawing from './drawing.js';
import {mirrorTransform} from './geometry.js';
import {redo, step, undo} from './history.js';
import {describe} from './pointer.js';
import {className, visibleStrokes} from './state.js';

/** How far a copy lies from what was copied. */
const COPY_OFFSET = 12;

/**
 * @param {number} count
 * @return {string} "1 line", "2 lines".
 */
export const lines = (count) => count === 1 ? '1 line' : `${count} lines`;

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

  step_(walk, done, nothing) {
    const state = this.store_.get();
    const patch = walk(state);
    if (!patch) {
      this.status_.say(nothing);
      return;
    }
    const there = new Set(patch.history.present.strokes.map(({id}) => id));
    this.store_.set({
      ...patch,
      selection: new Set([...state.selection].filter((id) => there.has(id))),
    });
    this.status_.say(done);
  }

  /**
   * Takes over a change as one step of undo.
   * @param {!Object} change As for step().
   */
  commit_(change) {
    this.store_.set(step(this.store_.get(), change));
  }

  /**
   * Puts another drawing in place of this one.
   * @param {!Object} next
   * @param {!Object=} more What else changes with it.
   */
  replace(next, more = {}) {
    const {history} = this.store_.get();
    // Ids go on, so that labels of the old drawing do not fall on new strokes.
    const fresh = drawing.addStrokes(
        {...drawing.emptyDrawing(), nextId: history.present.nextId},
        next.strokes.map(({id, ...rest}) => rest));
    this.commit_({
      drawing: fresh, selection: new Set(), hidden: new Set(), ...more,
    });
  }

  remove() {
    const {history, selection} = this.store_.get();
    if (!selection.size) return;
    this.commit_({
      drawing: drawing.removeStrokes(history.present, selection),
      selection: new Set(),
    });
    this.status_.say(`${lines(selection.size)} deleted.`);
  }

  selectAll() {
    const ids = visibleStrokes(this.store_.get()).map(({id}) => id);
    this.store_.set({selection: new Set(ids), tool: 'select'});
    this.status_.say(`${lines(ids.length)} selected.`);
  }

  selectNone() {
    const {selection} = this.store_.get();
    if (!selection.size) return;
    this.store_.set({selection: new Set()});
    this.status_.say('Nothing is selected.');
  }

  /** @param {number} count Of lines that are on the clipboard now. */
  tellCopied(count) {
    this.status_.say(`${lines(count)} copied.`);
  }

  /**
   * Selects all shown strokes of a class.
   * @param {number} label
   */
  selectClass(label) {
    const state = this.store_.get();
    const ids = visibleStrokes(state)
        .filter((stroke) =>
          drawing.classesOfStroke(stroke, state.labels).has(label))
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
    this.commit_({drawing: drawing.transformStrokes(
        history.present, selection, {sx: 1, sy: 1, tx: dx, ty: dy})});
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
    this.commit_({drawing: drawing.transformStrokes(
        history.present, selection, {sx: factor, sy: factor, tx, ty})});
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
    this.chooseAdded_(next);
  }

  /**
   * Adds lines, such as those of the clipboard.
   * @param {!Array<!Object>} strokes
   */
  add(strokes) {
    const {present} = this.store_.get().history;
    this.chooseAdded_(drawing.addStrokes(
        present, strokes.map(({id, ...rest}) => rest)));
  }

  /** Takes over a drawing whose last strokes are new, and selects those. */
  chooseAdded_(next) {
    const {present} = this.store_.get().history;
    const added = next.strokes.slice(present.strokes.length);
    this.commit_({
      drawing: next,
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
    this.commit_({
      drawing: drawing.setClass(history.present, selection, label),
      hidden: shown.size === hidden.size ? hidden : shown,
    });
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
    this.commit_({hidden, selection: new Set()});
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
