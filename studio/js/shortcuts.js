/**
 * @fileoverview Keyboard shortcuts, declared once: for the keys and for the
 * help sheet.
 */

import {takesText} from './clipboard.js';
import {byId, make} from './dom.js';

const STEP = 2;
const LARGE_STEP = 16;

/**
 * A key with what it does. `keys` are values of KeyboardEvent.key; `mod` is
 * Control, or Command on a Mac; `shift` matters only where it is given. What
 * the browser tells in other ways (copy, cut, paste) has no keys here.
 * @typedef {{
 *   group: string, show: string, text: string, keys: !Array<string>,
 *   mod: (boolean|undefined), shift: (boolean|undefined),
 *   canvas: (boolean|undefined), run: function(!KeyboardEvent),
 * }} Shortcut
 */

/**
 * @param {!Object} studio
 * @return {!Array<!Shortcut>}
 */
export const shortcutsOf = (studio) => [
  ...toolKeys(studio), ...drawingKeys(studio), ...selectionKeys(studio),
  ...viewKeys(studio),
];

/** @param {!Object} studio */
function toolKeys({store, actions, drawAs}) {
  const tool = (name) => () => store.set({tool: name});
  return [
    {group: 'Tools', show: 'B', text: 'Pen', keys: ['b', 'p'],
      run: tool('pen')},
    {group: 'Tools', show: 'E', text: 'Eraser (hold Shift: whole lines)',
      keys: ['e'], run: tool('eraser')},
    {group: 'Tools', show: 'V', text: 'Select, move and scale', keys: ['v'],
      run: tool('select')},
    {group: 'Tools', show: 'H, or hold Space', text: 'Move the view',
      keys: ['h'], run: tool('hand')},
    {group: 'Tools', show: 'A', text: 'What lines are drawn as', keys: ['a'],
      run: () => drawAs.choose()},
    {group: 'Tools', show: 'M', text: 'Mirror mode', keys: ['m'],
      shift: false, run: () => actions.toggle('mirror', 'Mirror mode')},
    {group: 'Tools', show: 'G',
      text: 'Guide for the place of the face, and suggestions',
      keys: ['g'], run: () => actions.toggle('guide', 'Guide')},
  ];
}

/** @param {!Object} studio */
function drawingKeys({actions, files}) {
  return [
    {group: 'Drawing', show: 'Ctrl Z', text: 'Undo', keys: ['z'], mod: true,
      shift: false, run: () => actions.undo()},
    {group: 'Drawing', show: 'Ctrl Shift Z, Ctrl Y', text: 'Redo',
      keys: ['z'], mod: true, shift: true, run: () => actions.redo()},
    {group: '', show: '', text: '', keys: ['y'], mod: true,
      run: () => actions.redo()},
    {group: 'Drawing', show: 'Ctrl O', text: 'Open a drawing', keys: ['o'],
      mod: true, run: () => byId('drawing-file').click()},
    {group: 'Drawing', show: 'Ctrl S', text: 'Save the drawing', keys: ['s'],
      mod: true, run: () => files.saveDrawing('json')},
  ];
}

/** @param {!Object} studio */
function selectionKeys({actions, pointer, bar}) {
  const arrow = (key, dx, dy) => ({
    keys: [key],
    canvas: true,
    run: ({shiftKey}) => {
      const step = shiftKey ? LARGE_STEP : STEP;
      actions.nudge(dx * step, dy * step);
    },
  });
  return [
    {group: 'Selection', show: '. and ,', text: 'Next and previous line',
      keys: ['.'], run: () => actions.walk(1)},
    {group: '', show: '', text: '', keys: [','],
      run: () => actions.walk(-1)},
    {group: 'Selection', show: 'Ctrl A', text: 'Select all lines',
      keys: ['a'], mod: true, run: () => actions.selectAll()},
    {group: 'Selection', show: 'Esc', text: 'Select nothing; drop a drag',
      keys: ['Escape'],
      run: () => pointer.active ? pointer.cancel() : actions.selectNone()},
    {group: 'Selection', show: 'Arrow keys',
      text: 'Move by 2 units (Shift: 16), in the drawing',
      ...arrow('ArrowLeft', -1, 0)},
    {group: '', show: '', text: '', ...arrow('ArrowRight', 1, 0)},
    {group: '', show: '', text: '', ...arrow('ArrowUp', 0, -1)},
    {group: '', show: '', text: '', ...arrow('ArrowDown', 0, 1)},
    {group: 'Selection', show: '[ and ]', text: 'Smaller and larger',
      keys: [']'], run: () => actions.scale(1.05)},
    {group: '', show: '', text: '', keys: ['['],
      run: () => actions.scale(1 / 1.05)},
    {group: 'Selection', show: 'C', text: 'Choose what it is', keys: ['c'],
      run: () => bar.choose()},
    {group: 'Selection', show: 'Ctrl C, Ctrl X', text: 'Copy and cut, as SVG',
      keys: [], run: () => {}},
    {group: 'Selection', show: 'Ctrl V', text: 'Paste lines, or a photo',
      keys: [], run: () => {}},
    {group: 'Selection', show: 'Ctrl D', text: 'Duplicate', keys: ['d'],
      mod: true, run: () => actions.duplicate()},
    {group: 'Selection', show: 'Shift M', text: 'Add the mirror image',
      keys: ['m'], shift: true, run: () => actions.mirrorCopy()},
    {group: 'Selection', show: 'Delete', text: 'Delete',
      keys: ['Delete', 'Backspace'], run: () => actions.remove()},
  ];
}

