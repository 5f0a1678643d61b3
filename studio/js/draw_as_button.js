/**
 * @fileoverview The button that says what lines are drawn as, before they are
 * drawn.
 */

import {visibleOn} from './colour.js';
import {byId} from './dom.js';
import {choicesOf} from './draw_as.js';
import {themeColour} from './palette.js';
import {classesOf} from './state.js';

export class DrawAsButton {
  /** @param {!Object} studio */
  constructor({store, status, classList}) {
    this.store_ = store;
    this.status_ = status;
    this.list_ = classList;
    this.button_ = byId('draw-as');
    this.button_.addEventListener('click', () => this.choose());
    store.on(['drawAs', 'models'], () => this.show_());
    this.show_();
  }

  /** Opens the list. */
  choose() {
    const state = this.store_.get();
    const classes = classesOf(state);
    const colours = new Map(classes.map(({id, colour}) => [id, colour]));
    const choices = choicesOf(classes);
    this.list_.open(
        this.button_, 'Draw as', [
          {key: '0', name: 'limner decides'},
          ...choices.map(({key, name, classes: [left]}) => (
            {key, name, colour: colours.get(left)})),
        ], state.drawAs?.key ?? '0', (key) => {
          const drawAs = choices.find((one) => one.key === key) ?? null;
          this.store_.set({drawAs, tool: 'pen', selection: new Set()});
          this.status_.say(drawAs ?
              `Lines are drawn as ${drawAs.name}.` :
              'limner decides what lines are.');
        });
  }

  show_() {
    const state = this.store_.get();
    const {drawAs} = state;
    byId('draw-as-name').textContent = drawAs?.name ?? 'limner decides';
    this.button_.classList.toggle('in-use', !!drawAs);
    const colour = classesOf(state)
        .find(({id}) => id === drawAs?.classes[0])?.colour;
    const chip = byId('draw-as-chip');
    chip.hidden = !colour;
    if (colour) {
      chip.style.setProperty(
          '--chip', visibleOn(colour, themeColour('panel')));
    }
    const draws = byId('draws');
    draws.hidden = !drawAs;
    draws.textContent = draws.title = drawAs ? `Draws ${drawAs.name}` : '';
  }
}
