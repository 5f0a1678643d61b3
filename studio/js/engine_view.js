/**
 * @fileoverview What the page shows of its own engine: how much of the model has
 * come, that faces are made here, and what went wrong. With a server, nothing.
 */

import {ownEngine} from './backend.js';
import {byId, make} from './dom.js';

const MEGA = 1e6;

/**
 * @param {number} bytes
 * @return {string} "26.3".
 */
export function megabytes(bytes) {
  return (bytes / MEGA).toFixed(1);
}

/**
 * @param {!Object} state See EngineState.
 * @return {string} What is said of it.
 */
export function sentence({stage, loaded, total, threads, message}) {
  switch (stage) {
    case 'fetching':
      return loaded < total ?
          `The model is on its way, once: ${megabytes(loaded)} of ` +
              `${megabytes(total)} MB. You can draw meanwhile.` :
          'The model is here. One moment…';
    case 'starting':
      return 'limner is starting in this page…';
    case 'ready':
      return 'Faces are made inside of this page' +
          (threads > 1 ? `, by ${threads} threads` : '') +
          '. Neither drawings nor photos leave it.';
    default:
      return `limner stopped working in this page: ${message} ` +
          'Your drawing is kept.';
  }
}

/**
 * Shows the state of the page's own engine, if it has one.
 * @param {!Object} status Speaks to the person.
 */
export async function startEngineView(status) {
  const engine = await ownEngine();
  if (!engine) return;
  const bar = make('progress', {'aria-label': 'Model'});
  const text = make('p');
  const box = make('div', {id: 'engine', class: 'engine'}, text, bar);
  byId('face-empty').after(box);
  const about = make('p', {id: 'engine-about'});
  byId('help').querySelector('.help-text').prepend(about);

  const show = () => {
    const {state} = engine;
    const ready = state.stage === 'ready';
    document.body.dataset.engine = state.stage;
    box.hidden = ready;
    bar.hidden = state.stage === 'failed';
    text.textContent = about.textContent = sentence(state);
    if (state.stage === 'fetching') {
      bar.max = state.total;
      bar.value = state.loaded;
    } else {
      bar.removeAttribute('value');
    }
    if (!ready) return;
    status.greet(sentence(state));
    // For use without a network; after the model, so as not to hold it up.
    navigator.serviceWorker?.register('service_worker.js').catch(() => {});
  };
  engine.addEventListener('state', show);
  show();
}
