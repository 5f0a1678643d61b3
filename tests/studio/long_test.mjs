// Twelve minutes of drawing with a finger in a page that has limner inside, as on
// a phone: 500 lines, 40 steps of undo. The memory of the page does not grow after
// the first minute, and stays within what a phone gives.
//
//   LONG_MINUTES=2 LONG_LINES=80   a shorter run

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

import {
  browser, eachOnItsPage, eventually, FACE, IN_PAGE, lineCount, page, PATIENCE,
  places, settled, touch,
} from './browser.mjs';

const MINUTES = Number(process.env.LONG_MINUTES ?? 12);
const LINES = Number(process.env.LONG_LINES ?? 500);
const UNDO_EVERY = 50;  // lines; then so many steps back, and forth again
const UNDO_STEPS = Math.ceil(40 * UNDO_EVERY / LINES);
const SAMPLE_EVERY = 20;  // seconds
const MOST = 400;  // MB
const GROWTH = 16;  // MB without garbage: the lines, and how a heap breathes
const FIRST = 60;  // seconds, after which memory is not to grow
const HEAP = 192;  // MiB of JavaScript, as on a phone
// Of it for what is young: V8 gives it a 128th or less, but leaves it at what the
// machine has when the heap's size is told by a flag.
const YOUNG = 2;

assert.ok(IN_PAGE);
eachOnItsPage({
  viewport: {width: 390, height: 844}, hasTouch: true, isMobile: true,
  deviceScaleFactor: 2, bare: true,
}, [
  `--js-flags=--max-old-space-size=${HEAP} --max-semi-space-size=${YOUNG}`,
]);

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

/**
 * MB of the page's process that are its own and in memory. Clean pages are the
 * browser's program.
 */
async function own() {
  const whole = await browser.newBrowserCDPSession();
  const {processInfo} = await whole.send('SystemInfo.getProcessInfo');
  await whole.detach();
  return Math.max(...processInfo.filter(({type}) => type === 'renderer')
      .map(({id}) => [...readFileSync(`/proc/${id}/smaps_rollup`, 'utf8')
          .matchAll(/^(?:Private_Dirty|Swap):\s+(\d+) kB/gm)]
          .reduce((sum, [, kilobytes]) => sum + Number(kilobytes) * 1024, 0)
          / 1e6));
}

/**
 * Collects the garbage of the page and of its workers, whose buffers wait for
 * a long time else, and gives back what the allocators keep.
 */
async function collect() {
  const session = await page.context().newCDPSession(page);
  const workers = [];
  const answered = new Map();
  session.on('Target.attachedToTarget',
      ({sessionId}) => workers.push(sessionId));
  session.on('Target.receivedMessageFromTarget', ({sessionId, message}) => {
    if (JSON.parse(message).id === 1) answered.get(sessionId)();
  });
  await session.send('Target.setAutoAttach',
      {autoAttach: true, waitForDebuggerOnStart: false, flatten: false});
  // The service worker may sleep; the engine's is always there.
  await eventually(page, () => workers.length, (count) => count > 0,
      () => 'no worker is there');
  for (const sessionId of workers) {
    const done = new Promise((resolve) => answered.set(sessionId, resolve));
    await session.send('Target.sendMessageToTarget', {sessionId,
      message: JSON.stringify({id: 1, method: 'HeapProfiler.collectGarbage'})});
    await done;
  }
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Memory.simulatePressureNotification',
      {level: 'critical'});
  await session.detach();
}

/** MB of the page's process without its garbage. */
async function kept() {
  await collect();
  return own();
}

const WITHIN = {timeout: MINUTES * 60000 + 10 * PATIENCE};

test(`${MINUTES} minutes of drawing, ${LINES} lines`, WITHIN, async () => {
  const begin = Date.now();
  const samples = [];
  let undone = 0;
  let early = null;
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
      samples.push(await own());
      console.log(`# ${seconds.toFixed(0)} s, ${i + 1} lines: ` +
          `${samples.at(-1).toFixed(0)} MB`);
    }
    if (seconds >= FIRST) early ??= await kept();
  }
  await settled(page);
  assert.equal(await lineCount(page), LINES);
  assert.ok(undone >= Math.min(40, LINES / UNDO_EVERY * UNDO_STEPS));
  const [most, late] = [Math.max(...samples), await kept()];
  const times = await page.evaluate(() => performance.getEntriesByName(
      'limner:pen-up-to-preview').map(({duration}) => duration)
      .sort((a, b) => a - b));
  console.log(`# at most ${most.toFixed(0)} MB; without garbage ` +
      `${early.toFixed(0)} MB early, ${late.toFixed(0)} MB late; ` +
      `pen up to preview, median of ${times.length}: ` +
      `${times[times.length >> 1]?.toFixed(0)} ms`);
  assert.ok(most <= MOST, `${most} MB`);
  assert.ok(late <= early + GROWTH, `${early} MB became ${late}`);
});
