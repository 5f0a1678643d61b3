/**
 * @fileoverview The colours of the theme, and those of classes that can be
 * seen on them. Where the system forces its own colours, these are used.
 */

import {toHex, visibleOn} from './colour.js';

const NAMES = ['paper', 'ink', 'accent', 'guide', 'paper-edge', 'panel'];

/** Whether the system forces its colours. */
export const forced = window.matchMedia('(forced-colors: active)');

/**
 * A colour of the style sheets as "#rrggbb". Names of the system's colours
 * become what they stand for.
 * @param {string} name Of the custom property, without dashes.
 * @return {string}
 */
export function themeColour(name) {
  const probe = document.createElement('span');
  probe.style.cssText =
      `display: none; forced-color-adjust: none; color: var(--${name})`;
  document.body.append(probe);
  const {color} = getComputedStyle(probe);
  probe.remove();
  const numbers = color.match(/[\d.]+/g).map(Number);
  return toHex(numbers.slice(0, 3));
}

/**
 * @param {!Array<{id: number, colour: string}>} classes
 * @return {!Object} Colours by name; `byClass` for lines on the paper.
 */
export function readPalette(classes) {
  const colours = Object.fromEntries(
      NAMES.map((name) => [name, themeColour(name)]));
  return {
    ...colours,
    classes,
    byClass: new Map(classes.map(
        ({id, colour}) => [id, visibleOn(colour, colours.paper)])),
  };
}
