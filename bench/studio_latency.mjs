// From the pen's lifting to the face. Run by studio_latency.

import os from 'node:os';
import {test} from 'node:test';

import {
  drawWithMouse, eachOnItsPage, openTemplate, page, PATIENCE, settled,
} from '../tests/studio/browser.mjs';

eachOnItsPage();

const STROKES = 20;
const LINES = 300;
const PREVIEW = 'limner:pen-up-to-preview';

/** A short line somewhere on the face. */
const line = (i) => {
  const [x, y] = [150 + 10 * i, 440 - 7 * (i % 5)];
  return [[x, y], [x + 8, y + 12], [x + 14, y + 20]];
};

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

async function timed(what) {
  const seen = () => page.evaluate(
      (name) => performance.getEntriesByName(name).length, PREVIEW);
  const before = await seen();
  for (let i = 0; i < STROKES; ++i) {
    await drawWithMouse(page, line(i));
    await page.waitForFunction(([name, wanted]) =>
      performance.getEntriesByName(name).length > wanted,
    [PREVIEW, before + i], {timeout: PATIENCE});
  }
  const times = (await page.evaluate((name) => performance
      .getEntriesByName(name).map(({duration}) => duration), PREVIEW))
      .slice(before).sort((a, b) => a - b);
  const at = (share) => Math.round(
      times[Math.min(times.length - 1, Math.floor(share * times.length))]);
  console.log(`# ${what}: pen up to face over ${times.length} strokes, ms: ` +
      `median ${at(0.5)}, 95 % ${at(0.95)}, largest ${at(1)}; load ` +
      `${os.loadavg()[0].toFixed(1)} on ${os.cpus().length} cores`);
}

test('a face', {timeout: 20 * PATIENCE}, async () => {
  await openTemplate(page, 'Doodle');
  await settled(page);
  await timed('1360 x 800');
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
