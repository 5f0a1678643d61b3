/**
 * @fileoverview What a pointer does between going down and up. A gesture gets
 * the points of the canvas that the pointer passed, and in the end is taken
 * over as one step of undo, or cancelled without a trace.
 */

import {linesDrawn} from './draw_as.js';
import * as drawing from './drawing.js';
import {boxBetween, boxTransform, contains} from './geometry.js';
import {step} from './history.js';
import {handlesOf} from './painter.js';
import {StrokeSmoother} from './smoothing.js';
import {drawingOf, visibleStrokes} from './state.js';

/** How near a pointer has to come, in CSS pixels. */
export const REACH = 9;
const TOUCH_REACH = 16;
/** A line that stays this near to the middle has no mirror image. */
const MIDDLE = 7;

/** A pen that moves less, in CSS pixels, taps. */
const TAP = 4;

/** @typedef {{at: !Array<number>, pressure: number}} Sample */

/** @param {!PointerEvent} event */
const reachOf = (event) =>
  event.pointerType === 'touch' ? TOUCH_REACH : REACH;

/** Draws a stroke, and its mirror image where that is on. */
export class PenGesture {
  constructor({store, view, penUp, suggest}, event) {
    this.store_ = store;
    this.view_ = view;
    this.penUp_ = penUp;
    this.suggest_ = suggest;
    this.at_ = view.at(event);
    this.reach_ = reachOf(event) / view.view.scale;
    this.taps_ = true;
    // A click that closes a menu draws nothing.
    this.closes_ = !!document.querySelector('[popover]:popover-open');
    this.smoother_ =
        new StrokeSmoother(store.get().steadiness, view.view.scale);
    this.mirror_ = store.get().mirror;
    this.as_ = store.get().drawAs;
    this.first_ = drawingOf(store.get()).nextId;
    store.set({selection: new Set()});
    // A pen says how hard it is pressed; a mouse says one half, always.
    this.presses_ = event.pointerType === 'pen';
  }

  move(samples) {
    for (const {at, pressure} of samples) {
      const [dx, dy] = [at[0] - this.at_[0], at[1] - this.at_[1]];
      this.taps_ = this.taps_ && Math.hypot(dx, dy) < TAP;
      this.smoother_.add(
          this.view_.toDrawing(at), this.presses_ ? pressure : 0.5);
    }
    this.store_.set({pen: this.strokes_(this.smoother_.current())});
  }

  strokes_(line) {
    if (!line) return [];
    const {side} = drawingOf(this.store_.get());
    return linesDrawn(line, this.as_, this.mirror_, side, MIDDLE)
        .map((stroke, i) => ({...stroke, id: this.first_ + i}));
  }

  end(event) {
    if (this.taps_ && this.closes_) {
      this.cancel();
      return;
    }
    const at = this.view_.toDrawing(this.at_);
    // Who has just drawn a dot draws another.
    const last = drawingOf(this.store_.get()).strokes.at(-1);
    const taps = this.taps_ && last?.points.length !== 1;
    if (taps && this.suggest_?.takeAt(at, this.reach_)) return;
    const strokes = this.strokes_(this.smoother_.finish());
    const state = this.store_.get();
    const next = drawing.addStrokes(state.history.present, strokes);
    this.store_.set(step(state, {drawing: next, pen: []}));
    if (strokes.length) this.penUp_(event?.timeStamp);
  }

  cancel() {
    this.store_.set({pen: []});
  }
}

/** Rubs strokes out. */
export class EraseGesture {
  constructor({store, view}, event) {
    this.store_ = store;
    this.view_ = view;
    this.radius_ = store.get().eraserSize / 2 / view.view.scale;
    this.whole_ = store.get().wholeStrokes || event.shiftKey;
    this.last_ = null;
    const shown = new Set(visibleStrokes(store.get()).map(({id}) => id));
    this.born_ = store.get().history.present.nextId;
    // Pieces that this gesture makes may be rubbed further.
    this.touchable_ = ({id}) => shown.has(id) || id >= this.born_;
  }

  move(samples) {
    const {labels} = this.store_.get();
    let draft = drawingOf(this.store_.get());
    const before = draft;
    for (const {at} of samples) {
      const point = this.view_.toDrawing(at);
      draft = drawing.erase(
          draft, this.last_ ?? point, point, this.radius_, this.whole_,
          this.touchable_);
      this.last_ = point;
    }
    const [x, y] = this.last_;
    this.view_.mark({rubber: {x, y, radius: this.radius_}});
    if (draft === before) return;
    this.store_.set({draft, labels: inherited(labels, before, draft)});
  }

  end() {
    const state = this.store_.get();
    this.view_.mark({});
    this.store_.set(step(state, {
      drawing: state.draft ?? state.history.present,
      draft: null,
      selection: new Set(),
    }));
  }

