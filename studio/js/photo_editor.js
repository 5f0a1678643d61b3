/**
 * @fileoverview The sheet on which a photo is moved, scaled, turned and cropped
 * on the paper: the one to trace, and the one of the looks.
 */

import * as api from './api.js';
import {tieDialog} from './dialogs.js';
import {byId} from './dom.js';
import {SIDE} from './drawing.js';
import {paintGuide, paintStroke, LINE_WIDTH} from './painter.js';
import {readPalette} from './palette.js';
import {
  atFrame,
  covering,
  LARGEST,
  moved,
  MOST_CROP,
  paintPlaced,
  pinched,
  placeByKey,
  SMALLEST,
  turned,
  WHOLE,
} from './photo_place.js';
import {blobOf, shrunk} from './pictures.js';
import {classesOf, visiblePieces} from './state.js';

/** Around the paper, in units: what lies there is seen, and not used. */
const MARGIN = 56;
const OUTSIDE = 0.25;  // how strong it is
const CROPS = ['left', 'upper', 'right', 'lower'];
/** Longest side of a photo in which a face is looked for. */
const LOOKED_AT = 1024;

const MIDDLE = [SIDE / 2, SIDE / 2];

/** The slider of sizes goes by powers: each step is as much larger. */
const toSlider = (scale) => Math.round(
    1000 * Math.log(scale / SMALLEST) / Math.log(LARGEST / SMALLEST));
const fromSlider = (value) =>
  SMALLEST * (LARGEST / SMALLEST) ** (value / 1000);

export class PhotoEditor {
  /** @param {{store: !Object, status: !Object}} studio */
  constructor({store, status}) {
    this.store_ = store;
    this.status_ = status;
    this.dialog_ = byId('photo-editor');
    this.canvas_ = byId('photo-canvas');
    this.note_ = byId('photo-note');
    this.fingers_ = new Map();  // id to point of the paper
    this.frame_ = 0;
    this.job_ = null;
    this.place_ = WHOLE;
    tieDialog(this.dialog_);
    this.listen_();
  }

  /**
   * Opens the sheet.
   * @param {{
   *   title: string, photo: !ImageBitmap, place: !Object, crops: boolean,
   *   done: function(!Object),
   * }} job `crops`: whether sides can be cut off; `done` hears of the place
   *     that was chosen.
   */
  show(job) {
    this.job_ = job;
    this.place_ = job.place;
    byId('photo-editor-title').textContent = job.title;
    byId('photo-crops').hidden = !job.crops;
    byId('photo-find').hidden = !this.store_.get().models?.parser;
    this.note_.textContent = '';
    this.palette_ = readPalette(classesOf(this.store_.get()));
    this.dialog_.showModal();
    this.canvas_.focus();
    this.changed_(this.place_);
  }

