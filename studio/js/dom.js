/**
 * @fileoverview Building and finding elements.
 */

/**
 * @param {string} id
 * @return {!HTMLElement}
 * @throws {Error} When there is none.
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element #${id}`);
  return found;
}

/**
 * Makes an element. Text is never read as HTML.
 * @param {string} tag
 * @param {!Object<string, *>=} attributes `on...` are listeners; true and
 *     false are attributes that are there or not.
 * @param {...(!Node|string)} children
 * @return {!HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children);
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An icon of the sheet in index.html.
 * @param {string} name
 * @return {!SVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/**
 * Ties a menu (an element with `popover`) to its button: it opens below it.
 * @param {!HTMLElement} button
 * @param {!HTMLElement} menu
 */
export function tieMenu(button, menu) {
  menu.addEventListener('toggle', (event) => {
    const open = event.newState === 'open';
    button.setAttribute('aria-expanded', String(open));
    if (!open) return;
    const at = button.getBoundingClientRect();
    const width = menu.offsetWidth;
    const left = Math.min(at.left, window.innerWidth - width - 8);
    menu.style.left = `${Math.max(8, left)}px`;
    menu.style.top = `${at.bottom + 6}px`;
    menu.querySelector('button')?.focus();
  });
  menu.addEventListener('click', (event) => {
    if (event.target.closest('button')) menu.hidePopover();
  });
  menu.addEventListener('keydown', (event) => {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (!step) return;
    event.preventDefault();
    const items = [...menu.querySelectorAll('button')];
    const at = items.indexOf(document.activeElement);
    items[(at + step + items.length) % items.length].focus();
  });
}