  cancel() {
    this.view_.mark({});
    this.store_.set({draft: null});
  }
}

/** New pieces have the colour of what they were cut from until labelled. */
function inherited(labels, before, after) {
  const old = new Set(before.strokes.map(({id}) => id));
  let parent = null;
  let next = labels;
  for (const {id} of after.strokes) {
    if (old.has(id)) {
      parent = labels.get(id);
    } else if (parent) {
      if (next === labels) next = new Map(labels);
      next.set(id, parent);
    }
  }
  return next;
}

/** Selects, moves and scales. */
export class SelectGesture {
  constructor({store, view, suggest}, event) {
    this.store_ = store;
    this.suggest_ = suggest;
    this.view_ = view;
    this.moved_ = false;
    const state = store.get();
    const at = view.at(event);
    this.from_ = view.toDrawing(at);
    const reach = reachOf(event) / view.view.scale;
    this.reach_ = reach;
    this.slack_ = 3 / view.view.scale;
    this.box_ = view.selectionBox();
    this.kept_ = event.shiftKey ? state.selection : new Set();

    const handle = this.box_ && handlesOf(this.box_).find(
        ({x, y}) => Math.abs(x - this.from_[0]) <= reach &&
            Math.abs(y - this.from_[1]) <= reach);
    if (handle) {
      this.mode_ = handle.name;
      return;
    }
    const hit = drawing.strokeAt(visibleStrokes(state), this.from_, reach);
    if (hit && event.shiftKey) {
      const selection = new Set(state.selection);
      if (!selection.delete(hit)) selection.add(hit);
      store.set({selection});
      this.mode_ = 'move';
    } else if (state.selection.has(hit)) {
      this.mode_ = 'move';
      this.single_ = hit;
    } else if (hit) {
      store.set({selection: new Set([hit])});
      this.mode_ = 'move';
    } else if (this.box_ && !event.shiftKey &&
        contains(this.box_, this.from_)) {
      this.mode_ = 'move';
      this.clears_ = true;
    } else {
      this.mode_ = 'marquee';
    }
  }

  move(samples, event) {
    const to = this.view_.toDrawing(samples[samples.length - 1].at);
    const [dx, dy] = [to[0] - this.from_[0], to[1] - this.from_[1]];
    if (!this.moved_ && Math.hypot(dx, dy) < this.slack_) return;
    this.moved_ = true;
    const {history, selection} = this.store_.get();
    if (this.mode_ === 'marquee') {
      this.marquee_ = boxBetween(this.from_, to);
      this.view_.mark({marquee: this.marquee_});
      return;
    }
    const transform = this.mode_ === 'move' ?
        {sx: 1, sy: 1, tx: dx, ty: dy} :
        this.scaling_(dx, dy, event.shiftKey);
    this.store_.set({
      draft: drawing.transformStrokes(history.present, selection, transform),
    });
  }

  /** Pulls the corner; the opposite one stays. Shift: sides as they please. */
  scaling_(dx, dy, free) {
    const box = {...this.box_};
    const [width, height] = [box.x1 - box.x0, box.y1 - box.y0];
    let fx = Math.max(
        0.05, (width + (this.mode_.includes('w') ? -dx : dx)) / width);
    let fy = Math.max(
        0.05, (height + (this.mode_.includes('n') ? -dy : dy)) / height);
    if (!free) fx = fy = Math.max(fx, fy);
    if (this.mode_.includes('w')) box.x0 = box.x1 - fx * width;
    else box.x1 = box.x0 + fx * width;
    if (this.mode_.includes('n')) box.y0 = box.y1 - fy * height;
    else box.y1 = box.y0 + fy * height;
    return boxTransform(this.box_, box);
  }

  end() {
    const state = this.store_.get();
    this.view_.mark({});
    if (state.draft) {
      this.store_.set(step(state, {drawing: state.draft, draft: null}));
    } else if (this.mode_ === 'marquee') {
      if (!this.moved_ && this.suggest_?.takeAt(this.from_, this.reach_)) {
        return;
      }
      const found = this.marquee_ ?
          drawing.strokesIn(visibleStrokes(state), this.marquee_) :
          [];
      this.store_.set({selection: new Set([...this.kept_, ...found])});
    } else if (!this.moved_ && this.single_) {
      this.store_.set({selection: new Set([this.single_])});
    } else if (!this.moved_ && this.clears_) {
      this.store_.set({selection: new Set()});
    }
  }

  cancel() {
    this.view_.mark({});
    this.store_.set({draft: null});
  }
}

/** Moves what is seen. */
export class PanGesture {
  constructor({view}, event) {
    this.view_ = view;
    this.last_ = view.at(event);
  }

  move(samples) {
    const {at} = samples[samples.length - 1];
    this.view_.pan(at[0] - this.last_[0], at[1] - this.last_[1]);
    this.last_ = at;
  }

  end() {}

  cancel() {}
}
