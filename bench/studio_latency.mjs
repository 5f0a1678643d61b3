// From the pen's lifting to the face. Run by studio_latency.

import assert from 'node:assert/strict';
import os from 'node:os';
import {test} from 'node:test';

import {
  drawWithMouse, eachOnItsPage, openTemplate, page, PATIENCE, places, settled,
} from '../tests/studio/browser.mjs';

eachOnItsPage();

const STROKES = 20;
const LINES = 300;
const PREVIEW = 'limner:pen-up-to-preview';
const PEN_UP = 'limner:pen-up';
/** Milliseconds between two moves of a slow pen, and how many there are. */
const STEP = 30;
const STEPS = 15;

/** A short line somewhere on the face; never the same twice. */
let drawn = 0;
const line = (i) => {
  const [x, y] = [150 + 10 * i, 440 - 7 * (i % 5) - 3 * drawn];
  return [[x, y], [x + 8, y + 12], [x + 14, y + 20]];
};

/** As quickly as the browser takes it. */
const quickly = (i) => drawWithMouse(page, line(i));

/** With previews of half the line on the way. */
async function slowly(i) {
  const [[x, y], , [x1, y1]] = await places(page, line(i));
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let k = 1; k <= STEPS; ++k) {
    await page.waitForTimeout(STEP);
    await page.mouse.move(
        x + (x1 - x) * k / STEPS, y + (y1 - y) * k / STEPS);
  }
  await page.mouse.up();
}

/** A drawing of a template's face and many short lines of hair. */
async function manyLines(count) {
  const face = await page.evaluate(async () =>
    (await (await fetch('/api/templates')).json())
        .find(({name}) => name === 'Doodle').drawing.strokes);
  const more = count - face.length;
  const hair = Array.from({length: more}, (_, i) => {
    const angle = Math.PI * (1 + i / more);
    const [x, y] = [256 + 170 * Math.cos(angle), 250 + 190 * Math.sin(angle)];
    return {
      points: Array.from({length: 12}, (_, k) => [
        x + 3 * Math.sin(k + i), y - 25 + 5 * k]),
      class: 15,
    };
  });
  return {
    format: 'limner-drawing', version: 1, side: 512,
    strokes: [...face, ...hair],
  };
}

/**
 * The steps of the last stroke, in their order: {name: milliseconds}, which
 * add up to `all`. What the server says of its own steps is within "asking
 * for".
 */
const steps = ([preview, penUp]) => {
  const measure = performance.getEntriesByName(preview).pop();
  const from = performance.getEntriesByName(penUp).pop().startTime;
  const end = measure.startTime + measure.duration;
  const {decoded, painted} = measure.detail;
  const out = {all: end - from};
  let at = from;
  const until = (name, time) => {
    out[name] = time - at;
    at = time;
  };
  const within = (path, end) => performance.getEntriesByType('resource').filter(
      ({name, startTime, responseEnd}) => name.endsWith(path) &&
          startTime >= from && responseEnd <= end).pop();
  const face = within('/api/generate', end);
  // Suggestions ask for classes, too.
  const classes = within('/api/label', face?.startTime);
  for (const [what, path, asked] of [
    ['classes', '/api/label', classes], ['the face', '/api/generate', face]]) {
    if (!asked) continue;
    until(`page, before asking for ${what}`, asked.startTime);
    until(`asking for ${what}`, asked.responseEnd);
    for (const {name, duration} of asked.serverTiming) {
      out[`  ${path}: ${name}`] = duration;
    }
    out[`  ${path}: to the server`] = asked.requestStart - asked.startTime;
    out[`  ${path}: first byte`] = asked.responseStart - asked.requestStart;
  }
  until('decoding the picture', decoded);
  until('painting it', painted);
  until('waiting for the frame', end);
  return out;
};

/**
 * On the page: milliseconds from a slider's move to another face's frame; 0 where
 * the face is the same.
 */
