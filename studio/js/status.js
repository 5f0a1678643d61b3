/**
 * @fileoverview What the studio says: one line that screen readers read aloud,
 * and a line of trouble that stays until it is over or put away.
 */

import {byId} from './dom.js';

export class Status {
  constructor() {
    this.line_ = byId('status');
    this.trouble_ = byId('trouble');
    this.text_ = byId('trouble-text');
    this.owner_ = '';
    this.hinted_ = '';
    byId('trouble-close').addEventListener('click', () => {
      this.trouble_.hidden = true;
      byId('sheet').focus();
    });
  }

  /** @param {string} text */
  say(text) {
    this.line_.textContent = text.charAt(0).toUpperCase() + text.slice(1);
  }

  /**
   * Says something if nothing was said before it.
   * @param {string} text
   */
  greet(text) {
    if (!this.line_.textContent) this.say(text);
  }

  /**
   * Says something once, however often it comes up.
   * @param {string} text
   */
  hint(text) {
    if (text === this.hinted_) return;
    this.hinted_ = text;
    this.say(text);
  }

  /**
   * @param {string} text
   * @param {string=} owner Who may say that it is over.
   */
  trouble(text, owner = '') {
    this.owner_ = owner;
    if (this.text_.textContent !== text) this.text_.textContent = text;
    this.trouble_.hidden = false;
  }

  /** @param {string=} owner */
  clearTrouble(owner = '') {
    if (owner !== this.owner_) return;
    this.trouble_.hidden = true;
    this.text_.textContent = '';
  }
}
