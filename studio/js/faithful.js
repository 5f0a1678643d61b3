/**
 * @fileoverview How closely lines are followed, from "as drawn" to "as a face",
 * and the button that moves a face to where one belongs.
 */

import {lines} from './actions.js';
import {byId} from './dom.js';
import {transformStrokes} from './drawing.js';
import {step} from './history.js';
import {piecesOf} from './pieces.js';
import {isOff, toGuide} from './place.js';
import {drawingOf} from './state.js';

/** Where the slider stands as long as nothing is known of a face. */
const BEGIN = 100;

/** @param {!Object} studio */
export function startFaithful({store, status}) {
  const slider = byId('faithful');
  const auto = byId('faithful-auto');
  const move = byId('to-guide');

  const show = () => {
    const {faithful, face, models} = store.get();
    byId('faithful-set').hidden = !models?.fit;
    byId('faithful-auto-set').hidden = !models?.fit;
    byId('lines-panel').hidden = !models?.fit && move.hidden;
    const automatic = faithful === 'auto';
    auto.checked = automatic;
    const value =
        automatic ? face?.faithful === undefined ? BEGIN :
            Math.round(100 * face.faithful) : Math.round(100 * faithful);
    slider.value = String(value);
    slider.setAttribute('aria-valuetext', value === 100 ? 'As drawn' :
        value === 0 ? 'As a face' : `${value} % as drawn`);
    slider.classList.toggle('automatic', automatic);
  };
  // All that the slider does until it is let go is one step.
  slider.addEventListener('input', () => store.set(step(
      store.get(), {faithful: Number(slider.value) / 100}, 'faithful')));
  slider.addEventListener('change', () => store.set(
      {history: {...store.get().history, open: ''}}));
  auto.addEventListener('change', () => {
    store.set(step(store.get(), {
      faithful: auto.checked ? 'auto' : Number(slider.value) / 100,
    }));
    status.say(auto.checked ?
        'limner decides how closely it follows lines.' :
        'The slider says how closely lines are followed.');
  });

  const transform = () => {
    const state = store.get();
    return toGuide(drawingOf(state).strokes.flatMap(
        (stroke) => piecesOf(stroke, state.labels)));
  };
  move.addEventListener('click', () => {
    const state = store.get();
    const {present} = state.history;
    const found = transform();
    if (!found) return;
    store.set(step(state, {drawing: transformStrokes(
        present, new Set(present.strokes.map(({id}) => id)), found)}));
    status.say(`${lines(present.strokes.length)} moved to the guide.`);
    byId('sheet').focus();
  });
  let timer = 0;
  const offer = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      move.hidden = !isOff(transform());
      show();
    }, QUIET);
  };
  store.on(['history', 'labels'], offer);
  store.on(['faithful', 'face', 'models'], show);
  show();
}

/** The pen comes first: milliseconds. */
const QUIET = 150;
