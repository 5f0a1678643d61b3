/**
 * @fileoverview The drawings in this browser: an entry for each, which one tab
 * at a time works on.
 */

const PREFIX = 'limner-drawing-';
const MINE = 'limner-drawing';
/**
 * How long a page that is reloaded waits for what it held itself. The browser
 * frees it when the old page is gone, which takes its time on a busy machine.
 */
const RELOADED = 5000;

export class Shelf {
  constructor() {
    this.release_ = null;
  }

  /**
   * @param {string} id
   * @return {string} The name of its entry.
   */
  static key(id) {
    return PREFIX + id;
  }

  /** @return {string} */
  static newId() {
    return `${Date.now().toString(36)}-` +
        Math.random().toString(36).slice(2, 8);
  }

  /** @return {!Array<string>} The drawings' ids. */
  ids() {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))
          .map((key) => key.slice(PREFIX.length));
    } catch {
      return [];  // storage is switched off
    }
  }

  /**
   * @param {string} id
   * @return {?string}
   */
  read(id) {
    try {
      return localStorage.getItem(PREFIX + id);
    } catch {
      return null;
    }
  }

  /**
   * @param {string} id
   * @param {string} text
   * @return {boolean} Whether there was room.
   */
  write(id, text) {
    try {
      localStorage.setItem(PREFIX + id, text);
      return true;
    } catch {
      return false;
    }
  }

  /** @param {string} id */
  remove(id) {
    try {
      localStorage.removeItem(PREFIX + id);
    } catch {
      // There is nothing then.
    }
  }

  /** @return {string} The drawing that this tab had, '' for a new tab. */
  mine() {
    try {
      return sessionStorage.getItem(MINE) ?? '';
    } catch {
      return '';
    }
  }

  /**
   * Takes a drawing for this tab, unless another tab has it. Without locks (a
   * page that came without encryption from another machine) every tab gets it;
   * then the first change of another tab parts them.
   * @param {string} id
   * @return {!Promise<boolean>}
   */
  async hold(id) {
    const wait = id === this.mine() ? RELOADED : 0;
    if (navigator.locks && !await this.lock_(id, wait)) return false;
    try {
      sessionStorage.setItem(MINE, id);
    } catch {
      // The tab will not know it again.
    }
    return true;
  }

  /**
   * @param {string} mine The drawing of this tab.
   * @return {!Promise<!Set<string>>} Ids of drawings that other tabs have.
   */
  async heldElsewhere(mine) {
    const {held = []} = await navigator.locks?.query() ?? {};
    return new Set(held.map(({name}) => name)
        .filter((name) => name.startsWith(PREFIX))
        .map((name) => name.slice(PREFIX.length))
        .filter((id) => id !== mine));
  }

  /** Lets go of the drawing, such as when the page goes away. */
  free() {
    this.release_?.();
    this.release_ = null;
  }

  lock_(id, wait) {
    return new Promise((resolve) => {
      const options = wait ?
          {signal: AbortSignal.timeout(wait)} : {ifAvailable: true};
      navigator.locks.request(PREFIX + id, options, (lock) => {
        if (!lock) {
          resolve(false);
          return null;
        }
        this.release_?.();
        const held = new Promise((release) => {
          this.release_ = release;
        });
        resolve(true);
        return held;
      }).catch(() => resolve(false));
    });
  }
}
