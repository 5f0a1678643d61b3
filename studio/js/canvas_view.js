/**
 * @fileoverview The drawing on the screen: canvases on top of each other, one
 * that is painted anew when the drawing changes, one for the line under the
 * pen, and one for what moves with the pointer.
 */

import {boundsOfStrokes, classOf} from './drawing.js';
import {grow} from './geometry.js';
import {Ink} from './ink.js';
import * as painter from './painter.js';
import {readPalette} from './palette.js';
import {paintPlaced} from './photo_place.js';
import {
  classesOf,
  drawingOf,
  selectedStrokes,
  visiblePieces,
  visibleStrokes,
} from './state.js';
import {visibleSuggestions} from './suggest.js';
import * as viewport from './viewport.js';

export class CanvasView {
  /**
   * @param {!Object} store
   * @param {!HTMLElement} box What the canvases fill.
   * @param {!HTMLCanvasElement} base
   * @param {!HTMLCanvasElement} pen
   * @param {!HTMLCanvasElement} live
   */
  constructor(store, box, base, pen, live) {
    this.store_ = store;
    this.box_ = box;
    this.layers_ = [base, pen, live];
    this.ink_ = new Ink();
    /** What follows the pointer: {marquee, rubber}. */
    this.marks_ = {};
    this.moved_ = [];  // called when the view changes
    this.size_ = {width: 0, height: 0};
    this.view_ = {scale: 1, x: 0, y: 0};
    this.fitted_ = true;
    this.dirty_ = [false, false];
    this.frame_ = 0;
    this.colours_ = null;

    new ResizeObserver(() => this.resized_()).observe(box);
    store.on(
        ['history', 'draft', 'labels', 'selection', 'hidden', 'models',
          'guide', 'compare', 'lines', 'trace', 'fitted', 'suggested',
          'suggestion'],
        () => this.paint());
    store.on(['face'], ({compare}) => {
      if (compare === 'overlay') this.paint();
    });
    store.on(['pen', 'mirror', 'labels'], () => this.paintLive());
    store.on(['history', 'draft', 'selection'], () => this.tellMoved_());
  }

  /** Colours are read anew, such as after a change of theme. */
  recolour() {
    this.colours_ = null;
    this.ink_.forget();
    this.paint();
    this.paintLive();
  }

  paint() {
    this.dirty_[0] = true;
    this.plan_();
  }

  paintLive() {
    this.dirty_[1] = true;
    this.plan_();
  }

  /** @param {!Object} marks */
  mark(marks) {
    this.marks_ = marks;
    this.paintLive();
  }

  plan_() {
    if (this.frame_) return;
    this.frame_ = requestAnimationFrame(() => {
      this.frame_ = 0;
      if (this.dirty_[0]) this.paintBase_();
      if (this.dirty_[1]) this.paintMoving_();
      this.dirty_ = [false, false];
    });
  }

  // The view ------------------------------------------------------------------

  get view() {
    return this.view_;
  }

  /** @return {number} 100 when the whole drawing fits. */
  get percent() {
    return Math.round(100 * this.view_.scale / this.whole_().scale);
  }

  whole_() {
    const {width, height} = this.size_;
    return viewport.fitView(width, height, drawingOf(this.store_.get()).side);
  }

  /** Shows the whole drawing. */
  fit() {
    this.fitted_ = true;
    this.setView_(this.whole_());
  }

  /**
   * @param {number} factor
   * @param {!Array<number>=} at A point of the canvas; its middle without.
   */
  zoom(factor, at) {
    const middle = [this.size_.width / 2, this.size_.height / 2];
    this.fitted_ = false;
    this.setView_(this.kept_(viewport.zoomAt(
        this.view_, factor, at ?? middle, this.whole_())));
  }

  /**
   * @param {number} dx
   * @param {number} dy
   */
  pan(dx, dy) {
    this.fitted_ = false;
    this.setView_(this.kept_(viewport.panBy(this.view_, dx, dy)));
  }

  kept_(view) {
    const {width, height} = this.size_;
    const {side} = drawingOf(this.store_.get());
    return viewport.keepInSight(view, width, height, side);
  }

  setView_(view) {
    this.view_ = view;
    this.paint();
    this.paintLive();
    this.tellMoved_();
  }

  /** @param {function()} fn Called when what is selected may have moved. */
  onMoved(fn) {
    this.moved_.push(fn);
  }

  tellMoved_() {
    for (const fn of this.moved_) fn();
  }

  resized_() {
    const {width, height} = this.box_.getBoundingClientRect();
    if (!width || !height) return;
    this.size_ = {width, height};
    const ratio = window.devicePixelRatio || 1;
    for (const canvas of this.layers_) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    if (this.fitted_) {
      this.view_ = this.whole_();
    } else {
      this.view_ = this.kept_(this.view_);
    }
    // At once: a canvas that was resized is empty until it is painted.
    this.ink_.forget();
    this.paintBase_();
    this.paintMoving_();
    this.tellMoved_();
  }

