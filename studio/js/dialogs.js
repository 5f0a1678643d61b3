/**
 * @fileoverview The sheet of templates and the help sheet.
 */

import {lines} from './actions.js';
import * as api from './api.js';
import {byId, make} from './dom.js';
import {fromJson} from './format.js';
import {LINE_WIDTH, paintStroke} from './painter.js';
import {themeColour} from './palette.js';

const PICTURE = 168;  // CSS pixels

/**
 * Dialogs close by their button, by Escape and by a click beside them.
 * @param {!HTMLDialogElement} dialog
 */
export function tieDialog(dialog) {
  dialog.querySelector('.close').addEventListener(
      'click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
}

/**
 * @param {{actions: !Object, status: !Object}} studio
 */
export function startTemplates({actions, status}) {
  const dialog = byId('templates');
  const list = byId('template-list');
  const note = byId('template-note');
  tieDialog(dialog);
  byId('open-templates').addEventListener('click', async () => {
    dialog.showModal();
    note.textContent = 'One moment.';
    try {
      const templates = (await api.templates()).map(
          ({name, drawing}) => ({name, drawing: fromJson(drawing)}));
      note.textContent =
          'A drawing to change as you like. Undo brings your own back.';
      list.replaceChildren(...templates.map(({name, drawing}) => make(
          'li', {}, make('button', {
            'type': 'button',
            'class': 'template',
            'onclick': () => {
              dialog.close();
              actions.replace(drawing);
              byId('sheet').focus();
              status.say(`${name} is open, ${lines(drawing.strokes.length)}.`);
            },
          }, small(drawing), make('span', {}, name)))));
    } catch (error) {
      note.textContent = error.message;
    }
  });
}

/**
 * @param {!Object} drawing
 * @return {!HTMLCanvasElement} A small picture of it.
 */
export function small(drawing) {
  const ratio = window.devicePixelRatio || 1;
  const canvas = make('canvas', {
    'width': Math.round(PICTURE * ratio),
    'height': Math.round(PICTURE * ratio),
    'aria-hidden': 'true',
  });
  const context = canvas.getContext('2d');
  const scale = PICTURE * ratio / drawing.side;
  context.scale(scale, scale);
  context.strokeStyle = themeColour('ink');
  for (const stroke of drawing.strokes) {
    paintStroke(context, stroke, 1.6 * LINE_WIDTH);
  }
  return canvas;
}

/**
 * @param {!Object} store
 * @return {function()} Shows the help sheet.
 */
export function startHelp(store) {
  const dialog = byId('help');
  tieDialog(dialog);
  const keys = byId('single-keys');
  keys.addEventListener('change', () => store.set({keys: keys.checked}));
  const show = () => {
    keys.checked = store.get().keys;
    dialog.showModal();
  };
  byId('open-help').addEventListener('click', show);
  return show;
}
