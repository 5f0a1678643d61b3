/**
 * @fileoverview The bar beside what is selected: what it is, copy, mirror
 * image, delete.
 */

import {classOf} from './drawing.js';
import {byId, make} from './dom.js';
import {describe} from './pointer.js';
import {className, classesOf, selectedStrokes} from './state.js';

const GAP = 10;

export class SelectionBar {
  /**
   * @param {!Object} store
   * @param {!Object} view
   * @param {!Object} actions
   */
  constructor(store, view, actions) {
    this.store_ = store;
    this.view_ = view;
    this.bar_ = byId('selection-bar');
    this.select_ = byId('selection-class');
    this.select_.addEventListener('change', () => {
      actions.setClass(Number(this.select_.value));
    });
    byId('selection-copy').addEventListener('click', () => actions.duplicate());
    byId('selection-mirror').addEventListener(
        'click', () => actions.mirrorCopy());
    byId('selection-delete').addEventListener('click', () => {
      actions.remove();
      byId('sheet').focus();
    });
    store.on(['models'], () => this.fill_());
    store.on(['selection', 'labels', 'history', 'draft'], () => this.show_());
    view.onMoved(() => this.place_());
  }

  fill_() {
    this.select_.replaceChildren(
        make('option', {value: '0'}, 'limner decides'),
        make('option', {value: '-1', hidden: true}, 'several parts'),
        ...classesOf(this.store_.get()).map(
            ({id, name}) => make('option', {value: id}, name)));
    this.show_();
  }

  show_() {
    const state = this.store_.get();
    const strokes = selectedStrokes(state);
    // While it is dragged there is nothing to choose.
    this.bar_.hidden = !strokes.length || !!state.draft;
    if (this.bar_.hidden) return;
    const classes = new Set(strokes.map((s) => classOf(s, state.labels)));
    const [first] = classes;
    this.select_.value = classes.size === 1 ? String(first) : '-1';
    byId('selection-about').textContent = strokes.length === 1 ?
        describe(state, strokes[0]) :
        `${strokes.length} lines` +
        (classes.size === 1 ? `, ${className(state, first)}` : '');
    this.place_();
  }

  place_() {
    if (this.bar_.hidden) return;
    const box = this.view_.selectionOnCanvas();
    if (!box) return;
    const {offsetWidth: width, offsetHeight: height} = this.bar_;
    const middle = (box.x0 + box.x1) / 2 - width / 2;
    const left = Math.max(GAP, Math.min(middle, box.width - width - GAP));
    const above = box.y0 - height - GAP;
    const below = box.y1 + GAP;
    const top = below + height + GAP <= box.height ? below :
        above >= GAP ? above : box.height - height - GAP;
    this.bar_.style.left = `${left}px`;
    this.bar_.style.top = `${Math.max(GAP, top)}px`;
  }
}
