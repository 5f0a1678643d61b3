// The studio without a mouse, and for a screen reader.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {
  browser, countedLines, eachOnItsPage, faintTexts, newFace, open, page, parts,
  settled, shot, spoken,
} from './browser.mjs';

eachOnItsPage();

const press = (...keys) => keys.reduce(
    (before, key) => before.then(() => page.keyboard.press(key)),
    Promise.resolve());
const status = () => page.textContent('#status');

/** What has the focus: its id or name. */
const focused = () => page.evaluate(() => {
  const {activeElement: e} = document;
  if (e === document.body) return 'BODY';
  return e.id || (e.name ? `${e.name}:${e.value}` : '') ||
      e.getAttribute('aria-label') || e.textContent.trim() || e.tagName;
});

async function tabTo(wanted) {
  for (let i = 0; i < 60; ++i) {
    await press('Tab');
    if (await focused() === wanted) return;
  }
  assert.fail(`Tab does not come to ${wanted}`);
}

test('the order of Tab is that of the page, and shows where it is',
    async () => {
      const order = [];
      const unseen = [];
      for (let i = 0; i < 40; ++i) {
        await press('Tab');
        const name = await focused();
        if (name === 'BODY' && !order.length) continue;
        if (name === order[0] || name === 'BODY') break;
        order.push(name);
        const shown = await page.evaluate(() => {
          const {activeElement: e} = document;
          const marks = [e, e.parentElement, e.nextElementSibling]
              .filter(Boolean).map((x) => getComputedStyle(x));
          return marks.some((s) => s.outlineStyle !== 'none' &&
              parseFloat(s.outlineWidth) >= 1);
        });
        if (!shown) unseen.push(name);
      }
      assert.deepEqual(unseen, []);
      const expected = ['Skip to the drawing', 'clear', 'open-templates',
        'open', 'save', 'undo', 'redo', 'theme', 'open-help', 'tool:pen',
        'mirror', 'guide', 'steadiness', 'compare:side', 'sheet', 'zoom-out',
        'zoom-fit', 'zoom-in', 'look-a', 'look-b', 'look-random',
        'look-photo'];
      assert.deepEqual(order.slice(0, expected.length), expected);
      assert.ok(order.includes('trace-choose'), order.join());
    });

test('a whole face without a mouse', async () => {
  await tabTo('open-templates');
  await press('Enter');
  await page.waitForSelector('.template');
  await tabTo('Doodle');
  await press('Enter');
  await page.waitForSelector('#parts .part');
  const lines = Object.values(await parts(page)).reduce((a, b) => a + b, 0);
  const first = await settled(page);
  assert.equal(await focused(), 'sheet');

  await press('.');
  assert.match(await status(), new RegExp(`^Line 1 of ${lines}: .+ sure\\.$`));
  await press('.', ',', ',');
  assert.match(await status(), new RegExp(`^Line ${lines} of ${lines}: `));
  await press('Shift+ArrowUp', 'ArrowLeft', ']');
  const moved = await newFace(page, first);
  await press('c');
  assert.equal(await focused(), 'selection-class');
  await press('h', 'a', 't');
  await page.waitForFunction(() =>
    document.getElementById('status').textContent === '1 line set to hat.');
  await newFace(page, moved);
  assert.equal((await parts(page)).hat, 1);

  await tabTo('selection-delete');
  await press('Enter');
  assert.equal(await status(), '1 line deleted.');
  assert.equal(await focused(), 'sheet');
  await countedLines(page, lines - 1);
  await press('Control+z');
  await countedLines(page, lines);

  // Tools by arrows, menus by arrows, and back with Escape.
  await press('Shift+Tab', 'Shift+Tab', 'Shift+Tab', 'Shift+Tab', 'Shift+Tab');
  await tabTo('save');
  await press('Enter');
  await page.waitForFunction(() => document.activeElement.id === 'save-svg');
  await page.waitForSelector('#save[aria-expanded="true"]');
  assert.equal(await page.getAttribute('#save', 'aria-expanded'), 'true');
  await press('ArrowDown');
  assert.equal(await focused(), 'save-json');
  await press('Escape');
  await page.waitForFunction(() => document.activeElement.id === 'save');
  await page.waitForSelector('#save[aria-expanded="false"]');
  assert.equal(await page.getAttribute('#save', 'aria-expanded'), 'false');
  await tabTo('tool:select');
  await press('ArrowLeft');
  assert.equal(await focused(), 'tool:eraser');
  assert.ok(await page.isVisible('#eraser-size'));
});

