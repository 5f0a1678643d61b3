/**
 * @fileoverview Files in and out: drawings, photos, faces; by the file dialog,
 * dropped or pasted.
 */

import {lines} from './actions.js';
import * as api from './api.js';
import {fromSvg, takesText} from './clipboard.js';
import {byId} from './dom.js';
import {fromJson, toFile, toPieces} from './format.js';
import {openRaster, transparentPng} from './layers.js';
import {saidIn, withSaid, withSaidLine} from './ndjson.js';
import {
  drawingToSend,
  openPicture,
  photoToSend,
  save,
  shrunk,
  sideBySide,
} from './pictures.js';
import {WHOLE} from './photo_place.js';
import {isProject} from './project.js';
import {classesOf, drawingOf, visiblePieces} from './state.js';

/** Longest side of the photo under the drawing. */
const TRACE_SIDE = 1024;

export class Files {
  /**
   * @param {{store: !Object, status: !Object, actions: !Object, live: !Object,
   *     looks: !Object, projects: !Object}} studio
   */
  constructor({store, status, actions, live, looks, projects}) {
    this.store_ = store;
    this.status_ = status;
    this.actions_ = actions;
    this.live_ = live;
    this.looks_ = looks;
    this.projects_ = projects;
    this.chooser_('open-drawing', 'drawing-file', (f) => this.open(f));
    this.chooser_('open-photo', 'sketch-file', (f) => this.sketch(f));
    this.chooser_('trace-choose', 'trace-file', (f) => this.trace(f));
    for (const to of ['svg', 'json', 'png', 'ndjson']) {
      byId(`save-${to}`).addEventListener('click', () => this.saveDrawing(to));
    }
    byId('save-face').addEventListener('click', () => this.saveFace('png'));
    byId('save-face-jpeg').addEventListener(
        'click', () => this.saveFace('jpeg'));
    byId('save-lines').addEventListener('click', () => this.saveLines());
    byId('save-layers').addEventListener('click', () => this.saveLayers());
    byId('save-both').addEventListener('click', () => this.saveBoth());
    this.listenToDrops_();
    document.addEventListener('paste', (event) => this.pasted_(event));
  }

  chooser_(button, input, use) {
    byId(button).addEventListener('click', () => byId(input).click());
    byId(input).addEventListener('change', ({target}) => {
      const [file] = target.files;
      target.value = '';
      if (file) use(file);
    });
  }

  /** Runs something that may fail, and says so. */
  async try_(work) {
    try {
      await work();
      this.status_.clearTrouble();
    } catch (error) {
      // What was begun is not done.
      this.status_.say('');
      this.status_.trouble(error.message);
    }
  }

  // In ------------------------------------------------------------------------

  /**
   * Opens a drawing in any format that limner reads.
   * @param {!Blob} file
   */
  open(file) {
    return this.try_(async () => {
      const json = await ownJson(file);
      if (isProject(json)) {
        await this.projects_.take(json);
        return;
      }
      this.actions_.replace(json ? fromJson(json) : await this.import_(file));
      const {strokes} = drawingOf(this.store_.get());
      this.status_.say(`${file.name || 'The drawing'} is open, ` +
          `${lines(strokes.length)}.`);
    });
  }

  /** A drawing that limner reads. */
  async import_(file) {
    const {limits} = this.store_.get().models ?? {};
    const json = await api.importDrawing(await drawingToSend(file, limits));
    return fromJson(withSaid(json, await saidIn(file)));
  }

  /**
   * Draws the lines of a photo.
   * @param {!Blob} file
   */
  sketch(file) {
    return this.try_(async () => {
      this.status_.say('Drawing the photo.');
      const {limits} = this.store_.get().models ?? {};
      const json = await api.sketch(await photoToSend(file, limits));
      this.actions_.replace(fromJson(json));
      this.status_.say(`${lines(json.strokes.length)} from the photo.`);
    });
  }

  /**
   * Lays a photo under the drawing.
   * @param {!Blob} file
   */
  trace(file) {
    return this.try_(async () => {
      const opened = await openPicture(file);
      const address = shrunk(opened, TRACE_SIDE);
      this.store_.set({trace: {
        bitmap: opened, address, opacity: 0.45, shown: true, place: WHOLE,
      }});
      this.status_.say('The photo lies under the drawing.');
    });
  }

