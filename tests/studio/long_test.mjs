// Twelve minutes of drawing with a finger in a page that has limner inside, as on
// a phone: 500 lines, 40 steps of undo. The memory of the page does not grow after
// the first minute, and stays within what a phone gives.
//
//   LONG_MINUTES=2 LONG_LINES=80   a shorter run

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

import {
  browser, eachOnItsPage, FACE, IN_PAGE, lineCount, page, PATIENCE, places,
  settled, touch,
} from './browser.mjs';

const MINUTES = Number(process.env.LONG_MINUTES ?? 12);
const LINES = Number(process.env.LONG_LINES ?? 500);
const UNDO_EVERY = 50;  // lines; then so many steps back, and forth again
const UNDO_STEPS = Math.ceil(40 * UNDO_EVERY / LINES);
const SAMPLE_EVERY = 20;  // seconds
const MOST = 400;  // MiB
const GROWTH = 16;  // MiB: the lines themselves, and how a heap breathes
const HEAP = 192;  // MiB of JavaScript, as on a phone

assert.ok(IN_PAGE);
eachOnItsPage({
  viewport: {width: 390, height: 844}, hasTouch: true, isMobile: true,
  deviceScaleFactor: 2, bare: true,
}, [`--js-flags=--max-old-space-size=${HEAP}`]);

/** A number in [0, 1) for each index, the same in every run. */
const chance = (i) => Math.abs(Math.sin(i * 12.9898) * 43758.5453) % 1;

/** Line number i: a face first, then hairs. */
function line(i) {
  const face = Object.values(FACE);
  if (i < face.length) return face[i];
  const angle = Math.PI * (1 + chance(i));
  const [length, bend] = [20 + 40 * chance(i + 0.3), chance(i + 0.6) - 0.5];
  return Array.from({length: 12}, (_, step) => {
    const out = 0.8 + 0.2 * step / 12 * length / 60;
    const turn = angle + bend * step / 12;
    return [256 + 170 * out * Math.cos(turn), 250 + 190 * out * Math.sin(turn)];
  });
}

/** MiB of the page's process that are its own, after its garbage is gone. */
async function memory() {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const {usedSize} = await session.send('Runtime.getHeapUsage');
  await session.detach();
  const whole = await browser.newBrowserCDPSession();
  const {processInfo} = await whole.send('SystemInfo.getProcessInfo');
  await whole.detach();
  const own = processInfo.filter(({type}) => type === 'renderer')
      .map(({id}) => [...readFileSync(`/proc/${id}/smaps_rollup`, 'utf8')
          .matchAll(/^Private_\w+:\s+(\d+) kB/gm)]
          .reduce((sum, [, kilobytes]) => sum + Number(kilobytes), 0) / 1024);
  return {own: Math.max(...own), heap: usedSize / 2 ** 20};
}

const WITHIN = {timeout: MINUTES * 60000 + 10 * PATIENCE};

test(`${MINUTES} minutes of drawing, ${LINES} lines`, WITHIN, async () => {
  const begin = Date.now();
  const samples = [];
  let undone = 0;
  for (let i = 0; i < LINES; ++i) {
    const due = begin + i * MINUTES * 60000 / LINES;
    await page.waitForTimeout(Math.max(0, due - Date.now()));
    const points = await places(page, line(i));
    await touch(page, points.map((at) => [at]));
    if (i % UNDO_EVERY === UNDO_EVERY - 1) {
      for (let step = 0; step < UNDO_STEPS; ++step, ++undone) {
        await page.keyboard.press('Control+z');
      }
      for (let step = 0; step < UNDO_STEPS; ++step) {
        await page.keyboard.press('Control+Shift+z');
      }
    }
    const seconds = (Date.now() - begin) / 1000;
    if (seconds >= samples.length * SAMPLE_EVERY) {
      const {own, heap} = await memory();
      samples.push({seconds, own});
      console.log(`# ${seconds.toFixed(0)} s, ${i + 1} lines: ` +
          `${own.toFixed(0)} MiB, of them ${heap.toFixed(1)} of JavaScript`);
    }
  }
  await settled(page);
  assert.equal(await lineCount(page), LINES);
  assert.ok(undone >= Math.min(40, LINES / UNDO_EVERY * UNDO_STEPS));
  const most = (from, to) => Math.max(...samples.filter(
      ({seconds}) => seconds >= from && seconds < to).map(({own}) => own));
  const end = samples.at(-1).seconds + 1;
  const early = most(60, 60 + end / 4);
  const late = most(end * 3 / 4, end);
  const times = await page.evaluate(() => performance.getEntriesByName(
      'limner:pen-up-to-preview').map(({duration}) => duration)
      .sort((a, b) => a - b));
  console.log(`# early ${early.toFixed(0)} MiB, late ${late.toFixed(0)} MiB; ` +
      `pen up to preview, median of ${times.length}: ` +
      `${times[times.length >> 1]?.toFixed(0)} ms`);
  assert.ok(most(0, end) <= MOST, `${most(0, end)} MiB`);
  assert.ok(late <= early + GROWTH, `${early} MiB became ${late}`);
});
