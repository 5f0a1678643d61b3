/**
 * @fileoverview From the points that a pointer reports to a calm line: an
 * exponential average that follows the pointer, then fewer points.
 */

import {distance, lengthOf, simplify} from './geometry.js';

/** Points closer than this are one, in units of the drawing. */
const LEAST_STEP = 0.7;
/** How far the kept line may stray from the smoothed one. */
const TOLERANCE = 0.35;
/** A shorter line, in pixels of the screen, is a dot: an eye, or a pupil. */
const DOT = 3;

/** Collects one stroke while it is drawn. */
export class StrokeSmoother {
  /**
   * @param {number} steadiness 0: exactly the pointer; 1: very calm.
   * @param {number} scale Pixels of the screen for one unit: zoomed in, a hand
   *     trembles less.
   */
  constructor(steadiness, scale) {
    this.follow_ = 1 - 0.85 * steadiness;
    this.step_ = Math.min(LEAST_STEP, 1 / scale);
    this.dot_ = DOT / scale;
    /** @type {!Array<!Array<number>>} */
    this.points = [];
    /** @type {!Array<number>} */
    this.pressure = [];
    this.last_ = null;
    this.presses_ = false;
  }

  /**
   * @param {!Array<number>} point
   * @param {number} pressure 0 to 1.
   */
  add(point, pressure) {
    this.last_ = {point, pressure};
    const end = this.points.length - 1;
    if (end < 0) {
      this.push_(point, pressure);
      return;
    }
    const from = this.points[end];
    const next = [
      from[0] + this.follow_ * (point[0] - from[0]),
      from[1] + this.follow_ * (point[1] - from[1]),
    ];
    if (distance(from, next) < this.step_) return;
    const before = this.pressure[end];
    this.push_(next, before + 0.5 * (pressure - before));
  }

  push_(point, pressure) {
    this.points.push(point);
    this.pressure.push(pressure);
    if (Math.abs(pressure - this.pressure[0]) > 0.02) this.presses_ = true;
  }

  /**
   * The line so far, which reaches to the pointer.
   * @return {{points: !Array<!Array<number>>, pressure: ?Array<number>}}
   */
  current() {
    const points = [...this.points];
    const pressure = [...this.pressure];
    const end = points[points.length - 1];
    if (this.last_ && end && distance(end, this.last_.point) > this.step_) {
      points.push(this.last_.point);
      pressure.push(pressure[pressure.length - 1]);
    }
    return {points, pressure: this.presses_ ? pressure : null};
  }

  /**
   * The finished line, or a dot where the pointer hardly moved.
   * @return {?{points: !Array<!Array<number>>, pressure: ?Array<number>}} Null
   *     without any point.
   */
  finish() {
    const {points, pressure} = this.current();
    if (!points.length) return null;
    const kept = lengthOf(points) < this.dot_ ? [0] :
        simplify(points, TOLERANCE);
    return {
      points: kept.map((i) => points[i]),
      pressure: pressure && kept.map((i) => pressure[i]),
    };
  }
}