  pasted_(event) {
    if (takesText(event.target)) return;
    const items = [...event.clipboardData.items];
    const picture = items.find(({type}) => type.startsWith('image/') &&
        type !== 'image/svg+xml');
    if (picture) {
      this.looks_.photo(picture.getAsFile());
      return;
    }
    const text = (event.clipboardData.getData('image/svg+xml') ||
        event.clipboardData.getData('text/plain')).trim();
    const copied = fromSvg(text);
    if (copied) {
      this.actions_.add(copied);
      return;
    }
    if (text.startsWith('<') || text.startsWith('{')) {
      const type = text.startsWith('<') ? 'image/svg+xml' : 'application/json';
      this.open(new Blob([text], {type}));
    }
  }

  /** While a file is held over the page, three places ask for it. */
  listenToDrops_() {
    const places = byId('drop-places');
    const holdsFile = (event) => event.dataTransfer?.types.includes('Files');
    let depth = 0;
    const leave = () => {
      depth = 0;
      places.hidden = true;
    };
    document.addEventListener('dragenter', (event) => {
      if (!holdsFile(event)) return;
      ++depth;
      places.hidden = false;
    });
    document.addEventListener('dragleave', (event) => {
      if (holdsFile(event) && --depth <= 0) leave();
    });
    document.addEventListener('dragover', (event) => {
      if (!holdsFile(event)) return;
      event.preventDefault();
      for (const place of places.children) {
        place.classList.toggle('over', place.contains(event.target));
      }
    });
    document.addEventListener('drop', (event) => {
      if (!holdsFile(event)) return;
      event.preventDefault();
      const place = event.target.closest?.('[data-drop]');
      leave();
      const [file] = event.dataTransfer.files;
      if (file) this.dropped_(place?.dataset.drop, file);
    });
  }

  dropped_(place, file) {
    const drawing = /\.(svg|json|ndjson|limner)$/i.test(file.name);
    if (drawing || place === 'drawing') this.open(file);
    else if (place === 'trace') this.trace(file);
    else this.looks_.photo(file);
  }

  // Out -----------------------------------------------------------------------

  /** @param {string} to */
  saveDrawing(to) {
    return this.try_(async () => {
      const {labels} = this.store_.get();
      const {strokes} = drawingOf(this.store_.get());
      if (!strokes.length) throw new Error('There are no lines to save yet.');
      // limner's own JSON is written here: it keeps corrections, and can be
      // saved while the server is away.
      const blob = to === 'json' ?
          new Blob([JSON.stringify(toFile(strokes, labels)) + '\n'],
              {type: 'application/json'}) :
          await this.converted_(toPieces(strokes, labels), to);
      save(blob, `drawing.${to}`);
      this.status_.say(`drawing.${to} is saved.`);
    });
  }

  async converted_(drawing, to) {
    const blob = await api.convert(drawing, to);
    return to === 'ndjson' ? withSaidLine(blob, drawing) : blob;
  }

  /** @param {string} format */
  saveFace(format) {
    return this.try_(async () => {
      this.needsLines_();
      this.status_.say('Making the full picture.');
      const name = format === 'jpeg' ? 'face.jpg' : `face.${format}`;
      save(await this.live_.picture(format), name);
      this.status_.say(`${name} is saved.`);
    });
  }

  /** Lines alone, on nothing. */
  saveLines() {
    return this.savePicture_('lines.png', transparentPng);
  }

  /** Face and parts as layers. */
  saveLayers() {
    return this.savePicture_('drawing.ora', openRaster, true);
  }

  saveBoth() {
    return this.savePicture_('drawing-and-face.png', sideBySide, true);
  }

  /**
   * @param {string} name
   * @param {function(...):!Promise<!Blob>} make Of the lines' pieces, their
   *     classes, the drawing's side and, where it is asked for, the face.
   * @param {boolean=} withFace
   */
  savePicture_(name, make, withFace = false) {
    return this.try_(async () => {
      this.needsLines_();
      const face = [];
      if (withFace) {
        this.status_.say('Making the full picture.');
        face.push(await createImageBitmap(await this.live_.picture('png')));
      }
      const state = this.store_.get();
      save(
          await make(
              visiblePieces(state), classesOf(state), drawingOf(state).side,
              ...face),
          name);
      this.status_.say(`${name} is saved.`);
    });
  }

  needsLines_() {
    if (drawingOf(this.store_.get()).strokes.length) return;
    throw new Error('Draw something first: there is no face yet.');
  }
}

/**
 * What the studio itself reads, so that corrections stay: limner's JSON and
 * .limner files. Null for other files.
 */
async function ownJson(file) {
  const head = await file.slice(0, 64).text();
  if (!head.trimStart().startsWith('{')) return null;
  try {
    const json = JSON.parse(await file.text());
    return isProject(json) || fromJson(json) ? json : null;
  } catch {
    return null;  // limner says what is wrong with it
  }
}
