/**
 * @fileoverview What the studio says: one line that screen readers read aloud,
 * and a line of trouble that stays until it is over.
 */

export class Status {
  /**
   * @param {!HTMLElement} line A live region.
   * @param {!HTMLElement} trouble A live region, hidden when empty.
   */
  constructor(line, trouble) {
    this.line_ = line;
    this.trouble_ = trouble;
    this.hinted_ = '';
  }

  /** @param {string} text */
  say(text) {
    this.line_.textContent = text.charAt(0).toUpperCase() + text.slice(1);
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

  /** @param {string} text */
  trouble(text) {
    if (this.trouble_.textContent !== text) this.trouble_.textContent = text;
    this.trouble_.hidden = false;
  }

  clearTrouble() {
    this.trouble_.hidden = true;
    this.trouble_.textContent = '';
    this.hinted_ = '';
  }
}
