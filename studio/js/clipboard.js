/**
 * @fileoverview Lines on the system's clipboard, as SVG: other programs read
 * the picture, and the studio (in any tab) its own lines exactly.
 */

import {toFile, fromJson} from './format.js';
import {lengthOf} from './geometry.js';

/** Names the element that holds the lines as limner's JSON. */
const HOLDS = 'limner-drawing';

const escaped = (text) => text.replace(
    /[&<>"]/g, (c) => ({'&': '&amp;', '<': '&lt;', '>': '&gt;',
      '"': '&quot;'})[c]);

/**
 * @param {!Array<!Object>} strokes
 * @param {!Map<number, !Object>} labels
 * @param {!Array<!Object>} classes
 * @param {number} side
 * @return {string} SVG.
 */
export function toSvg(strokes, labels, classes, side) {
  const colours = new Map(classes.map(({id, colour}) => [id, colour]));
  const json = toFile(strokes, labels);
  const paths = json.strokes.map((stroke) => {
    const d = stroke.points.map(([x, y], i) => `${i ? 'L' : 'M'}${x} ${y}`)
        .join(' ') + (lengthOf(stroke.points) === 0 ? ' Z' : '');
    const name = stroke.class ? ` data-class="${stroke.class}"` : '';
    return `<path d="${d}" fill="none" stroke="` +
        `${colours.get(stroke.class) ?? '#000000'}" stroke-width="2.6" ` +
        `stroke-linecap="round" stroke-linejoin="round"${name}/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" ` +
      `height="${side}" viewBox="0 0 ${side} ${side}">` +
      `<desc id="${HOLDS}">${escaped(JSON.stringify(json))}</desc>` +
      `${paths.join('')}</svg>`;
}

/**
 * The lines of a text that toSvg() wrote; null for others.
 * @param {string} text
 * @return {?Array<!Object>} Strokes.
 */
export function fromSvg(text) {
  if (!text.includes(HOLDS)) return null;
  try {
    const page = new DOMParser().parseFromString(text, 'image/svg+xml');
    const held = page.getElementById(HOLDS);
    return fromJson(JSON.parse(held.textContent)).strokes;
  } catch {
    return null;
  }
}

/** Whether an element takes text, and its keys and clipboard with it. */
export const takesText = (element) => element?.matches?.(
    'input[type=text], input[type=number], textarea, select') ?? false;

/**
 * @param {!Object} studio
 */
export function startClipboard({store, actions}) {
  const copied = (event, removes) => {
    if (takesText(event.target) || document.querySelector('dialog[open]') ||
        String(document.getSelection()).trim()) {
      return;
    }
    const {history, selection, labels, models} = store.get();
    if (!selection.size) return;
    const {strokes, side} = history.present;
    const chosen = strokes.filter(({id}) => selection.has(id));
    const svg = toSvg(chosen, labels, models?.classes ?? [], side);
    event.preventDefault();
    event.clipboardData.setData('text/plain', svg);
    event.clipboardData.setData('image/svg+xml', svg);
    offerSvg(svg);
    if (removes) actions.remove();
    else actions.tellCopied(chosen.length);
  };
  document.addEventListener('copy', (event) => copied(event, false));
  document.addEventListener('cut', (event) => copied(event, true));
}

/** Where the browser can, drawing programs get a picture and no text. */
async function offerSvg(svg) {
  if (!window.ClipboardItem?.supports?.('image/svg+xml')) return;
  try {
    await navigator.clipboard.write([new ClipboardItem({
      'text/plain': new Blob([svg], {type: 'text/plain'}),
      'image/svg+xml': new Blob([svg], {type: 'image/svg+xml'}),
    })]);
  } catch {
    // The text is there all the same.
  }
}
