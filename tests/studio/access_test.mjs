// The studio without a mouse, and for a screen reader.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';

import {
  browser, choose, countedLines, eachOnItsPage, eventually, faintTexts,
  lineCount, newFace, open, openTemplate, page, parts, settled, shot, spoken,
} from './browser.mjs';

const AXE = readFileSync(path.join(process.env.STUDIO_PLAYWRIGHT,
    'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

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
  for (let i = 0; i < 120; ++i) {
    await press('Tab');
    if (await focused() === wanted) return;
  }
  assert.fail(`Tab does not come to ${wanted}`);
}

test('the order of Tab is that of the page, and shows where it is',
    async () => {
      const order = [];
      const unseen = [];
      for (let i = 0; i < 60; ++i) {
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
      const expected = ['Skip to the drawing', 'clear', 'open-drawings',
        'open-templates', 'open', 'save', 'undo', 'redo', 'theme', 'open-help',
        'tool:pen', 'draw-as', 'mirror', 'guide', 'steadiness', 'compare:side',
        'sheet', 'zoom-out',
        'zoom-fit', 'zoom-in', 'look-a', 'look-b', 'look-random',
        'look-photo', 'open-variations', 'look-part'];
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
  const lines = await lineCount(page);
  const first = await settled(page);
  assert.equal(await focused(), 'sheet');

  await press('.');
  assert.match(await status(), new RegExp(`^Line 1 of ${lines}: .+ sure\\.$`));
  await press('.', ',', ',');
  assert.match(await status(), new RegExp(`^Line ${lines} of ${lines}: `));
  await press('Shift+ArrowUp', 'ArrowLeft', ']');
  const moved = await newFace(page, first);
  await press('c');
  assert.equal(await focused(), 'class-list');
  await press('h', 'a', 't', 'Enter');
  assert.equal(await focused(), 'sheet');
  await page.waitForFunction(() =>
    document.getElementById('status').textContent === '1 line set to hat.');
  await newFace(page, moved);
  // What the others are taken for may change with it.
  assert.ok((await parts(page)).hat >= 1);

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
  await page.waitForFunction(
      () => document.activeElement.id === 'save-project');
  await page.waitForSelector('#save[aria-expanded="true"]');
  assert.equal(await page.getAttribute('#save', 'aria-expanded'), 'true');
  await press('ArrowDown');
  assert.equal(await focused(), 'save-link');
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
  await page.focus('#open-templates');
  await press('Enter');
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
  assert.ok(names.some((name) => /^Select hat \d+ lines?/i.test(name)), names);
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

/**
 * Waits until all texts stand out, whatever was on its way; says how many
 * there are.
 */
async function standOut(where) {
  const {looked} = await eventually(
      page, () => faintTexts(page), ({faint}) => !faint.length,
      ({faint}) => `${where}: ${JSON.stringify(faint)}`);
  return looked;
}

test('texts stand out, in light and dark', async () => {
  await page.click('#open-templates');
  await page.click('.template:has-text("Man with hat")');
  await settled(page);
  await press('.');
  await page.click('#other-parts-title');
  for (const theme of ['light', 'dark']) {
    assert.equal(await page.getAttribute('html', 'data-theme'), theme);
    const looked = await standOut(theme);
    assert.ok(looked > 50, `${looked}`);
    await page.click('#open-help');
    assert.ok(await standOut(`${theme}, help`) > looked);
    await press('Escape');
    await page.click('#open-templates');
    await page.waitForSelector('.template');
    await standOut(theme);
    await press('Escape');
    await page.click('#save');
    await standOut(`${theme}, menu`);
    await press('Escape');
    await page.click('#look-part');
    await page.waitForSelector('#photo-editor[open]');
    await standOut(`${theme}, photo`);
    await press('Escape');
    await page.click('#open-variations');
    await page.waitForSelector('#variation-list[aria-busy=false]');
    await standOut(`${theme}, variations`);
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

/** What axe finds wrong: WCAG 2.2 AA and its experimental rules for names. */
async function violations(of) {
  await of.evaluate(AXE);
  return of.evaluate(async () => {
    const {violations} = await window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',
        'best-practice'],
      rules: {'label-content-name-mismatch': {enabled: true}},
    });
    return violations.map(({id, nodes}) =>
      `${id}: ${nodes.map(({target}) => target).join(', ')}`);
  });
}

for (const [kind, options] of Object.entries({
  desk: {viewport: {width: 1360, height: 800}},
  phone: {viewport: {width: 390, height: 844}, hasTouch: true, isMobile: true},
})) {
  test(`axe finds nothing on a ${kind}, in light and dark`, async () => {
    for (const colorScheme of ['light', 'dark']) {
      const one = await open(browser, {...options, colorScheme});
      await openTemplate(one.page, 'Man with hat');
      await settled(one.page);
      await one.page.keyboard.press('.');
      await one.page.waitForSelector('#selection-bar:not([hidden])');
      assert.deepEqual(await violations(one.page), [], colorScheme);
      await one.page.click('#selection-class');
      assert.deepEqual(await violations(one.page), [], `${colorScheme}, list`);
      await one.page.keyboard.press('Escape');
      for (const name of ['drawings', 'help']) {
        await one.page.click(`#open-${name}`);
        assert.deepEqual(
            await violations(one.page), [], `${colorScheme}, ${name}`);
        await one.page.keyboard.press('Escape');
      }
      if (kind === 'phone') {
        await one.page.click('.tabs label:has-text("Looks")');
      }
      assert.deepEqual(await violations(one.page), [], `${colorScheme}, looks`);
      await one.page.click('#open-variations');
      await one.page.waitForSelector('#variation-list[aria-busy=false]');
      assert.deepEqual(
          await violations(one.page), [], `${colorScheme}, variations`);
      await one.page.keyboard.press('Escape');
      await one.page.click('#look-part');
      await one.page.waitForSelector('#photo-editor[open]');
      assert.deepEqual(await violations(one.page), [], `${colorScheme}, photo`);
      await one.page.keyboard.press('Escape');
      await one.context.close();
      assert.deepEqual(one.faults, []);
    }
  });
}

/** Contrast by WCAG of two colours "rgb(...)" or [r, g, b]. */
function contrast(...colours) {
  const [a, b] = colours.map((colour) => {
    const rgb = Array.isArray(colour) ?
        colour : colour.match(/[\d.]+/g).slice(0, 3).map(Number);
    const [r, g, blue] = rgb.map((v) => v / 255).map(
        (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue + 0.05;
  });
  return Math.max(a, b) / Math.min(a, b);
}

/** A colour of the style sheets, as the browser sees it. */
const themed = (of, name) => of.evaluate((name) => {
  const probe = document.createElement('i');
  probe.style.cssText = `forced-color-adjust: none; color: var(--${name})`;
  document.body.append(probe);
  const {color} = getComputedStyle(probe);
  probe.remove();
  return color;
}, name);

test('with forced colours what is chosen is seen', async () => {
  const one = await open(browser, {forcedColors: 'active'});
  await openTemplate(one.page, 'Doodle');
  await settled(one.page);
  await one.page.keyboard.press('Control+a');
  await one.page.waitForSelector('#selection-bar:not([hidden])');
  await one.page.waitForSelector('#parts .part[aria-pressed=true]');
  const marks = await one.page.evaluate(() => [
    '.tool:has(:checked)', '#guide[aria-pressed=true]',
    '.segments input:checked + span', '#look-a',
    '#parts .part[aria-pressed=true]',
  ].map((selector) => {
    const style = getComputedStyle(document.querySelector(selector));
    return [selector, style.outlineStyle, style.backgroundColor];
  }));
  const [paper, accent] =
      [await themed(one.page, 'paper'), await themed(one.page, 'accent')];
  for (const [selector, outline, ground] of marks) {
    assert.equal(outline, 'solid', selector);
    assert.equal(ground, accent, selector);
  }
  // The box around the selection, painted in the system's colours.
  const wanted = accent.match(/\d+/g).slice(0, 3).map(Number);
  await one.page.waitForFunction((wanted) => {
    const canvas = document.getElementById('sheet-base');
    const {data} = canvas.getContext('2d')
        .getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (wanted.every((v, k) => Math.abs(v - data[i + k]) < 3)) ++count;
    }
    return count > 100;
  }, wanted, {polling: 100});
  assert.ok(contrast(accent, paper) >= 3);
  // What is written on what is chosen can be read.
  await one.page.keyboard.press('c');
  await one.page.waitForSelector('#class-list:popover-open');
  await one.page.hover('#class-list [aria-selected=true]');
  const [ink, ground] = await one.page.evaluate(() => {
    const style = getComputedStyle(
        document.querySelector('#class-list [aria-selected=true]'));
    return [style.color, style.backgroundColor];
  });
  assert.equal(ground, accent);
  assert.ok(contrast(ink, ground) >= 4.5, `${ink} on ${ground}`);
  await one.page.keyboard.press('Escape');
  await shot(one.page, 'desktop-forced-colours');
  await one.context.close();
  assert.deepEqual(one.faults, []);
});

test('at 400 % nothing has to be scrolled sideways', async () => {
  await openTemplate(page, 'Doodle');
  await settled(page);
  await press('.');
  await page.setViewportSize({width: 320, height: 200});
  // The canvases follow the window some time later.
  await page.waitForFunction(() => {
    const {scrollWidth, clientWidth} = document.documentElement;
    return clientWidth <= 320 && scrollWidth <= clientWidth &&
        document.getElementById('sheet-base').clientWidth <= 320;
  });
  const found = await page.evaluate(() => {
    const {scrollWidth, clientWidth, scrollHeight} = document.documentElement;
    const wide = [...document.querySelectorAll('button, input, canvas, p')]
        .filter((e) => e.checkVisibility() && !e.closest('.unseen, .skip'))
        .filter((e) => e.getBoundingClientRect().right > clientWidth + 0.5)
        .map((e) => e.id || e.className);
    const sheet = document.getElementById('sheet').getBoundingClientRect();
    return {scrollWidth, clientWidth, scrollHeight, wide,
      sheet: Math.min(sheet.width, sheet.height)};
  });
  assert.ok(found.scrollWidth <= found.clientWidth, `${found.scrollWidth}`);
  assert.deepEqual(found.wide, []);
  assert.ok(found.sheet >= 120, `${found.sheet}`);
  // Everything can be scrolled to, downwards.
  assert.ok(found.scrollHeight > 400);
  await page.evaluate(() => document.getElementById('face').scrollIntoView());
  const face = await page.locator('#face').boundingBox();
  assert.ok(face.height >= 120, `${face.height}`);
  await shot(page, 'zoomed-400');
});

/** How far all of a thing in a dialog or list is out of its box, sideways. */
const sideways = (selector) => page.evaluate((selector) => {
  const {scrollWidth, clientWidth} = document.querySelector(selector);
  return scrollWidth - clientWidth;
}, selector);

test('at 400 % dialogs can be used, too', async () => {
  await openTemplate(page, 'Doodle');
  await settled(page);
  await page.setViewportSize({width: 320, height: 200});
  await page.click('.tabs label:has-text("Looks")');
  for (const [button, dialog, inside] of [
    ['#open-templates', '#templates', '.template >> nth=8'],
    ['#open-drawings', '#drawings', '#drawing-list .template'],
    ['#open-help', '#help', '#single-keys'],
    ['#open-variations', '#variations', '.variation >> nth=8'],
    ['#look-part', '#photo-editor', '#photo-done'],
  ]) {
    await page.click(button);
    await page.waitForSelector(`${dialog}[open]`);
    assert.ok(await sideways(dialog) <= 0, dialog);
    const {x, width} = await page.locator(dialog).boundingBox();
    assert.ok(x >= 0 && x + width <= 320, `${dialog}: ${x} ${width}`);
    await page.locator(inside).scrollIntoViewIfNeeded();
    assert.ok(await page.locator(inside).isVisible());
    assert.ok(await sideways(dialog) <= 0, dialog);
    await press('Escape');
  }
});

test('at 400 % the list of parts is in the window', async () => {
  await openTemplate(page, 'Doodle');
  await settled(page);
  await press('.');
  await page.setViewportSize({width: 320, height: 256});
  for (const y of [0, 200, 1000]) {
    for (const key of ['c', 'a']) {
      await page.evaluate((y) => window.scrollTo(0, y), y);
      await press(key);
      await page.waitForSelector('#class-list:popover-open');
      const {x, y: top, width, height} =
          await page.locator('#class-list').boundingBox();
      assert.ok(x >= 0 && x + width <= 320, `${key}: ${x} ${width}`);
      assert.ok(top >= 0 && top + height <= 256 && height >= 120,
          `${key}: ${top} ${height}`);
      await press('Escape');
    }
  }
});

test('the guide stands out from the paper, in light and dark', async () => {
  for (const theme of ['light', 'dark']) {
    assert.equal(await page.getAttribute('html', 'data-theme'), theme);
    const ratio = contrast(
        await themed(page, 'guide'), await themed(page, 'paper'));
    assert.ok(ratio >= 3, `${theme}: ${ratio}`);
    await page.click('#theme');
  }
});

test('who wants no motion gets none', async () => {
  const one = await open(browser, {reducedMotion: 'reduce'});
  await one.page.route('**/api/generate', () => {});  // the bar goes on
  await openTemplate(one.page, 'Doodle');
  await one.page.waitForSelector('#face-pane[aria-busy=true]');
  assert.equal(await one.page.evaluate(
      () => document.getAnimations().length), 0);
  await one.context.close();
});

test('controls are whole in a window of any width', async () => {
  await press('a');
  await choose(page, 'earring');
  await page.setInputFiles('#trace-file',
      new URL('../data/images/420.jpg', import.meta.url).pathname);
  await page.waitForSelector('#trace-set:not([hidden])');
  for (const width of [1600, 1441, 1360, 1351, 1350, 1181, 1180, 1000, 821]) {
    await page.setViewportSize({width, height: 800});
    for (const key of ['b', 'e', 'o', 'o']) {
      await press(key);
      const cut = await page.evaluate(() => {
        const head = document.querySelector('.drawing-pane .pane-head');
        const side = document.querySelector('.side');
        const within = [[head, '.tool-options'], [head, '.pane-head'],
          [side, '.side']].flatMap(([box, selector]) =>
          [...box.querySelectorAll('input, button, label, .segments, p')]
              .filter((e) => e.checkVisibility() && !e.closest('.unseen') &&
                  e.closest(selector)).map((e) => [e, e.closest(selector)]));
        const right = (e) => e.getBoundingClientRect().right;
        return within.filter(([e, box]) => right(e) > right(box) + 0.5)
            .map(([e]) => e.id || e.className);
      });
      assert.deepEqual(cut, [], `${width}, ${key}`);
      if (key !== 'b') continue;
      const about = await page.locator('#draws').evaluate(
          ({clientWidth, scrollWidth}) => [clientWidth, scrollWidth]);
      assert.ok(about[0] >= Math.min(60, about[1]), `${width}: ${about}`);
    }
  }
});
