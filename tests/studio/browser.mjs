// What the browser tests share: the page, drawing on it, and looking at it.

import assert from 'node:assert/strict';
import {mkdirSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {after, afterEach, before, beforeEach} from 'node:test';

import {bridgeEngine, engineAnswer} from './bridge.mjs';

const {
  STUDIO_PLAYWRIGHT, STUDIO_CHROMIUM, STUDIO_URL, STUDIO_SHOTS, STUDIO_SIDE,
  STUDIO_ENGINE,
} = process.env;

// Installed into the build folder by studio_test.py.
const {chromium} = createRequire(
    path.join(STUDIO_PLAYWRIGHT, 'package.json'))('playwright-core');

export const URL = STUDIO_URL;
export const SIDE = parseInt(STUDIO_SIDE, 10);  // of a full picture
export const PATIENCE = 60000;  // milliseconds; the machine may be busy

/** Whether limner is inside of the page; else it is a server. */
export const IN_PAGE = STUDIO_ENGINE === 'page';
/** Options of a test about requests to a server. */
export const ofAServer =
    {skip: IN_PAGE && 'there is no server: limner is in the page'};

function launch(more = []) {
  // The sandbox of the browser needs rights that containers do not give.
  return chromium.launch({
    executablePath: STUDIO_CHROMIUM,
    args: ['--no-sandbox', '--force-color-profile=srgb', ...more],
  });
}

/**
 * Opens the studio. `faults` collects what must not happen: errors on the
 * page, and requests to anywhere else. bare: what is asked of an engine inside
 * of the page goes its own way, and the page has its service worker.
 */
export async function open(browser, {bare = !IN_PAGE, ...options} = {}) {
  const context = await browser.newContext({
    viewport: {width: 1360, height: 800}, acceptDownloads: true,
    serviceWorkers: bare ? 'allow' : 'block', ...options,
  });
  if (!bare) await bridgeEngine(context);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const faults = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    // The page has looked for a server, and there is none.
    if (IN_PAGE && message.location().url === `${URL}/healthz`) return;
    // An engine begins anew with its page, and is given the photo again.
    if (IN_PAGE && /status of 404/.test(message.text()) &&
        message.location().url === `${URL}/api/generate`) return;
    faults.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${URL}/`) &&
        !/^(blob|data):/.test(request.url())) {
      faults.push(`request to ${request.url()}`);
    }
  });
  await page.goto(`${URL}/`);
  await page.waitForSelector('body[data-ready]');
  return {context, page, faults};
}

/** What a test works with; set by eachOnItsPage(). */
export let browser;
export let page;
let context;
let faults;

/**
 * A browser for the tests of a file, and a page of its own for each of them,
 * which must have no faults at its end. flags: the browser's.
 */
export function eachOnItsPage(options = {}, flags = []) {
  before(async () => {
    browser = await launch(flags);
  });
  after(() => browser.close());
  beforeEach(async () => {
    ({context, page, faults} = await open(browser, options));
  });
  afterEach(async () => {
    // What the page asks for from here on has nobody to answer it.
    const found = [...faults];
    await page.unrouteAll({behavior: 'ignoreErrors'});
    await context.close();
    assert.deepEqual(found, []);
  });
}

/** Another tab of the running test's browser. */
export async function tab() {
  const other = await context.newPage();
  other.setDefaultTimeout(PATIENCE);
  other.on('pageerror', (error) => faults.push(`tab: ${error.message}`));
  await other.goto(`${URL}/`);
  await other.waitForSelector('body[data-ready]');
  return other;
}

/** Faults that the running test has brought about itself. */
export function forgive(pattern) {
  faults = faults.filter((text) => !pattern.test(text));
}

export async function shot(page, name) {
  mkdirSync(STUDIO_SHOTS, {recursive: true});
  await page.screenshot({path: path.join(STUDIO_SHOTS, `${name}.png`)});
}

/** A picture as docs/images has it. */
export async function docShot(page, name) {
  mkdirSync(STUDIO_SHOTS, {recursive: true});
  await page.screenshot({
    path: path.join(STUDIO_SHOTS, `${name}.jpg`), type: 'jpeg', quality: 88,
    scale: 'css',
  });
}

// Drawing ---------------------------------------------------------------------

const ellipse = (x, y, rx, ry, from = 0, to = 360, steps = 28) =>
  Array.from({length: steps + 1}, (_, i) => {
    const angle = (from + (to - from) * i / steps) * Math.PI / 180;
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)];
  });

/** A face as someone draws it, in units of the drawing. */
export const FACE = {
  outline: ellipse(256, 275, 132, 178, -60, 240, 60),
  leftEye: ellipse(194, 241, 26, 11),
  rightEye: ellipse(318, 241, 26, 11),
  leftBrow: ellipse(192, 232, 42, 28, 205, 335),
  rightBrow: ellipse(320, 232, 42, 28, 205, 335),
  nose: [[246, 250], [243, 285], [232, 318], [240, 331], [256, 336],
    [272, 331], [280, 318]],
  mouth: [...ellipse(256, 372, 46, 16, 180, 360),
    ...ellipse(256, 374, 46, 22, 0, 180)],
  hair: ellipse(256, 235, 178, 205, 150, 390, 60),
};

/** Where points of the drawing lie on the page. */
export async function places(page, points) {
  const {left, top, width, height} = await page.evaluate(() => {
    const {x, y, width, height} =
        document.getElementById('sheet').getBoundingClientRect();
    return {left: x, top: y, width, height};
  });
  // As the studio shows a drawing when it opens: whole, with a margin of 14.
  const scale = (Math.min(width, height) - 28) / 512;
  const x0 = left + (width - 512 * scale) / 2;
  const y0 = top + (height - 512 * scale) / 2;
  return points.map(([x, y]) => [x0 + scale * x, y0 + scale * y]);
}

export async function drawWithMouse(page, points) {
  const [first, ...rest] = await places(page, points);
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const at of rest) await page.mouse.move(...at);
  await page.mouse.up();
}

/** Fingers, by the browser's own protocol: [[at of a finger, ...], ...]. */
export async function touch(page, moments) {
  const session = await page.context().newCDPSession(page);
  const send = (type, fingers) => session.send('Input.dispatchTouchEvent', {
    type, touchPoints: fingers.map(([x, y], id) => ({x, y, id})),
  });
  await send('touchStart', moments[0]);
  for (const moment of moments.slice(1)) await send('touchMove', moment);
  await send('touchEnd', []);
  await session.detach();
}

// Looking ---------------------------------------------------------------------

/** Lines of each part as the panel counts them: {"nose": 1}. */
export function parts(page) {
  return page.evaluate(async () => {
    // The list is drawn anew with the frame.
    await new Promise(requestAnimationFrame);
    return Object.fromEntries(
        [...document.querySelectorAll('#parts .part')].map((part) => [
          part.querySelector('.part-name').textContent,
          parseInt(part.querySelector('.count').textContent, 10),
        ]));
  });
}

/** Waits until there are so many lines, all of a class; returns the counts. */
export async function countedLines(page, count) {
  await page.waitForFunction((wanted) => {
    const panel = document.getElementById('parts-panel');
    const {lines, known} = panel.dataset;
    return Number(lines) === wanted && Number(known) === wanted;
  }, count, {timeout: PATIENCE});
  return parts(page);
}

/** Chooses in the open list of parts. */
export async function choose(page, name) {
  const option = page.locator('#class-list [role=option]')
      .filter({has: page.getByText(name, {exact: true})});
  await option.click();
}

/** Says what the selected lines are. */
export async function say(page, name) {
  await page.click('#selection-class');
  await choose(page, name);
}

/** What this tab's drawing is in the browser's memory; null before it is. */
export function kept(page) {
  return page.evaluate(() => {
    // As when one leaves the page: all is kept at once.
    Object.defineProperty(document, 'visibilityState',
        {configurable: true, value: 'hidden'});
    document.dispatchEvent(new Event('visibilitychange'));
    delete document.visibilityState;
    const id = sessionStorage.getItem('limner-drawing');
    const entry = JSON.parse(localStorage.getItem(`limner-drawing-${id}`));
    if (!entry) return null;
    return {...entry, strokes: entry.present.map((i) => entry.strokes[i])};
  });
}

/** Waits until so many lines are kept, and returns them. */
export async function keptLines(page, count) {
  await page.waitForFunction((wanted) => {
    const id = sessionStorage.getItem('limner-drawing');
    const entry = JSON.parse(localStorage.getItem(`limner-drawing-${id}`));
    return entry?.present.length === wanted;
  }, count);
  return (await kept(page)).strokes;
}

/** Opens a template. */
export async function openTemplate(page, name) {
  await page.click('#open-templates');
  await page.click(`.template:has-text("${name}")`);
  // On a phone the list may be behind another tab.
  await page.waitForSelector('#parts .part', {state: 'attached'});
}

/** How many lines there are. */
export const lineCount = (page) => page.evaluate(() => Number(
    document.getElementById('parts-panel').dataset.lines));

/** What the face shows, in short: equal pictures have equal sums. */
export function faceSum(page) {
  return page.evaluate(() => {
    const face = document.getElementById('face');
    if (face.hidden) return 'none';
    const {data} = face.getContext('2d')
        .getImageData(0, 0, face.width, face.height);
    let sum = 0;
    for (let i = 0; i < data.length; ++i) sum = (sum * 31 + data[i]) | 0;
    return `${face.width}:${sum}`;
  });
}

/**
 * Asks again and again until the answer is good, and returns it; `problem`
 * says of the last one why it is not.
 */
export async function eventually(page, ask, good, problem) {
  let last;
  for (const end = Date.now() + PATIENCE; Date.now() < end;) {
    last = await ask();
    if (good(last)) return last;
    await page.waitForTimeout(50);
  }
  throw new Error(problem(last));
}

/** Waits until the face is another one than it was. */
export const newFace = (page, before) => eventually(
    page, () => faceSum(page), (now) => now !== before && now !== 'none',
    () => 'the face did not change');

/** What limner answers to a request that a test holds up. */
export async function answerTo(route) {
  return IN_PAGE ? JSON.parse(String((await engineAnswer(route)).body)) :
                   (await route.fetch()).json();
}

/** What lies over the drawing: ids or classes. */
export function coversOfSheet(page) {
  return page.evaluate(() => {
    const box = document.getElementById('sheet').getBoundingClientRect();
    const found = new Set();
    for (let x = box.left + 3; x < box.right; x += 12) {
      for (let y = box.top + 3; y < box.bottom; y += 12) {
        const {id, className} = document.elementFromPoint(x, y);
        if (id !== 'sheet') found.add(id || className);
      }
    }
    return [...found];
  });
}

/** Waits until the text of an element is as wanted. */
export function says(of, id, pattern) {
  return of.waitForFunction(([id, source, flags]) =>
    new RegExp(source, flags).test(document.getElementById(id).textContent),
  [id, pattern.source, pattern.flags], {timeout: PATIENCE});
}

/** Waits until there is trouble of that kind. */
export const troubled = (of, pattern) => says(of, 'trouble-text', pattern);

/** Waits until the full picture is there and nothing is on its way. */
export async function settled(page) {
  await page.waitForFunction(() =>
    document.getElementById('face-caption').textContent.startsWith('Full') &&
    document.getElementById('face-pane').getAttribute('aria-busy') === 'false',
  null, {timeout: PATIENCE});
  return faceSum(page);
}

/**
 * Waits until `far` is true of how far the nearest colour around a point is
 * from `wanted`: pictures are decoded and painted some time after a click.
 */
export const colourBecomes = (page, point, wanted, far) => eventually(
    page, () => nearestColour(page, point, wanted), far,
    (now) => `around ${point} the nearest colour is ${now} away`);

/** The colour of the drawing around a point that is nearest to `wanted`. */
export async function nearestColour(page, point, wanted) {
  const [[x, y]] = await places(page, [point]);
  return page.evaluate(([x, y, wanted]) => {
    const canvas = document.getElementById('sheet-base');
    const box = canvas.getBoundingClientRect();
    const ratio = canvas.width / box.width;
    const side = 13;
    const {data} = canvas.getContext('2d').getImageData(
        Math.round((x - box.x) * ratio) - (side >> 1),
        Math.round((y - box.y) * ratio) - (side >> 1), side, side);
    let least = Infinity;
    for (let i = 0; i < data.length; i += 4) {
      least = Math.min(least, Math.hypot(
          data[i] - wanted[0], data[i + 1] - wanted[1],
          data[i + 2] - wanted[2]));
    }
    return least;
  }, [x, y, wanted]);
}

/** Saves by a button of the menu, and returns what the file holds. */
export async function saved(page, button) {
  await page.click('#save');
  const [download] = await Promise.all(
      [page.waitForEvent('download'), page.click(button)]);
  return {
    name: download.suggestedFilename(),
    path: await download.path(),
    data: readFileSync(await download.path()),
  };
}

/**
 * Texts on the page whose contrast with what is behind them is below 4.5
 * (3 for large ones), by the formulas of WCAG 2.2.
 */
export function faintTexts(page) {
  return page.evaluate(() => {
    const probe = document.createElement('canvas').getContext(
        '2d', {willReadFrequently: true});
    const rgba = (colour) => {
      probe.clearRect(0, 0, 1, 1);
      probe.fillStyle = colour;
      probe.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = probe.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const over = (top, below) => [0, 1, 2].map(
        (i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const light = (c) => {
      const [r, g, b] = c.map((v) => v / 255).map(
          (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
      const layers = [];
      for (let e = element; e; e = e.parentElement) {
        layers.unshift(rgba(getComputedStyle(e).backgroundColor));
      }
      return layers.reduce((below, top) => over(top, below), [255, 255, 255]);
    };
    const faint = [];
    let looked = 0;
    const walker = document.createTreeWalker(document.body, 4);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (!walker.currentNode.textContent.trim() ||
          !element.checkVisibility({visibilityProperty: true}) ||
          element.closest(
              '.unseen, .skip, [aria-disabled=true], script, option')) {
        continue;
      }
      ++looked;
      const style = getComputedStyle(element);
      const back = ground(element);
      const [a, b] = [light(over(rgba(style.color), back)), light(back)];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (contrast < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) {
        faint.push(`${walker.currentNode.textContent.trim().slice(0, 30)}: ` +
            contrast.toFixed(2));
      }
    }
    return {looked, faint};
  });
}

const INTERACTIVE = new Set(['button', 'checkbox', 'radio', 'slider',
  'combobox', 'link', 'application', 'image', 'img', 'textbox', 'dialog',
  'group', 'radiogroup']);

/** What a screen reader meets: [{role, name}], of roles that need a name. */
export async function spoken(page) {
  const session = await page.context().newCDPSession(page);
  const {nodes} = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  return nodes.filter(({ignored, role}) =>
    !ignored && INTERACTIVE.has(role?.value)).map(({role, name}) => ({
    role: role.value, name: name?.value ?? '',
  }));
}
