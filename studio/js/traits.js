/**
 * @fileoverview Sliders that change the looks in one thing, such as the colour
 * of hair: as many as the model has directions for.
 */

import {byId, make} from './dom.js';
import {step} from './history.js';
import {changeTrait} from './looks.js';

export class Traits {
  /** @param {{store: !Object, status: !Object}} studio */
  constructor({store, status}) {
    this.store_ = store;
    this.status_ = status;
    this.box_ = byId('traits');
    /** Trait by its slider. */
    this.sliders_ = new Map();
    store.on(['models'], () => this.fill_());
    store.on(['looks'], () => this.show_());
    this.fill_();
  }

  fill_() {
    const traits = this.store_.get().models?.traits ?? [];
    this.sliders_ = new Map(traits.map((trait) => [make('input', {
      'type': 'range', 'min': '-100', 'max': '100',
      'aria-label': `${trait.name}, ${trait.low} to ${trait.high}`,
      'oninput': ({target}) => this.change_(trait, Number(target.value) / 100),
      // All that a slider does until it is let go is one step.
      'onchange': () => this.store_.set(
          {history: {...this.store_.get().history, open: ''}}),
    }), trait]));
    this.reset_ = make('button', {
      'type': 'button', 'class': 'link', 'onclick': () => this.none_(),
    }, 'As the looks are');
    this.box_.hidden = !traits.length;
    this.box_.replaceChildren(
        ...[...this.sliders_].map(([slider, {name, low, high}]) => make(
            'div', {class: 'trait'},
            make('span', {'class': 'trait-name', 'aria-hidden': 'true'}, name),
            make('span', {'class': 'trait-end', 'aria-hidden': 'true'}, low),
            slider,
            make('span', {'class': 'trait-end', 'aria-hidden': 'true'}, high))),
        this.reset_);
    this.show_();
  }

  change_({id}, amount) {
    const state = this.store_.get();
    // Near the middle is the middle: no change can be had again by hand.
    const wanted = Math.abs(amount) < 0.04 ? 0 : amount;
    this.store_.set(step(
        state, {looks: changeTrait(state.looks, id, wanted)}, `trait-${id}`));
  }

  none_() {
    const state = this.store_.get();
    this.store_.set(step(state, {looks: {...state.looks, traits: {}}}));
    this.sliders_.keys().next().value.focus();
    this.status_.say('The looks are as they were chosen.');
  }

  show_() {
    const {traits} = this.store_.get().looks;
    let changed = false;
    for (const [slider, {id, low, high}] of this.sliders_) {
      const amount = Math.round(100 * (traits[id] ?? 0));
      changed ||= amount !== 0;
      slider.value = String(amount);
      slider.setAttribute('aria-valuetext', amount === 0 ? 'as it is' :
          `${Math.abs(amount)} % ${amount < 0 ? low : high}`);
    }
    this.reset_.hidden = !changed;
  }
}
