/**
 * @fileoverview The face beside the drawing, and what is said of it.
 */

import {byId} from './dom.js';
import {changeLook, onlyLook} from './looks.js';
import {thumbnail} from './pictures.js';
import {drawingOf} from './state.js';

const THUMB = 96;

/**
 * @param {!Object} store
 */
export function startFaceView(store) {
  const canvas = byId('face');
  const empty = byId('face-empty');
  const caption = byId('face-caption');
  const pane = byId('face-pane');

  const show = () => {
    const {face, models} = store.get();
    pane.classList.toggle('has-face', !!face);
    empty.hidden = !!face;
    canvas.hidden = !face;
    if (!face) {
      caption.textContent = '';
      const without = models && !models.model;
      byId('face-empty-text').textContent = without ?
          'This limner has no face model, so it only tells what your lines ' +
          'are. Start it with --model FILE.' :
          'The face appears here as you draw.';
      return;
    }
    // The width is set only when it changes: it empties the canvas.
    if (canvas.width !== face.side) {
      canvas.width = canvas.height = face.side;
    }
    canvas.getContext('2d').drawImage(face.bitmap, 0, 0);
    const full = models?.model && face.side >= models.model.size;
    canvas.setAttribute(
        'aria-label', `Face made from the drawing, ${face.side} pixels`);
    caption.textContent = (full ? 'Full picture, ' : 'Preview, ') +
        `${face.side} × ${face.side}` +
        (face.milliseconds ?
            `, ${(face.milliseconds / 1000).toFixed(2)} s` : '');
    keepThumb();
  };

  /** A random look is shown in the list by a face that has it. */
  const keepThumb = () => {
    const {face, looks} = store.get();
    const look = onlyLook(face.looks);
    if (!look || look.kind !== 'seed') return;
    const known = looks.recent.find((other) => other.seed === look.seed);
    if (!known || known.thumb) return;
    // A face of a few lines says little about its looks.
    if (drawingOf(store.get()).strokes.length < 3) return;
    store.set({
      looks: changeLook(looks, look, {thumb: thumbnail(face.bitmap, THUMB)}),
    });
  };

  store.on(['face', 'models'], show);
  store.on(['busy'], ({busy}) => pane.classList.toggle('busy', busy));
  store.on(['busy', 'revision', 'handled'], ({busy, revision, handled}) => {
    pane.setAttribute('aria-busy', String(busy || handled < revision));
  });
  show();
}
