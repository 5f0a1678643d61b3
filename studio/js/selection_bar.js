/**
 * @fileoverview The bar below the drawing when lines are selected: what they
 * are, another copy, the mirror image, delete.
 */

import {visibleOn} from './colour.js';
import {classesOfStroke} from './drawing.js';
import {byId} from './dom.js';
import {themeColour} from './palette.js';
import {describe} from './pointer.js';
import {className, classesOf, selectedStrokes} from './state.js';

export class SelectionBar {
  /** @param {!Object} studio */
  constructor({store, actions, classList}) {
    this.store_ = store;
    this.actions_ = actions;
    this.list_ = classList;
    this.bar_ = byId('selection-bar');
    this.button_ = byId('selection-class');
    this.button_.addEventListener('click', () => this.choose());
    byId('selection-copy').addEventListener('click', () => actions.duplicate());
    byId('selection-mirror').addEventListener(
        'click', () => actions.mirrorCopy());
    byId('selection-delete').addEventListener('click', () => {
      actions.remove();
      byId('sheet').focus();
    });
    store.on(
        ['selection', 'labels', 'history', 'draft', 'models'],
        () => this.show_());
  }

  /**
   * Opens the list of what the selected lines may be.
   * @param {!HTMLElement=} at The button that asks.
   */
  choose(at = this.button_) {
    const state = this.store_.get();
    const strokes = selectedStrokes(state);
    if (!strokes.length) return;
    const classes = this.classes_(strokes);
    this.list_.open(
        at, 'What it is', [
          {key: '0', name: 'limner decides'},
          ...classesOf(state).map(
              ({id, name, colour}) => ({key: String(id), name, colour})),
        ], classes.length === 1 ? String(classes[0]) : '0',
        (key) => this.actions_.setClass(Number(key)));
  }

  classes_(strokes) {
    const {labels} = this.store_.get();
    return [...new Set(strokes.flatMap(
        (stroke) => [...classesOfStroke(stroke, labels)]))];
  }

  show_() {
    const state = this.store_.get();
    const strokes = selectedStrokes(state);
    // While it is dragged there is nothing to choose.
    this.bar_.hidden = !strokes.length || !!state.draft;
    if (this.bar_.hidden) return;
    const classes = this.classes_(strokes);
    byId('selection-name').textContent = classes.length === 1 ?
        className(state, classes[0]) : 'several parts';
    const chip = byId('selection-chip');
    const colour = classesOf(state).find(({id}) => id === classes[0])?.colour;
    chip.hidden = classes.length !== 1 || !colour;
    if (colour) {
      chip.style.setProperty(
          '--chip', visibleOn(colour, themeColour('raised')));
    }
    byId('selection-about').textContent = strokes.length === 1 ?
        describe(state, strokes[0]) : `${strokes.length} lines`;
  }
}