/** @param {!Object} studio */
function viewKeys(studio) {
  const {store, view, looks} = studio;
  return [
    {group: 'View', show: '+ and -', text: 'Zoom in and out', keys: ['+', '='],
      run: () => view.zoom(1.25)},
    {group: '', show: '', text: '', keys: ['-'], run: () => view.zoom(0.8)},
    {group: 'View', show: '0', text: 'See the whole drawing', keys: ['0'],
      run: () => view.fit()},
    {group: 'View', show: 'O', text: 'Face beside or under the drawing',
      keys: ['o'], run: () => store.set(
          {compare: store.get().compare === 'side' ? 'overlay' : 'side'})},
    {group: 'View', show: 'T', text: 'Show or hide the photo to trace',
      keys: ['t'], run: () => toggleTrace(store)},
    {group: 'View', show: 'R', text: 'New random looks', keys: ['r'],
      shift: false, run: () => looks.random()},
    {group: 'View', show: 'Shift R', text: 'Variations of the looks',
      keys: ['r'], shift: true, run: () => studio.variations.show()},
    {group: 'View', show: '?', text: 'This sheet', keys: ['?', 'F1'],
      run: () => studio.showHelp()},
  ];
}

/** @param {!Object} store */
export function toggleTrace(store) {
  const {trace} = store.get();
  if (trace) store.set({trace: {...trace, shown: !trace.shown}});
}

/**
 * The shortcut that a key event means, or null.
 * @param {!Array<!Shortcut>} shortcuts
 * @param {!Object} event
 * @return {?Shortcut}
 */
export function shortcutFor(shortcuts, event) {
  if (event.altKey) return null;
  const mod = Boolean(event.ctrlKey || event.metaKey);
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return shortcuts.find((shortcut) => shortcut.keys.includes(key) &&
      !!shortcut.mod === mod &&
      (shortcut.shift === undefined ||
          shortcut.shift === Boolean(event.shiftKey))) ??
      null;
}

/**
 * @param {!Object} studio
 */
export function startShortcuts(studio) {
  const {store, pointer} = studio;
  const shortcuts = shortcutsOf(studio);
  const sheet = byId('sheet');
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || takesText(event.target)) return;
    if (document.querySelector('dialog[open], [popover]:popover-open')) return;
    const inCanvas = event.target === sheet || event.target === document.body;
    if (event.key === ' ' && inCanvas && !event.repeat) {
      event.preventDefault();
      pointer.holdSpace(true);
      return;
    }
    const found = shortcutFor(shortcuts, event);
    if (!found || found.canvas && !inCanvas) return;
    const single = !found.mod && found.keys[0].length === 1;
    if (single && !store.get().keys && !inCanvas) return;
    // While a pointer draws, a key would change what it draws on.
    if (pointer.active && found.keys[0] !== 'Escape') return;
    event.preventDefault();
    found.run(event);
  });
  document.addEventListener('keyup', (event) => {
    if (event.key === ' ') pointer.holdSpace(false);
  });
  window.addEventListener('blur', () => pointer.holdSpace(false));
  fillSheet(shortcuts);
}

/** Writes the shortcuts into the help sheet. */
function fillSheet(shortcuts) {
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  const groups = new Map();
  for (const shortcut of shortcuts) {
    if (!shortcut.group) continue;
    if (!groups.has(shortcut.group)) groups.set(shortcut.group, []);
    groups.get(shortcut.group).push(shortcut);
  }
  byId('shortcut-list').replaceChildren(
      ...[...groups].map(([group, list]) => make(
          'section', {}, make('h3', {}, group),
          make('dl', {}, ...list.flatMap(({show, text}) => [
            make('dt', {}, make('kbd', {},
                mac ? show.replaceAll('Ctrl', '⌘') : show)),
            make('dd', {}, text),
          ])))));
}
