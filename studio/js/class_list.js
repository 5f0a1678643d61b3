/**
 * @fileoverview The list in which one chooses a part of the face: opened by a
 * button, walked with arrow keys or the first letters of a name, and nothing
 * is chosen before Enter or a click says so.
 */

import {visibleOn} from './colour.js';
import {byId, make} from './dom.js';
import {clamp} from './geometry.js';
import {themeColour} from './palette.js';

/** Letters that follow each other within this time belong together. */
const TYPING = 800;
const GAP = 6;
/** So high it is at least, in pixels, beside its button or over it. */
const LEAST_ROOM = 120;

export class ClassList {
  constructor() {
    this.list_ = byId('class-list');
    this.button_ = null;
    this.options_ = [];
    this.typed_ = '';
    this.typedAt_ = 0;
    this.list_.addEventListener('keydown', (event) => this.key_(event));
    this.list_.addEventListener('click', ({target}) => {
      const option = target.closest('[role=option]');
      if (option) this.choose_(option);
    });
    this.list_.addEventListener('toggle', ({newState}) => {
      this.button_?.setAttribute(
          'aria-expanded', String(newState === 'open'));
    });
  }

  /**
   * @param {!HTMLElement} button Where it opens.
   * @param {string} label
   * @param {!Array<{key: string, name: string, colour: ?string}>} choices
   * @param {string} current A key.
   * @param {function(string)} choose
   */
  open(button, label, choices, current, choose) {
    if (this.list_.matches(':popover-open')) this.list_.hidePopover();
    this.button_ = button;
    this.choose = choose;
    this.list_.setAttribute('aria-label', label);
    const ground = themeColour('raised');
    this.options_ = choices.map(({key, name, colour}) => {
      const chip = make('span', {class: 'chip', 'aria-hidden': 'true'});
      if (colour) chip.style.setProperty('--chip', visibleOn(colour, ground));
      return make('div', {
        'role': 'option',
        'id': `class-option-${key}`,
        'data-key': key,
        'aria-selected': String(key === current),
      }, chip, make('span', {class: 'part-name'}, name));
    });
    this.list_.replaceChildren(...this.options_);
    this.list_.showPopover();
    this.place_(button);
    this.list_.focus();
    this.walkTo_(Math.max(
        0, choices.findIndex(({key}) => key === current)));
  }

  place_(button) {
    const at = button.getBoundingClientRect();
    const {innerWidth, innerHeight} = window;
    // Where the page scrolls the button may be out of sight.
    const [top, bottom] =
        [at.top, at.bottom].map((y) => clamp(y, 0, innerHeight));
    const below = innerHeight - bottom - 2 * GAP;
    const above = top - 2 * GAP;
    const under = below >= Math.min(this.list_.scrollHeight, above);
    const room = Math.max(LEAST_ROOM, under ? below : above);
    this.list_.style.maxHeight =
        `${Math.min(room, innerHeight - 2 * GAP)}px`;
    const {offsetWidth: width, offsetHeight: height} = this.list_;
    this.list_.style.left =
        `${Math.max(GAP, Math.min(at.left, innerWidth - width - GAP))}px`;
    this.list_.style.top = `${Math.max(GAP, Math.min(
        under ? bottom + GAP : top - height - GAP,
        innerHeight - height - GAP))}px`;
  }

  walkTo_(index) {
    const last = this.options_.length - 1;
    this.at_ = Math.min(last, Math.max(0, index));
    this.options_.forEach((option, i) =>
      option.classList.toggle('at', i === this.at_));
    const option = this.options_[this.at_];
    this.list_.setAttribute('aria-activedescendant', option.id);
    option.scrollIntoView({block: 'nearest'});
  }

  choose_(option) {
    const {key} = option.dataset;
    this.list_.hidePopover();
    // From here on keys are about the drawing again.
    byId('sheet').focus();
    this.choose(key);
  }

  key_(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = {ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8,
      Home: -Infinity, End: Infinity};
    if (steps[event.key]) {
      this.walkTo_(this.at_ + steps[event.key]);
    } else if (event.key === 'Enter' ||
        event.key === ' ' && !this.typing_(event)) {
      this.choose_(this.options_[this.at_]);
    } else if (event.key === 'Tab') {
      this.list_.hidePopover();
      this.button_.focus();
      return;
    } else if (event.key.length === 1) {
      this.type_(event);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  typing_(event) {
    return this.typed_ && event.timeStamp - this.typedAt_ < TYPING;
  }

  /** Goes to the next option whose name begins with what was typed. */
  type_(event) {
    this.typed_ = (this.typing_(event) ? this.typed_ : '') +
        event.key.toLowerCase();
    this.typedAt_ = event.timeStamp;
    const names = this.options_.map(({textContent}) =>
      textContent.toLowerCase());
    const fits = (i) => names[i].startsWith(this.typed_);
    const order = names.map((_, i) =>
      (this.at_ + i + (this.typed_.length === 1 ? 1 : 0)) % names.length);
    const found = order.find(fits);
    if (found !== undefined) this.walkTo_(found);
  }
}
