/**
 * @fileoverview Lines under the pen. What is done of them stays on a canvas
 * of its own, so that a long line takes no longer to paint than a short one.
 */

import {LINE_WIDTH, paintPart} from './painter.js';

/** The last points of a line still move: smoothing makes up for them. */
const MOVING = 3;

export class Ink {
  constructor() {
    /** What was painted: {first, last, done, colour, pressed} a line. */
    this.painted_ = [];
    this.key_ = null;
  }

  /** Everything is painted anew next time. */
  forget() {
    this.key_ = null;
  }

  /**
   * Paints what is new on one canvas, and what still moves on the other.
   * @param {!CanvasRenderingContext2D} still
   * @param {!CanvasRenderingContext2D} moving It is empty.
   * @param {!Array<!Object>} lines
   * @param {function(!Object): string} colourOf
   * @param {!Object} key Another one than before: the view has changed.
   * @param {function()} clear Empties the first canvas.
   */
  paint(still, moving, lines, colourOf, key, clear) {
    if (key !== this.key_ || !this.goesOn_(lines, colourOf)) {
      if (this.painted_.length || key !== this.key_) clear();
      this.painted_ = lines.map((line) => (
        {first: line.points[0], done: 0, at: line.points[0],
          colour: colourOf(line), pressed: !!line.pressure}));
      this.key_ = key;
    }
    lines.forEach((line, i) => {
      const known = this.painted_[i];
      const to = Math.max(known.done, line.points.length - 1 - MOVING);
      still.strokeStyle = moving.strokeStyle = known.colour;
      if (to > known.done) {
        paintPart(still, line, LINE_WIDTH, known.done, to);
        known.done = to;
        known.at = line.points[to];
      }
      paintPart(moving, line, LINE_WIDTH, to, line.points.length - 1);
    });
  }

  /** Whether the lines are those that were painted, grown at their ends. */
  goesOn_(lines, colourOf) {
    const same = (a, b) => a && b && a[0] === b[0] && a[1] === b[1];
    return lines.length === this.painted_.length && lines.every((line, i) => {
      const {first, done, at, colour, pressed} = this.painted_[i];
      return same(line.points[0], first) && same(line.points[done], at) &&
          colourOf(line) === colour && !!line.pressure === pressed;
    });
  }
}
