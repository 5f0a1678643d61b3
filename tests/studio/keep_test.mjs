// What the studio keeps: in several tabs, over a reload, in files and links.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {
  browser, countedLines, drawWithMouse, eachOnItsPage, eventually, kept,
  keptLines, lineCount, newFace, open, openTemplate, page, saved, settled,
  shot, tab, troubled, URL,
} from './browser.mjs';

eachOnItsPage();

const status = (of = page) => of.textContent('#status');
const line = (x) => [[x, 440], [x + 5, 470]];

async function reload(of) {
  await of.reload();
  await of.waitForSelector('body[data-ready]');
}

/** The lines that the studio shows. */
const shows = (of, count) => of.waitForFunction((wanted) => Number(
    document.getElementById('parts-panel').dataset.lines) === wanted, count);

test('two tabs leave each other\'s drawing alone', async () => {
  await openTemplate(page, 'Doodle');
  const lines = await lineCount(page);
  await keptLines(page, lines);
  // All that is said: what the first tab keeps of its results afterwards is told
  // as a change, too.
  await page.context().addInitScript(() => {
    globalThis.said = [];
    new MutationObserver(() => {
      const text = document.getElementById('status')?.textContent;
      if (text && text !== said.at(-1)) said.push(text);
    }).observe(document, {childList: true, subtree: true});
  });
  const second = await tab();
  await shows(second, lines);
  assert.match((await second.evaluate(() => globalThis.said)).join('\n'),
      /open in another tab: here is a copy/);
  for (const x of [210, 250, 290]) await drawWithMouse(second, line(x));
  await drawWithMouse(page, line(350));
  await keptLines(page, lines + 1);
  await second.waitForFunction(() => /was changed in the other tab/.test(
      document.getElementById('status').textContent));
  await reload(second);
  await shows(second, lines + 3);
  await page.click('#clear');
  await reload(second);
  await shows(second, lines + 3);
  await reload(page);
  await shows(page, 0);
  // Both are still under Drawings.
  await page.click('#open-drawings');
  await page.waitForSelector('#drawing-list li');
  const names = await page.locator('#drawing-list .template span')
      .allTextContents();
  assert.deepEqual(new Set(names),
      new Set(['Drawing 1', 'Drawing 1, copy', 'Drawing 3']));
  assert.match(await page.textContent('#drawing-list'),
      /open in another tab/);
});

test('without locks two tabs part when one of them changes', async () => {
  // As on a page that came without encryption from another machine.
  await page.context().addInitScript(() => Object.defineProperty(
      Navigator.prototype, 'locks', {get: () => undefined}));
  await reload(page);
  await openTemplate(page, 'Doodle');
  const lines = await lineCount(page);
  await keptLines(page, lines);
  const second = await tab();
  await shows(second, lines);
  await drawWithMouse(page, line(350));
  // The one that hears of it first makes room.
  await eventually(
      page, async () => [await status(), await status(second)].join(),
      (said) => /yours goes on as a copy/.test(said), (said) => said);
  for (const x of [210, 250]) await drawWithMouse(second, line(x));
  await keptLines(second, lines + 2);
  await reload(page);
  await shows(page, lines + 1);
  await reload(second);
  await shows(second, lines + 2);
});

test('undo goes on after a reload, over a new sheet, too', async () => {
  await openTemplate(page, 'Doodle');
  const lines = await lineCount(page);
  await drawWithMouse(page, line(350));
  await page.click('#clear');
  await shows(page, 0);
  assert.match(await status(), /undo brings its lines back/);
  await reload(page);
  await shows(page, 0);
  await page.keyboard.press('Control+z');
  await shows(page, lines + 1);
  await page.keyboard.press('Control+z');
  await shows(page, lines);
  await page.keyboard.press('Control+Shift+z');
  await shows(page, lines + 1);
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await shows(page, 0);
  assert.equal(await page.getAttribute('#undo', 'aria-disabled'), 'true');
});

