/**
 * @fileoverview The state of the studio, and who wants to know when it
 * changes. Values in it are never changed in place.
 */

/** @template S */
export class Store {
  /** @param {S} state */
  constructor(state) {
    this.state_ = Object.freeze({...state});
    /** @type {!Array<{keys: !Array<string>, fn: function(S, S)}>} */
    this.listeners_ = [];
  }

  /** @return {S} */
  get() {
    return this.state_;
  }

  /**
   * Takes over new values; listeners of keys that changed hear of it at once.
   * @param {!Object} patch
   */
  set(patch) {
    const before = this.state_;
    const changed =
        Object.keys(patch).filter((key) => patch[key] !== before[key]);
    if (!changed.length) return;
    this.state_ = Object.freeze({...before, ...patch});
    for (const {keys, fn} of this.listeners_) {
      if (keys.some((key) => changed.includes(key))) fn(this.state_, before);
    }
  }

  /**
   * @param {!Array<string>} keys
   * @param {function(S, S)} fn Gets the state and the one before.
   */
  on(keys, fn) {
    this.listeners_.push({keys, fn});
  }
}