  /**
   * @param {!MouseEvent} event
   * @return {!Array<number>} The point of the canvas.
   */
  at(event) {
    const {left, top} = this.box_.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  /** @param {!Array<number>} at */
  toDrawing(at) {
    return viewport.toDrawing(this.view_, at);
  }

  /** @return {?Object} The box around the selection, in units. */
  selectionBox() {
    const strokes = selectedStrokes(this.store_.get());
    const box = boundsOfStrokes(strokes);
    return box && grow(box, 8 / this.view_.scale);
  }

  // Painting ------------------------------------------------------------------

  palette_() {
    const classes = classesOf(this.store_.get());
    if (this.colours_?.classes !== classes) {
      this.colours_ = readPalette(classes);
    }
    return this.colours_;
  }

  start_(canvas, empty = true) {
    const context = canvas.getContext('2d');
    const ratio = canvas.width / this.size_.width || 1;
    if (empty) {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
    }
    const {scale, x, y} = this.view_;
    context.setTransform(
        ratio * scale, 0, 0, ratio * scale, ratio * x, ratio * y);
    return context;
  }

  paintBase_() {
    const state = this.store_.get();
    const {selection, compare, face, trace} = state;
    const colours = this.palette_();
    const context = this.start_(this.layers_[0]);
    const pixel = 1 / this.view_.scale;
    const {side} = drawingOf(state);
    const over = compare === 'overlay' && face;

    context.fillStyle = colours.paper;
    context.fillRect(0, 0, side, side);
    if (over) painter.paintPicture(context, face.bitmap, side);
    if (trace?.shown) {
      this.paintTrace_(context, trace, side);
    }
    context.strokeStyle = colours['paper-edge'];
    context.lineWidth = pixel;
    context.strokeRect(0, 0, side, side);
    const suggested = over ? [] : visibleSuggestions(state);
    // Where parts are missing, the drawing is not done yet.
    const unfinished = suggested.some(({shown}) => shown);
    if (state.guide && !over && !unfinished) {
      painter.paintGuide(context, colours.guide, pixel);
    }

    const strokes = visibleStrokes(state);
    const pieces = visiblePieces(state);
    context.strokeStyle = colours.accent;
    context.globalAlpha = 0.3;
    for (const stroke of strokes) {
      if (!selection.has(stroke.id)) continue;
      painter.paintStroke(
          context, {...stroke, pressure: null},
          painter.LINE_WIDTH + 8 * pixel);
    }
    const lines = over ? state.lines : 1;
    if (over) {
      // A rim keeps lines apart from what lies under them.
      context.globalAlpha = 0.5 * lines;
      context.strokeStyle = colours.paper;
      for (const piece of pieces) {
        painter.paintStroke(context, piece, painter.LINE_WIDTH + 2 * pixel);
      }
    }
    painter.paintSuggestions(
        context, suggested, state.suggestion, colours, pixel);
    const ghost = state.fitted && !unfinished && (state.guide || over);
    this.box_.dataset.ghost = ghost ? 'shown' : '';
    if (ghost) {
      painter.paintGhost(context, state.fitted, colours.guide, pixel);
    }
    context.globalAlpha = lines;
    for (const piece of pieces) this.paintPiece_(context, piece, colours);
    context.globalAlpha = 1;
    const box = this.selectionBox();
    if (box) {
      painter.paintSelectionBox(
          context, box, colours.accent, colours.paper, pixel);
    }
  }

  /** The photo may lie over the paper's edge. */
  paintTrace_(context, {bitmap, opacity, place}, side) {
    context.save();
    context.beginPath();
    context.rect(0, 0, side, side);
    context.clip();
    context.globalAlpha = opacity;
    paintPlaced(context, bitmap, place);
    context.restore();
  }

  paintPiece_(context, piece, colours) {
    context.strokeStyle = colours.byClass.get(piece.class) ?? colours.ink;
    if (piece.doubtful) {
      context.setLineDash([5, 6]);
      painter.paintStroke(
          context, {...piece, pressure: null}, painter.LINE_WIDTH);
      context.setLineDash([]);
    } else {
      painter.paintStroke(context, piece, painter.LINE_WIDTH);
    }
  }

  paintMoving_() {
    const state = this.store_.get();
    const colours = this.palette_();
    const context = this.start_(this.layers_[2]);
    const pixel = 1 / this.view_.scale;
    const {side} = drawingOf(state);
    if (state.mirror) {
      context.strokeStyle = colours.accent;
      context.lineWidth = pixel;
      context.setLineDash([2 * pixel, 4 * pixel]);
      context.beginPath();
      context.moveTo(side / 2, 0);
      context.lineTo(side / 2, side);
      context.stroke();
      context.setLineDash([]);
    }
    this.ink_.paint(
        this.start_(this.layers_[1], false), context, state.pen,
        (stroke) => colours.byClass.get(classOf(stroke, state.labels)) ??
            colours.ink,
        this.view_, () => this.start_(this.layers_[1]));
    const {marquee, rubber} = this.marks_;
    context.lineWidth = pixel;
    context.strokeStyle = colours.accent;
    if (marquee) {
      context.fillStyle = colours.accent;
      context.globalAlpha = 0.08;
      const {x0, y0, x1, y1} = marquee;
      context.fillRect(x0, y0, x1 - x0, y1 - y0);
      context.globalAlpha = 1;
      context.strokeRect(x0, y0, x1 - x0, y1 - y0);
    }
    if (rubber) {
      context.strokeStyle = colours.ink;
      context.beginPath();
      context.arc(rubber.x, rubber.y, rubber.radius, 0, 2 * Math.PI);
      context.stroke();
    }
  }
}