test('drawing, looks and what is hidden are one history', async () => {
  await openTemplate(page, 'Doodle');
  const lines = await lineCount(page);
  const first = await settled(page);
  const look = await page.textContent('#look-a .look-name');
  await page.keyboard.press('r');
  await newFace(page, first);
  await page.click('button[aria-label="Hide nose"]');
  await page.waitForSelector(
      'button[aria-label="Hide nose"][aria-pressed="true"]');
  await page.keyboard.press('Control+z');
  await page.waitForSelector(
      'button[aria-label="Hide nose"][aria-pressed="false"]');
  await page.keyboard.press('Control+z');
  assert.equal(await page.textContent('#look-a .look-name'), look);
  assert.equal(await lineCount(page), lines);
  assert.equal(await settled(page), first);
  // A slider that is drawn along is one step.
  await page.click('#look-b');
  await page.locator('#look-mix').evaluate((slider) => {
    for (const value of [40, 30, 20]) {
      slider.value = String(value);
      slider.dispatchEvent(new Event('input'));
    }
    slider.dispatchEvent(new Event('change'));
  });
  await page.keyboard.press('Control+z');
  assert.equal(await page.inputValue('#look-mix'), '50');
  await page.keyboard.press('Control+z');
  assert.equal(await page.isVisible('#look-mixer'), false);
  await page.keyboard.press('Control+z');
  await shows(page, 0);
});

test('what is hidden stays hidden after a reload', async () => {
  await openTemplate(page, 'Doodle');
  await countedLines(page, await lineCount(page));
  await page.click('button[aria-label="Hide nose"]');
  const without = await settled(page);
  await reload(page);
  await page.waitForSelector(
      'button[aria-label="Hide nose"][aria-pressed="true"]');
  assert.equal(await settled(page), without);
});

test('drawings have names, are opened again and deleted', async () => {
  await openTemplate(page, 'Doodle');
  const lines = await lineCount(page);
  await page.click('#open-drawings');
  await page.fill('#drawing-name', 'Ada <b>');
  await page.keyboard.press('Enter');
  assert.equal(await page.title(), 'Ada <b> – limner studio');
  await page.click('#clear');
  await shows(page, 0);
  await drawWithMouse(page, line(200));
  await page.click('#open-drawings');
  await page.waitForSelector('#drawing-list li');
  await shot(page, 'desktop-drawings');
  await page.click('#drawing-list .template:has-text("Ada <b>")');
  await shows(page, lines);
  assert.match(await status(), /^Ada <b> is open/);
  await page.click('#open-drawings');
  const remove = page.locator('#drawing-list .link');
  await remove.click();
  assert.match(await remove.textContent(), /^Delete for good\?/);
  await remove.click();
  assert.equal(await page.locator('#drawing-list li').count(), 1);
  await reload(page);
  await shows(page, lines);
});

test('a .limner file gives the same face elsewhere, to the byte', async () => {
  await openTemplate(page, 'Man with hat');
  await countedLines(page, await lineCount(page));
  await page.click('.recent-look >> nth=1');
  await page.click('button[aria-label="Hide hat"]');
  const face = await settled(page);
  const picture = await saved(page, '#save-face');
  const file = await saved(page, '#save-project');
  assert.equal(file.name, 'Drawing 1.limner');
  const json = JSON.parse(file.data);
  assert.equal(json.format, 'limner-project');
  assert.match(json.thumbnail, /^data:image\/jpeg/);
  const other = await open(browser);
  await other.page.setInputFiles('#drawing-file', {
    name: file.name, mimeType: '', buffer: file.data});
  await shows(other.page, json.drawing.strokes.length);
  assert.equal(await settled(other.page), face);
  const again = await saved(other.page, '#save-face');
  assert.ok(again.data.equals(picture.data));
  await other.context.close();
  assert.deepEqual(other.faults, []);
});

test('a link holds a small drawing', async () => {
  await openTemplate(page, 'Doodle');
  await page.keyboard.press('r');
  const lines = await lineCount(page);
  await countedLines(page, lines);
  const face = await settled(page);
  await page.click('#save');
  await page.click('#save-link');
  await page.waitForFunction(() => location.hash.startsWith('#d='));
  const link = page.url();
  assert.ok(link.length < 8000, `${link.length}`);
  const other = await open(browser);
  await other.page.goto('about:blank');
  await other.page.goto(link);
  await other.page.waitForSelector('body[data-ready]');
  await shows(other.page, lines);
  assert.equal(await settled(other.page), face);
  assert.equal(other.page.url(), `${URL}/`);
  assert.equal((await kept(other.page)).present.length, lines);
  await other.page.goto(`${URL}/#d=damaged`);
  await troubled(other.page, /link is damaged/);
  await shows(other.page, lines);
  await other.context.close();
  assert.deepEqual(other.faults, []);
});

