/**
 * @fileoverview Ties buttons, switches and sliders to the state, both ways.
 */

import {byId, tieMenu} from './dom.js';
import {drawingOf} from './state.js';
import {toggleTrace} from './shortcuts.js';

/**
 * @param {!Object} studio
 */
export function startControls(studio) {
  const {store, actions, view} = studio;
  const click = (id, fn) => byId(id).addEventListener('click', fn);
  click('undo', () => actions.undo());
  click('redo', () => actions.redo());
  click('zoom-in', () => view.zoom(1.25));
  click('zoom-out', () => view.zoom(0.8));
  click('zoom-fit', () => view.fit());
  for (const [button, menu] of [['open', 'open-menu'], ['save', 'save-menu']]) {
    tieMenu(byId(button), byId(menu));
  }
  view.onMoved(() => {
    byId('zoom-fit').textContent = `${view.percent} %`;
  });
  store.on(['history'], ({history}) => {
    // aria-disabled, so that the focus does not fall off the button.
    byId('undo').setAttribute('aria-disabled', String(!history.past.length));
    byId('redo').setAttribute('aria-disabled', String(!history.future.length));
    byId('empty-hint').hidden = history.present.strokes.length > 0;
  });
  store.on(['pen'], (state) => {
    byId('empty-hint').hidden =
        state.pen.length > 0 || drawingOf(state).strokes.length > 0;
  });

  radios(store, 'tool');
  radios(store, 'compare');
  radios(store, 'tab');
  store.on(['tool', 'compare', 'tab'], showChoices);
  showChoices(store.get());

  for (const [id, key, name] of [
    ['mirror', 'mirror', 'Mirror mode'],
    ['guide', 'guide', 'Guide'],
  ]) {
    const button = byId(id);
    const show = () =>
      button.setAttribute('aria-pressed', String(store.get()[key]));
    button.addEventListener('click', () => actions.toggle(key, name));
    store.on([key], show);
    show();
  }
  const sizes = document.querySelectorAll('.full-size');
  store.on(['models'], ({models}) => {
    const side = models?.model?.size;
    for (const size of sizes) {
      size.textContent = 'the full picture' +
          (side ? `, ${side} × ${side}` : '');
    }
  });
  slider(store, 'steadiness', 'steadiness', 100);
  slider(store, 'eraser-size', 'eraserSize', 1);
  slider(store, 'lines', 'lines', 100);
  const whole = byId('whole-strokes');
  const showWhole = () => {
    whole.checked = store.get().wholeStrokes;
  };
  whole.addEventListener(
      'change', () => store.set({wholeStrokes: whole.checked}));
  store.on(['wholeStrokes'], showWhole);
  showWhole();
  traceControls(studio);
}

/** Body attributes that the style sheets look at. */
function showChoices({tool, compare, tab}) {
  Object.assign(document.body.dataset, {tool, compare, tab});
}

function radios(store, key) {
  const inputs = document.querySelectorAll(`input[name="${key}"]`);
  const show = () => {
    for (const input of inputs) {
      input.checked = input.value === store.get()[key];
    }
  };
  for (const input of inputs) {
    input.addEventListener('change', () => store.set({[key]: input.value}));
  }
  store.on([key], show);
  show();
}

function slider(store, id, key, scale) {
  const input = byId(id);
  const show = () => {
    input.value = String(Math.round(scale * store.get()[key]));
  };
  input.addEventListener(
      'input', () => store.set({[key]: Number(input.value) / scale}));
  store.on([key], show);
  show();
}

function traceControls({store, status, photoEditor}) {
  const show = () => {
    const {trace} = store.get();
    byId('trace-set').hidden = !trace;
    byId('trace-choose-text').textContent =
        trace ? 'Another photo…' : 'Choose a photo…';
    if (!trace) return;
    byId('trace-opacity').value = String(Math.round(100 * trace.opacity));
    byId('trace-shown').setAttribute('aria-pressed', String(trace.shown));
  };
  byId('trace-opacity').addEventListener('input', ({target}) => {
    const {trace} = store.get();
    store.set({trace: {...trace, opacity: Number(target.value) / 100}});
  });
  byId('trace-place').addEventListener('click', () => {
    const {trace} = store.get();
    photoEditor.show({
      title: 'Photo to trace',
      photo: trace.bitmap,
      place: trace.place,
      crops: true,
      done: (place) => {
        // It may have been taken away or hidden meanwhile.
        const {trace: now} = store.get();
        if (now) store.set({trace: {...now, place, shown: true}});
        status.say('The photo is where you laid it.');
      },
    });
  });
  byId('trace-shown').addEventListener('click', () => toggleTrace(store));
  byId('trace-remove').addEventListener('click', () => {
    store.set({trace: null});
    status.say('The photo is taken away.');
    byId('trace-choose').focus();
  });
  store.on(['trace'], show);
  show();
}
