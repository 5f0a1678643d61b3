/**
 * @fileoverview The drawing with several looks at once, to choose from. All of
 * them are one request, and each is shown as it comes.
 */

import {tieDialog} from './dialogs.js';
import {byId, make} from './dom.js';
import {step} from './history.js';
import {differentSeeds, randomLook, variationOf} from './looks.js';
import {drawingOf} from './state.js';

export class Variations {
  /** @param {!Object} studio */
  constructor({store, status, live}) {
    this.store_ = store;
    this.status_ = status;
    this.live_ = live;
    this.dialog_ = byId('variations');
    this.list_ = byId('variation-list');
    this.note_ = byId('variations-note');
    this.control_ = null;  // of the request under way
    this.addresses_ = [];
    tieDialog(this.dialog_);
    byId('open-variations').addEventListener('click', () => this.show());
    byId('variations-again').addEventListener('click', () => this.make_());
    for (const input of this.dialog_.querySelectorAll('[type=radio]')) {
      input.addEventListener('change', () => this.make_());
    }
    this.dialog_.addEventListener('close', () => this.end_());
  }

  /** Opens the sheet and asks for faces. */
  show() {
    const state = this.store_.get();
    if (!drawingOf(state).strokes.length) {
      this.status_.trouble('Draw something first: there is no face yet.');
      return;
    }
    this.dialog_.showModal();
    this.make_();
  }

  chosen_(name) {
    return this.dialog_.querySelector(`[name=${name}]:checked`).value;
  }

  /** Nothing is made for a sheet that is closed. */
  end_() {
    this.control_?.abort();
    this.control_ = null;
    this.list_.replaceChildren();
    for (const address of this.addresses_) URL.revokeObjectURL(address);
    this.addresses_ = [];
  }

  async make_() {
    this.end_();
    const control = new AbortController();
    this.control_ = control;
    const kind = this.chosen_('variation-kind');
    const seeds = differentSeeds(Number(this.chosen_('variation-count')));
    this.list_.dataset.count = String(seeds.length);
    this.list_.replaceChildren(...seeds.map(
        (seed, i) => this.place_(kind, seed, i, seeds.length)));
    this.note_.textContent = 'One moment.';
    this.list_.setAttribute('aria-busy', 'true');
    const looksOf = () => {
      const {looks} = this.store_.get();
      return seeds.map((seed) => variationOf(looks, kind, seed));
    };
    try {
      await this.live_.variations(
          looksOf, (i, blob) => this.came_(i, blob), control.signal);
      this.note_.textContent =
          'Choose one to go on with. Undo takes it back.';
    } catch (error) {
      if (error.name === 'AbortError' || control !== this.control_) return;
      this.note_.textContent = error.message;
    }
    this.list_.setAttribute('aria-busy', 'false');
  }

  place_(kind, seed, i, count) {
    return make('li', {}, make('button', {
      'type': 'button',
      'class': 'variation',
      'aria-label': `Variation ${i + 1} of ${count}`,
      'aria-disabled': 'true',
      'onclick': ({currentTarget}) => {
        if (currentTarget.getAttribute('aria-disabled') !== 'true') {
          this.take_(kind, seed);
        }
      },
    }));
  }

  came_(i, blob) {
    const button = this.list_.querySelectorAll('button')[i];
    if (!button) return;
    const address = URL.createObjectURL(blob);
    this.addresses_.push(address);
    button.replaceChildren(make('img', {src: address, alt: ''}));
    button.removeAttribute('aria-disabled');
  }

  /** Goes on with one: a step of undo. */
  take_(kind, seed) {
    const state = this.store_.get();
    this.dialog_.close();
    this.store_.set(step(state, {looks: variationOf(state.looks, kind, seed)}));
    byId('sheet').focus();
    this.status_.say(`${randomLook(seed).name}. Undo takes it back.`);
  }
}
