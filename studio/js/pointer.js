/**
 * @fileoverview Mouse, pen and fingers on the canvas: which gesture begins,
 * two fingers that zoom and move, the wheel, and what lies under the pointer.
 */

import {classesOfStroke, isDoubtful, strokeAt} from './drawing.js';
import {
  EraseGesture,
  PanGesture,
  PenGesture,
  REACH,
  SelectGesture,
} from './gestures.js';
import {className, visibleStrokes} from './state.js';

const GESTURES = {
  pen: PenGesture,
  eraser: EraseGesture,
  select: SelectGesture,
  hand: PanGesture,
};
const MIDDLE_BUTTON = 1;
const ERASER_BUTTON = 5;

export class Pointer {
  /**
   * @param {{store: !Object, view: !Object, penUp: function(number=)}}
   *     studio
   * @param {!HTMLElement} surface
   * @param {!HTMLElement} under Says what lies under the pointer.
   */
  constructor(studio, surface, under) {
    this.studio_ = studio;
    this.surface_ = surface;
    this.under_ = under;
    this.gesture_ = null;
    this.pointer_ = null;  // of the gesture
    /** Fingers that are down: id to point of the canvas. */
    this.fingers_ = new Map();
    /** Once a pen was seen, a finger or a palm does not draw. */
    this.penSeen_ = false;
    this.space_ = false;
    this.hover_ = null;

    const on = (type, fn, options) =>
      surface.addEventListener(type, fn.bind(this), options);
    on('pointerdown', this.down_);
    on('pointermove', this.move_);
    on('pointerup', this.up_);
    on('pointercancel', this.cancelled_);
    on('lostpointercapture', this.cancelled_);
    on('pointerleave', this.left_);
    on('wheel', this.wheel_, {passive: false});
    on('contextmenu', (event) => event.preventDefault());
    studio.store.on(['tool'], () => this.showCursor_());
    this.showCursor_();
  }

  /** @param {boolean} held Whether the space bar is down: drags move. */
  holdSpace(held) {
    this.space_ = held;
    this.showCursor_();
  }

  /** Drops what is under way, such as at Escape. */
  cancel() {
    this.gesture_?.cancel();
    this.gesture_ = null;
    this.pointer_ = null;
  }

  /** Whether a pointer is drawing or dragging. */
  get active() {
    return this.gesture_ !== null;
  }

  showCursor_() {
    this.surface_.dataset.cursor =
        this.space_ ? 'hand' : this.studio_.store.get().tool;
  }

  tool_(event) {
    if (event.button === ERASER_BUTTON) return 'eraser';
    if (this.space_ || event.button === MIDDLE_BUTTON) return 'hand';
    if (event.pointerType === 'touch' && this.penSeen_) return 'hand';
    return this.studio_.store.get().tool;
  }

  down_(event) {
    const {view} = this.studio_;
    if (event.pointerType === 'pen') this.penSeen_ = true;
    if (event.pointerType === 'touch') {
      this.fingers_.set(event.pointerId, view.at(event));
      if (this.fingers_.size > 1) {
        this.cancel();
        return;
      }
    }
    if (this.gesture_ || (event.button !== 0 &&
        event.button !== MIDDLE_BUTTON && event.button !== ERASER_BUTTON)) {
      return;
    }
    event.preventDefault();
    this.surface_.focus({preventScroll: true});
    this.surface_.setPointerCapture(event.pointerId);
    this.hover_ = null;
    this.under_.textContent = '';
    this.pointer_ = event.pointerId;
    this.gesture_ = new GESTURES[this.tool_(event)](this.studio_, event);
    this.gesture_.move([this.sample_(event)], event);
  }

  sample_(event) {
    return {at: this.studio_.view.at(event), pressure: event.pressure};
  }

  move_(event) {
    if (this.fingers_.has(event.pointerId) && this.fingers_.size > 1) {
      this.pinch_(event);
      return;
    }
    if (!this.gesture_) {
      this.hovered_(event);
      return;
    }
    if (event.pointerId !== this.pointer_) return;
    const all = event.getCoalescedEvents?.() ?? [];
    const samples = (all.length ? all : [event]).map((e) => this.sample_(e));
    this.gesture_.move(samples, event);
  }

  up_(event) {
    this.fingers_.delete(event.pointerId);
    if (event.pointerId !== this.pointer_) return;
    const gesture = this.gesture_;
    this.gesture_ = null;
    this.pointer_ = null;
    gesture?.end(event);
  }

  cancelled_(event) {
    this.fingers_.delete(event.pointerId);
    if (event.pointerId === this.pointer_) this.cancel();
  }

  left_() {
    this.hover_ = null;
    this.under_.textContent = '';
    if (!this.gesture_) this.studio_.view.mark({});
  }

  /** Two fingers: their middle moves the view, their distance zooms it. */
  pinch_(event) {
    const {view} = this.studio_;
    const ids = [...this.fingers_.keys()];
    if (!ids.slice(0, 2).includes(event.pointerId)) return;
    const before = ids.slice(0, 2).map((id) => this.fingers_.get(id));
    this.fingers_.set(event.pointerId, view.at(event));
    const after = ids.slice(0, 2).map((id) => this.fingers_.get(id));
    const middle = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    const apart = ([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]);
    const [from, to] = [middle(before), middle(after)];
    view.pan(to[0] - from[0], to[1] - from[1]);
    if (apart(before) > 0) view.zoom(apart(after) / apart(before), to);
  }

  wheel_(event) {
    event.preventDefault();
    const {view} = this.studio_;
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (event.ctrlKey || event.metaKey) {
      const factor = Math.exp(-event.deltaY * lines / 300);
      view.zoom(factor, view.at(event));
    } else {
      const [dx, dy] = event.shiftKey && !event.deltaX ?
          [event.deltaY, 0] :
          [event.deltaX, event.deltaY];
      view.pan(-dx * lines, -dy * lines);
    }
  }

  /** Names the stroke under a pointer that is not pressed. */
  hovered_(event) {
    const {store, view} = this.studio_;
    if (event.pointerType === 'touch') return;
    const state = store.get();
    const [x, y] = view.toDrawing(view.at(event));
    if (state.tool === 'eraser') {
      const radius = state.eraserSize / 2 / view.view.scale;
      view.mark({rubber: {x, y, radius}});
    }
    const strokes = visibleStrokes(state);
    const reach = REACH / view.view.scale;
    const id = strokeAt(strokes, [x, y], reach);
    const offer = !id && this.studio_.suggest?.pointAt([x, y], reach);
    const under = id || offer;
    if (under === this.hover_) return;
    this.hover_ = under;
    const stroke = strokes.find((other) => other.id === id);
    this.under_.textContent = stroke ? describe(state, stroke) : offer || '';
  }
}

/**
 * A stroke in words: "hair, 93 % sure".
 * @param {!Object} state
 * @param {!Object} stroke
 * @return {string}
 */
export function describe(state, stroke) {
  const {labels} = state;
  const name = [...classesOfStroke(stroke, labels)]
      .map((id) => className(state, id)).join(' and ');
  if (stroke.fixed) return `${name}, as you said`;
  const confidence = labels.get(stroke.id)?.confidence;
  if (confidence === undefined) return name;
  const sure = `${Math.round(100 * confidence)} % sure`;
  return isDoubtful(stroke, labels) ?
      `${name}? Doubtful, ${sure}` :
      `${name}, ${sure}`;
}
