/**
 * @fileoverview Work that is asked for far more often than it can be done:
 * one run at a time, at most one in each interval unless it is released, and
 * the newest wish wins.
 */

/**
 * Calls `run` after poke(), never while a run is under way. Pokes in between
 * become one more run when it has ended.
 */
export class Pacer {
  /**
   * @param {function(): !Promise<void>} run Must not reject.
   * @param {number} interval Least milliseconds between the starts of two runs.
   * @param {{now: function(): number, setTimer: function(function(), number),
   *     clearTimer: function(*)}=} clock
   */
  constructor(run, interval, clock = SYSTEM_CLOCK) {
    this.run_ = run;
    this.interval_ = interval;
    this.clock_ = clock;
    this.wanted_ = false;
    this.running_ = false;
    this.timer_ = null;
    /** When the interval, a pause and hold() let the next run start. */
    this.next_ = -Infinity;
    this.pausedUntil_ = -Infinity;
    this.heldUntil_ = -Infinity;
  }

  /** Asks for a run with what is newest then. */
  poke() {
    this.wanted_ = true;
    this.plan_();
  }

  /**
   * Lets nothing start for a while, such as when the server is busy.
   * @param {number} milliseconds
   */
  pause(milliseconds) {
    this.pausedUntil_ =
        Math.max(this.pausedUntil_, this.clock_.now() + milliseconds);
    this.planAnew_();
  }

  /**
   * Lets nothing start for a while, or until release().
   * @param {number} milliseconds
   */
  hold(milliseconds) {
    this.heldUntil_ = this.clock_.now() + milliseconds;
    this.planAnew_();
  }

  /** Ends hold(), and waits for no interval: what is wanted now matters. */
  release() {
    this.heldUntil_ = this.next_ = -Infinity;
    this.planAnew_();
  }

  /** Whether a run is under way or waits. */
  get busy() {
    return this.running_ || this.wanted_;
  }

  /** Whether something newer than what runs waits. */
  get waiting() {
    return this.wanted_;
  }

  planAnew_() {
    if (this.timer_ !== null) {
      this.clock_.clearTimer(this.timer_);
      this.timer_ = null;
    }
    this.plan_();
  }

  plan_() {
    if (!this.wanted_ || this.running_ || this.timer_ !== null) return;
    const wait = Math.max(this.next_, this.pausedUntil_, this.heldUntil_) -
        this.clock_.now();
    if (wait > 0) {
      this.timer_ = this.clock_.setTimer(() => {
        this.timer_ = null;
        this.plan_();
      }, wait);
      return;
    }
    this.start_();
  }

  async start_() {
    this.wanted_ = false;
    this.running_ = true;
    this.next_ = this.clock_.now() + this.interval_;
    try {
      await this.run_();
    } finally {
      this.running_ = false;
      this.plan_();
    }
  }
}

const SYSTEM_CLOCK = {
  now: () => performance.now(),
  setTimer: (fn, ms) => setTimeout(fn, ms),
  clearTimer: (timer) => clearTimeout(timer),
};