  listen_() {
    const on = (id, type, fn) => byId(id).addEventListener(type, fn);
    on('photo-size', 'input', ({target}) => {
      const factor = fromSlider(Number(target.value)) / this.place_.scale;
      this.changed_(turned(this.place_, factor, 0, MIDDLE));
    });
    on('photo-turn', 'input', ({target}) => this.changed_(turned(
        this.place_, 1, Number(target.value) - this.place_.turn, MIDDLE)));
    CROPS.forEach((side, i) => {
      on(`photo-crop-${side}`, 'input', ({target}) => {
        const crop = [...this.place_.crop];
        crop[i] = Number(target.value) / 100;
        this.changed_({...this.place_, crop});
      });
    });
    on('photo-whole', 'click', () => this.changed_(WHOLE));
    on('photo-fill', 'click', () => this.changed_(
        covering(this.job_.photo.width, this.job_.photo.height)));
    on('photo-find', 'click', () => this.find_());
    on('photo-done', 'click', () => {
      const {done} = this.job_;
      this.dialog_.close();
      done(this.place_);
    });
    new ResizeObserver(() => this.paint_()).observe(this.canvas_);
    this.listenToPointers_();
    this.canvas_.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const next = placeByKey(this.place_, event);
      if (!next) return;
      event.preventDefault();
      event.stopPropagation();
      this.changed_(next);
    });
  }

  listenToPointers_() {
    const canvas = this.canvas_;
    canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      if (this.fingers_.size < 2) {
        this.fingers_.set(event.pointerId, this.at_(event));
      }
    });
    canvas.addEventListener('pointermove', (event) => {
      const from = this.fingers_.get(event.pointerId);
      if (!from) return;
      const before = [...this.fingers_.values()];
      this.fingers_.set(event.pointerId, this.at_(event));
      const after = [...this.fingers_.values()];
      this.changed_(after.length === 2 ? pinched(this.place_, before, after) :
          moved(this.place_, after[0][0] - from[0], after[0][1] - from[1]));
    });
    for (const type of ['pointerup', 'pointercancel', 'lostpointercapture']) {
      canvas.addEventListener(
          type, ({pointerId}) => this.fingers_.delete(pointerId));
    }
    canvas.addEventListener('wheel', (event) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const by = (event.deltaY || event.deltaX) * lines;
      this.changed_(event.shiftKey ?
          turned(this.place_, 1, by / 20, this.at_(event)) :
          turned(this.place_, Math.exp(-by / 500), 0, this.at_(event)));
    }, {passive: false});
  }

  /** The point of the paper under a pointer. */
  at_({clientX, clientY}) {
    const {left, top, width, height} = this.canvas_.getBoundingClientRect();
    const each = (SIDE + 2 * MARGIN) / Math.min(width, height);
    return [
      (clientX - left) * each - MARGIN, (clientY - top) * each - MARGIN];
  }

  /** Lays the photo so that the face in it lies where limner has faces. */
  async find_() {
    const {photo} = this.job_;
    this.note_.textContent = 'Looking for the face.';
    const job = this.job_;
    try {
      const sent = blobOf(shrunk(photo, LOOKED_AT));
      const {frame} = await api.addAppearance(sent);
      if (job !== this.job_) return;
      if (!frame) throw new Error('No face was found in the photo.');
      // In pixels of what was sent, which may be smaller.
      const by = Math.max(photo.width, photo.height) /
          Math.min(LOOKED_AT, Math.max(photo.width, photo.height));
      const {x, y, side, turn} = frame;
      const found = atFrame(
          {x: by * x, y: by * y, side: by * side, turn},
          photo.width, photo.height);
      this.changed_({...found, crop: this.place_.crop});
      this.note_.textContent = 'The face lies on the guide.';
    } catch (error) {
      if (job === this.job_) this.note_.textContent = error.message;
    }
  }

  changed_(place) {
    this.place_ = place;
    const percent = Math.round(100 * place.scale);
    const size = byId('photo-size');
    size.value = String(toSlider(place.scale));
    size.setAttribute('aria-valuetext', `${percent} %`);
    const turn = byId('photo-turn');
    turn.value = String(Math.round(place.turn));
    turn.setAttribute('aria-valuetext', `${Math.round(place.turn)} degrees`);
    CROPS.forEach((side, i) => {
      const input = byId(`photo-crop-${side}`);
      input.max = String(100 * MOST_CROP);
      input.value = String(Math.round(100 * place.crop[i]));
    });
    this.plan_();
  }

  plan_() {
    this.frame_ ||= requestAnimationFrame(() => {
      this.frame_ = 0;
      this.paint_();
    });
  }

  paint_() {
    const canvas = this.canvas_;
    const {width} = canvas.getBoundingClientRect();
    if (!this.job_ || !width) return;
    const side = Math.round(width * (window.devicePixelRatio || 1));
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const state = this.store_.get();
    const context = canvas.getContext('2d');
    const each = side / (SIDE + 2 * MARGIN);
    const pixel = (SIDE + 2 * MARGIN) / width;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, side, side);
    context.setTransform(each, 0, 0, each, MARGIN * each, MARGIN * each);
    context.fillStyle = this.palette_.paper;
    context.fillRect(0, 0, SIDE, SIDE);
    context.globalAlpha = OUTSIDE;
    paintPlaced(context, this.job_.photo, this.place_);
    context.globalAlpha = 1;
    context.save();
    context.beginPath();
    context.rect(0, 0, SIDE, SIDE);
    context.clip();
    paintPlaced(context, this.job_.photo, this.place_);
    context.restore();
    for (const piece of visiblePieces(state)) {
      // A rim keeps lines apart from the photo.
      context.globalAlpha = 0.6;
      context.strokeStyle = this.palette_.paper;
      paintStroke(context, piece, LINE_WIDTH + 2 * pixel);
      context.globalAlpha = 1;
      context.strokeStyle =
          this.palette_.byClass.get(piece.class) ?? this.palette_.ink;
      paintStroke(context, piece, LINE_WIDTH);
    }
    paintGuide(context, this.palette_.paper, 2.5 * pixel);
    paintGuide(context, this.palette_.accent, pixel);
    context.strokeStyle = this.palette_.accent;
    context.lineWidth = 1.5 * pixel;
    context.strokeRect(0, 0, SIDE, SIDE);
  }
}