test('a reload after a link was made shows what is drawn by now', async () => {
  await openTemplate(page, 'Doodle');
  const lines = await lineCount(page);
  await page.click('#save');
  await page.click('#save-link');
  await page.waitForFunction(() => location.hash.startsWith('#d='));
  const link = page.url();
  await drawWithMouse(page, line(350));
  await reload(page);
  await shows(page, lines + 1);
  assert.equal(page.url(), `${URL}/`);
  await page.click('#open-drawings');
  await page.waitForSelector('#drawing-list li');
  assert.equal(await page.locator('#drawing-list li').count(), 1);
  await page.keyboard.press('Escape');
  // The link itself is still one to follow.
  await page.goto(link);
  await shows(page, lines);
});

test('a file that is opened twice has two names', async () => {
  await openTemplate(page, 'Doodle');
  const file = await saved(page, '#save-project');
  for (const name of ['Drawing 1 (2)', 'Drawing 1 (3)']) {
    await page.setInputFiles('#drawing-file', {
      name: file.name, mimeType: '', buffer: file.data});
    await page.waitForFunction((wanted) =>
      document.title === wanted, `${name} – limner studio`);
  }
});

test('in a full strip of results that of now is in sight', async () => {
  await page.setViewportSize({width: 900, height: 800});
  await openTemplate(page, 'Doodle');
  let face = await settled(page);
  await page.waitForSelector('.result');
  const seen = () => page.waitForFunction(() => {
    const strip = document.getElementById('results');
    const box = strip.querySelector('[aria-current]')?.getBoundingClientRect();
    const {left, right} = strip.getBoundingClientRect();
    return box && box.left >= left - 1 && box.right <= right + 1;
  });
  for (let i = 0; i < 5; ++i) {
    await page.keyboard.press('r');
    await newFace(page, face);
    face = await settled(page);
    await page.waitForSelector(`.result >> nth=${i + 1}`);
  }
  assert.ok(await page.evaluate(() => {
    const {scrollWidth, clientWidth} = document.getElementById('results');
    return scrollWidth > clientWidth;
  }));
  await seen();
  for (let i = 0; i < 5; ++i) await page.keyboard.press('Control+z');
  await seen();
});

test('results: back to any, pinned over a reload, two side by side',
    async () => {
      await openTemplate(page, 'Doodle');
      const first = await settled(page);
      await page.waitForSelector('.result[aria-current]');
      const lines = await lineCount(page);
      await page.click('#result-pin');
      assert.match(await status(), /Result 1 is pinned/);
      await page.keyboard.press('r');
      await drawWithMouse(page, line(350));
      await newFace(page, first);
      await settled(page);
      await page.waitForSelector('.result >> nth=1');
      await page.click('#result-compare');
      await page.click('.result >> nth=0');
      await page.waitForSelector('#other-face:not([hidden])');
      await shot(page, 'desktop-compare');
      await page.click('#result-compare');
      assert.equal(await page.isVisible('#other-face'), false);
      await page.click('.result >> nth=0');
      await shows(page, lines);
      assert.equal(await settled(page), first);
      await page.keyboard.press('Control+z');
      await shows(page, lines + 1);
      await reload(page);
      await page.waitForSelector('.result.pinned');
      await page.click('.result.pinned');
      await shows(page, lines);
      assert.equal(await settled(page), first);
    });

test('layers for drawing programs, and lines on nothing', async () => {
  await openTemplate(page, 'Doodle');
  await countedLines(page, await lineCount(page));
  const used = await page.locator('#parts .part').count();
  const ora = await saved(page, '#save-layers');
  assert.equal(ora.name, 'drawing.ora');
  assert.equal(
      ora.data.toString('latin1', 30, 54), 'mimetypeimage/openraster');
  const xml = ora.data.toString('latin1');
  assert.match(xml, /<layer name="nose" src="data\/layer\d+\.png"/);
  assert.match(xml, /name="Paper" .* visibility="hidden"/);
  assert.equal(xml.match(/<layer /g).length, used + 2);
  const png = await saved(page, '#save-lines');
  assert.equal(png.data.readUInt32BE(16), 1024);
  // Colours with transparency, as 8-bit RGBA.
  assert.deepEqual([...png.data.subarray(24, 26)], [8, 6]);
});
