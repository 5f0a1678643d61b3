// What only the page with limner inside has: the model's way into it, use
// without a network, threads, and an engine that breaks down.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {
  browser, drawWithMouse, eachOnItsPage, forgive, IN_PAGE, lineCount, newFace,
  open, openTemplate, page, PATIENCE, settled, shot, URL,
} from './browser.mjs';

assert.ok(IN_PAGE);
eachOnItsPage({bare: true});

const about = () => page.textContent('#engine-about');

/** Waits until the service worker keeps the page. */
const kept = (page) => page.evaluate(async () => {
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) {
    await new Promise((resolve) => navigator.serviceWorker.addEventListener(
        'controllerchange', resolve, {once: true}));
  }
});

/** Draws five lines, and prints how long their faces took. */
async function drawAndTime(about) {
  await openTemplate(page, 'Doodle');
  await settled(page);
  const before = await penUps();
  for (let i = 0; i < 5; ++i) {
    await drawWithMouse(page, [[150 + 30 * i, 440], [170 + 30 * i, 470]]);
    await page.waitForFunction((wanted) => performance.getEntriesByName(
        'limner:pen-up-to-preview').length > wanted, before.length + i,
    {timeout: PATIENCE});
  }
  const times = (await penUps()).slice(before.length);
  console.log(`# pen up to preview, ${about}: ` +
      times.map((time) => `${time.toFixed(0)} ms`).join(', '));
}

const penUps = () => page.evaluate(() => performance.getEntriesByName(
    'limner:pen-up-to-preview').map(({duration}) => duration));

test('the page says that limner is inside of it', async () => {
  assert.match(await about(), /inside of this page.*leave it/);
  assert.equal(await page.getAttribute('body', 'data-engine'), 'ready');
  assert.equal(await page.isVisible('#engine'), false);
});

test('it works without a network, the model fetched once',
    async () => {
      // A host without headers: the first visit has one thread.
      assert.equal(await page.evaluate(() => crossOriginIsolated), false);
      assert.doesNotMatch(await about(), /threads/);
      await drawAndTime('one thread');
      await kept(page);
      const asked = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.context().setOffline(true);
      await page.reload();
      await page.waitForSelector('body[data-ready]', {timeout: PATIENCE});
      assert.ok(await page.evaluate(() => crossOriginIsolated));
      const cores = await page.evaluate(() => navigator.hardwareConcurrency);
      assert.equal(asked.filter((url) => /safetensors/.test(url)).length, 0);
      if (cores > 1) assert.match(await about(), /by \d threads/);
      await drawAndTime(`${cores} threads`);
      await shot(page, 'page-offline');
      // The drawing is there again, and its face is made.
      await page.reload();
      const first = await page.waitForFunction(() =>
        document.body.dataset.engine === 'ready' &&
        !document.getElementById('face').hidden && performance.now(),
      null, {timeout: PATIENCE});
      console.log('# from opening the page, all files there, to its face: ' +
          `${(await first.jsonValue()).toFixed(0)} ms`);
      await page.context().setOffline(false);
      forgive(/ERR_INTERNET_DISCONNECTED|ERR_FAILED/);
    });

test('an engine that breaks down does not lose the drawing', async () => {
  await openTemplate(page, 'Doodle');
  const first = await settled(page);
  const lines = await lineCount(page);
  await page.evaluate(async () => {
    const {ownEngine} = await import('./studio/js/backend.js');
    // As when the worker throws, or has no memory left.
    (await ownEngine()).worker_.onerror({message: 'memory access'});
  });
  await drawWithMouse(page, [[210, 440], [215, 470]]);
  await newFace(page, first);
  assert.equal(await lineCount(page), lines + 1);
  assert.equal(await page.getAttribute('body', 'data-engine'), 'ready');
  assert.equal(await page.isVisible('#trouble'), false);
});

test('a model that comes damaged is not used', async () => {
  const context = await browser.newContext();
  const other = await context.newPage();
  let damaged = true;
  await context.route('**/model.safetensors', async (route) => {
    if (!damaged) return route.continue();
    const response = await route.fetch();
    const body = await response.body();
    body[body.length >> 1] ^= 1;
    return route.fulfill({response, body});
  });
  await other.goto(`${URL}/`);
  await other.waitForFunction(() =>
    document.querySelector('#engine p')?.textContent.includes('damaged'),
  null, {timeout: PATIENCE});
  damaged = false;
  await other.waitForSelector('body[data-engine=ready]', {timeout: PATIENCE});
  await context.close();
});

test('one may draw while the model is on its way', async () => {
  const context = await browser.newContext({viewport: {width: 1360,
    height: 800}});
  const other = await context.newPage();
  let go;
  const held = new Promise((resolve) => {
    go = resolve;
  });
  await context.route('**/model.safetensors', async (route) => {
    await held;
    await route.continue();
  });
  await other.goto(`${URL}/`);
  await other.waitForSelector('#engine:not([hidden])');
  await drawWithMouse(other, [[210, 240], [215, 270], [230, 300]]);
  await other.waitForFunction(() =>
    document.getElementById('parts-panel').dataset.lines === '1');
  go();
  await other.waitForSelector('body[data-ready]', {timeout: PATIENCE});
  assert.equal(await lineCount(other), 1);
  await context.close();
});

test('it fits a phone, and stays within its memory', async () => {
  const phone = await open(browser, {
    viewport: {width: 390, height: 844}, hasTouch: true, isMobile: true,
    deviceScaleFactor: 2, bare: true,
  });
  await openTemplate(phone.page, 'Doodle');
  await settled(phone.page);
  const wide = await phone.page.evaluate(
      () => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `${wide} px`);
  await phone.context.close();
  assert.deepEqual(phone.faults, []);
});