test('the help sheet opens by a key and lists every shortcut', async () => {
  await press('?');
  await page.waitForSelector('#help[open]');
  assert.equal(await page.locator('#shortcut-list section').count(), 4);
  assert.ok(await page.locator('#shortcut-list dt').count() >= 20);
  await shot(page, 'desktop-help');
  await page.click('#single-keys');
  await press('Escape');
  await page.waitForSelector('#help', {state: 'hidden'});
  // Without single keys they work in the drawing alone.
  await page.focus('#open-templates');
  await press('e');
  assert.equal(await page.isChecked('input[value=pen]'), true);
  await page.focus('#sheet');
  await press('e');
  assert.equal(await page.isChecked('input[value=eraser]'), true);
});

test('everything has a name', async () => {
  await press('Tab', 'Tab', 'Tab', 'Enter');
  await page.waitForSelector('.template');
  const inDialog = await spoken(page);
  assert.ok(inDialog.length >= 9);
  assert.deepEqual(inDialog.filter(({name}) => !name), []);
  await page.click('.template:has-text("Man with hat")');
  await page.waitForSelector('#parts .part');
  await press('.');
  await page.click('#look-b');
  await page.click('#other-parts-title');
  await settled(page);
  const all = await spoken(page);
  assert.ok(all.length > 60, `${all.length}`);
  assert.deepEqual(all.filter(({name}) => !name), []);
  const names = all.map(({name}) => name);
  assert.ok(names.some((name) => /^Set to hat, \d+ lines?/.test(name)));
  assert.ok(names.includes('Mix of the two looks'));
  assert.ok(names.some((name) => /^Face made from the drawing/.test(name)));
});

test('what happens is said aloud', async () => {
  const roles = await page.evaluate(() => ['status', 'trouble'].map((id) => {
    const e = document.getElementById(id);
    return [e.getAttribute('role'), e.getAttribute('aria-live')];
  }));
  assert.deepEqual(roles, [['status', 'polite'], ['alert', null]]);
  await press('m');
  assert.equal(await status(), 'Mirror mode on.');
  await press('Control+z');
  assert.equal(await status(), 'There is nothing to undo.');
});

test('texts stand out, in light and dark', async () => {
  await page.click('#open-templates');
  await page.click('.template:has-text("Man with hat")');
  await settled(page);
  await press('.');
  await page.click('#other-parts-title');
  for (const theme of ['light', 'dark']) {
    assert.equal(await page.getAttribute('html', 'data-theme'), theme);
    const main = await faintTexts(page);
    assert.ok(main.looked > 50, `${main.looked}`);
    assert.deepEqual(main.faint, [], theme);
    await page.click('#open-help');
    const help = await faintTexts(page);
    assert.ok(help.looked > main.looked);
    assert.deepEqual(help.faint, [], `${theme}, help`);
    await press('Escape');
    await page.click('#open-templates');
    await page.waitForSelector('.template');
    assert.deepEqual((await faintTexts(page)).faint, [], theme);
    await press('Escape');
    await page.click('#save');
    assert.deepEqual((await faintTexts(page)).faint, [], `${theme}, menu`);
    await press('Escape');
    if (theme === 'dark') await shot(page, 'desktop-dark');
    await page.click('#theme');
  }
});

test('a dark system gets a dark studio', async () => {
  const dark = await open(browser, {colorScheme: 'dark'});
  assert.equal(
      await dark.page.getAttribute('html', 'data-theme'), 'dark');
  await dark.context.close();
  assert.deepEqual(dark.faults, []);
});