const sliderToFace = (value) => new Promise((resolve) => {
  const canvas = document.getElementById('face');
  const sum = () => canvas.getContext('2d')
      .getImageData(0, 0, canvas.width, canvas.height).data
      .reduce((all, byte) => (31 * all + byte) | 0, 0);
  const before = sum();
  const slider = document.getElementById('faithful');
  const from = performance.now();
  slider.value = String(value);
  slider.dispatchEvent(new Event('input', {bubbles: true}));
  slider.dispatchEvent(new Event('change', {bubbles: true}));
  const look = () => {
    const spent = performance.now() - from;
    if (sum() !== before) {
      requestAnimationFrame(() => resolve(performance.now() - from));
    } else if (spent > 2000) {
      resolve(0);
    } else {
      requestAnimationFrame(look);
    }
  };
  requestAnimationFrame(look);
});

const shareOf = (values, share) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
};

/** Median, 95th percentile and largest of milliseconds, and the load. */
function summary(values) {
  const [median, most, largest] =
      [0.5, 0.95, 1].map((share) => Math.round(shareOf(values, share)));
  return `ms: median ${median}, 95 % ${most}, largest ${largest}; load ` +
      `${os.loadavg()[0].toFixed(1)} on ${os.cpus().length} cores`;
}

async function timed(what, draw = quickly) {
  await page.evaluate(() => performance.setResourceTimingBufferSize(1e5));
  const seen = () => page.evaluate(
      (name) => performance.getEntriesByName(name).length, PREVIEW);
  const before = await seen();
  const strokes = [];
  for (let i = 0; i < STROKES; ++i) {
    await draw(i);
    await page.waitForFunction(([name, wanted]) =>
      performance.getEntriesByName(name).length > wanted,
    [PREVIEW, before + i], {timeout: PATIENCE});
    strokes.push(await page.evaluate(steps, [PREVIEW, PEN_UP]));
  }
  ++drawn;
  const of = (name) => strokes.map((one) => one[name] ?? 0);
  console.log(`# ${what}: pen up to face over ${strokes.length} strokes, ` +
      summary(of('all')));
  const names = new Set(strokes.flatMap((one) => Object.keys(one)));
  names.delete('all');
  for (const name of names) {
    console.log(`#   ${name.padEnd(42)}` +
        `${shareOf(of(name), 0.5).toFixed(1).padStart(7)}` +
        `${shareOf(of(name), 0.95).toFixed(1).padStart(7)}`);
  }
}

test('a face', {timeout: 20 * PATIENCE}, async () => {
  await openTemplate(page, 'Doodle');
  await settled(page);
  await timed('1360 x 800');
});

test('a slow pen', {timeout: 20 * PATIENCE}, async () => {
  await openTemplate(page, 'Doodle');
  await settled(page);
  await timed(`1360 x 800, strokes of ${STEP * STEPS} ms`, slowly);
});

test('the slider of faithfulness', {timeout: 20 * PATIENCE}, async () => {
  await openTemplate(page, 'Doodle');
  await settled(page);
  const times = [];
  for (let i = 0; i < STROKES; ++i) {
    times.push(await page.evaluate(sliderToFace, [100, 20, 60, 40, 80][i % 5]));
    await settled(page);
  }
  const seen = times.filter(Boolean);
  assert.ok(seen.length > STROKES / 2, `${seen.length} new faces`);
  console.log(`# slider of faithfulness to face, ${seen.length} times, ` +
      summary(seen));
});

test('300 lines at 4K', {timeout: 20 * PATIENCE}, async () => {
  await page.setViewportSize({width: 3840, height: 2160});
  await openTemplate(page, 'Doodle');
  await page.setInputFiles('#drawing-file', {
    name: 'many.json', mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(await manyLines(LINES))),
  });
  await page.waitForFunction((wanted) => Number(
      document.getElementById('parts-panel').dataset.lines) === wanted, LINES);
  await settled(page);
  await timed(`3840 x 2160, ${LINES} lines`);
});
