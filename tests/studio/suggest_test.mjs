// Suggestions of the studio: parts that a drawing lacks, against a real server.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {
  countedLines, drawWithMouse, eachOnItsPage, eventually, FACE, keptLines,
  lineCount, page, PATIENCE, places, says, shot,
} from './browser.mjs';

eachOnItsPage();

/** Waits until these are offered, in this order. */
const offered = (names) => page.waitForFunction((wanted) => {
  const bar = document.getElementById('suggest-bar');
  return !bar.hidden && bar.dataset.names === wanted;
}, names, {timeout: PATIENCE});

/** A middle point of a part, as the server was asked last. */
function watchGuide() {
  let parts = [];
  page.on('response', async (response) => {
    if (!response.url().endsWith('/api/label')) return;
    const {guide} = await response.json().catch(() => ({}));
    if (guide) parts = guide;
  });
  // What the page has by now may be here a little later.
  return async (name) => {
    const {drawing} = await eventually(
        page, () => parts.find(({part}) => part === name), Boolean,
        () => `no ${name} was offered`);
    const {points} = drawing.strokes[0];
    return points[points.length >> 2];
  };
}

test('an outline is offered a face, part by part', async () => {
  const pointOf = watchGuide();
  await drawWithMouse(page, FACE.outline);
  await offered('eyes,brows,nose,mouth,hair,neck');
  await shot(page, 'suggestions');

  // A click on faint lines takes them over; the rest is still offered.
  const nose = await pointOf('nose');
  const [at] = await places(page, [nose]);
  await page.mouse.move(...at);
  assert.equal(await page.textContent('#under'),
      'nose: a click takes it over');
  await page.mouse.click(...at);
  await says(page, 'status', /^1 line added: nose\.$/);
  await offered('eyes,brows,mouth,hair,neck');
  const found = await countedLines(page, 2);
  assert.equal(found.nose, 1);

  // One step of undo takes it back, and it is offered again.
  await page.keyboard.press('Control+z');
  await countedLines(page, 1);
  await offered('eyes,brows,nose,mouth,hair,neck');
});

test('a part is taken over by its button, from the keyboard too', async () => {
  await drawWithMouse(page, FACE.outline);
  await offered('eyes,brows,nose,mouth,hair,neck');
  await page.focus('.suggestion');
  await page.keyboard.press('Enter');
  await offered('brows,nose,mouth,hair,neck');
  assert.equal(await page.evaluate(
      () => document.activeElement.getAttribute('aria-label')), 'Add brows');
  const count = await lineCount(page);
  const found = await countedLines(page, count);
  assert.ok(found['eye, left side'] >= 1);
  assert.ok(found['eye, right side'] >= 1);
  // What was taken over is what it is said to be.
  const kept = await keptLines(page, count);
  assert.ok(kept.slice(1).every(({fixed}) => fixed === 1 || fixed === 2));
});

test('nothing snaps: a line along a suggestion is the hand\'s own', async () => {
  await drawWithMouse(page, FACE.outline);
  await offered('eyes,brows,nose,mouth,hair,neck');
  await drawWithMouse(page, FACE.mouth);
  await offered('eyes,brows,nose,hair,neck');
  await countedLines(page, 2);
});

test('without the guide nothing is offered', async () => {
  await drawWithMouse(page, FACE.outline);
  await offered('eyes,brows,nose,mouth,hair,neck');
  await page.keyboard.press('g');
  await page.waitForSelector('#suggest-bar', {state: 'hidden'});
  const asked = [];
  page.on('request', (request) => {
    if (/"guide":true/.test(request.postData() ?? '')) asked.push(request);
  });
  await drawWithMouse(page, FACE.nose);
  await countedLines(page, 2);
  assert.deepEqual(asked, []);
  await page.keyboard.press('g');
  await offered('eyes,brows,mouth,hair,neck');
});

test('who dots draws dots, on suggestions, too', async () => {
  const pointOf = watchGuide();
  await drawWithMouse(page, FACE.outline);
  await offered('eyes,brows,nose,mouth,hair,neck');
  const nose = await pointOf('nose');
  await drawWithMouse(page, [[160, 330]]);
  await countedLines(page, 2);
  await drawWithMouse(page, [nose]);
  const [, , dot] = await keptLines(page, 3);
  assert.equal(dot.points.length, 1);
  assert.equal(dot.fixed, 0);
});
