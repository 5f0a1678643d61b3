// The studio on a phone: drawn in with fingers.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {
  countedLines, coversOfSheet, docShot, eachOnItsPage, FACE, newFace, openTemplate, page,
  places, say, says, settled, shot, touch,
} from './browser.mjs';

const PHONE = {
  viewport: {width: 390, height: 844}, deviceScaleFactor: 2, hasTouch: true,
  isMobile: true,
};

eachOnItsPage(PHONE);

async function drawWithFinger(points) {
  const way = await places(page, points);
  await touch(page, way.map((at) => [at]));
}

test('a face is drawn with a finger, and corrected', async () => {
  await shot(page, 'phone-empty');
  const lines = Object.values(FACE);
  for (const line of lines) await drawWithFinger(line);
  await countedLines(page, lines.length);
  const before = await settled(page);
  await shot(page, 'phone-face');
  await page.tap('label.tool[title^="Select"]');
  const [at] = await places(page, [FACE.nose[2]]);
  await page.touchscreen.tap(...at);
  await page.waitForSelector('#selection-bar:not([hidden])');
  await say(page, 'glasses');
  await newFace(page, before);
  await page.tap('.tabs label:has-text("Parts")');
  await page.waitForSelector('#parts .part[data-class="3"]');
  await shot(page, 'phone-parts');
  await page.tap('.tabs label:has-text("Looks")');
  assert.ok(await page.isVisible('#look-random'));
  await shot(page, 'phone-looks');
  await page.tap('.tabs label:has-text("Trace")');
  assert.ok(await page.isVisible('#trace-choose'));
});

test('two fingers zoom, and leave no line', async () => {
  const [a, b] = await places(page, [[200, 256], [312, 256]]);
  const steps = Array.from({length: 9}, (_, i) =>
    [[a[0] - 6 * i, a[1]], [b[0] + 6 * i, b[1]]]);
  await touch(page, [[a], ...steps]);
  await page.waitForFunction(() =>
    parseInt(document.getElementById('zoom-fit').textContent, 10) > 130);
  assert.equal(await page.getAttribute('#undo', 'aria-disabled'), 'true');
  await page.tap('#zoom-fit');
  await says(page, 'zoom-fit', /^100 %$/);
});

/** Lets the page look for controls that are too small or off the screen. */
async function lookForSmall() {
  await page.evaluate(() => {
    window.tooSmall = (within) => {
      const wrong = [];
      const {clientWidth, scrollWidth} = document.documentElement;
      if (scrollWidth > clientWidth) wrong.push(`${scrollWidth} wide`);
      const controls = [...within.querySelectorAll(
          'button, summary, label:has(input), input[type=range]'),
      ].filter((control) => control.checkVisibility() &&
          !control.closest('.unseen'));
      for (const control of controls) {
        const box = control.getBoundingClientRect();
        const name = control.id || control.title || control.textContent;
        const least = control.matches('input, label:has([type=range])') ?
            30 : 43.5;
        if (box.width < least || box.height < least) {
          wrong.push(`${name}: ${box.width} x ${box.height}`);
        }
        if (box.left < 0 || box.right > clientWidth + 0.5) {
          wrong.push(`${name} reaches from ${box.left} to ${box.right}`);
        }
      }
      return {wrong, looked: controls.length};
    };
  });
}

test('everything is on the screen and large enough for a finger',
    async () => {
      await openTemplate(page, 'Doodle');
      await settled(page);
      await lookForSmall();
      const tabs = ['Face', 'Looks', 'Parts', 'Trace'];
      for (const [i, size] of
        [[390, 844], [390, 844], [360, 640], [320, 568]].entries()) {
        await page.setViewportSize({width: size[0], height: size[1]});
        await page.tap(`.tabs label:has-text("${tabs[i]}")`);
        const found = await page.evaluate(() => {
          const {wrong, looked} = window.tooSmall(document);
          const sheet = document.getElementById('sheet')
              .getBoundingClientRect();
          if (Math.min(sheet.width, sheet.height) < 240) {
            wrong.push(`sheet ${sheet.width} x ${sheet.height}`);
          }
          return {wrong, looked};
        });
        assert.ok(found.looked >= 18, `${found.looked}`);
        assert.deepEqual(found.wrong, [], size.join(' x '));
      }
    });

test('dialogs fit the phone, and a photo goes with two fingers', async () => {
  await openTemplate(page, 'Doodle');
  await settled(page);
  await lookForSmall();
  await page.tap('.tabs label:has-text("Looks")');
  const small = (id) => page.evaluate(
      (id) => window.tooSmall(document.getElementById(id)).wrong, id);
  for (const [width, height] of [[390, 844], [320, 568]]) {
    await page.setViewportSize({width, height});
    await page.tap('#open-variations');
    await page.waitForSelector('#variation-list[aria-busy=false]');
    assert.deepEqual(await small('variations'), [], `${width}`);
    await shot(page, `phone-variations-${width}`);
    await page.keyboard.press('Escape');
    await page.tap('#look-part');
    await page.waitForSelector('#photo-editor[open]');
    assert.deepEqual(await small('photo-editor'), [], `${width}`);
    await shot(page, `phone-photo-${width}`);
    await page.keyboard.press('Escape');
  }
  await page.setViewportSize({width: 390, height: 844});
  await page.tap('#look-part');
  await page.waitForSelector('#photo-editor[open]');
  const {x, y, width} = await page.locator('#photo-canvas').boundingBox();
  const value = (id) => page.evaluate(
      (id) => Number(document.getElementById(id).value), id);
  const before = [await value('photo-size'), await value('photo-turn')];
  const middle = [x + width / 2, y + width / 2];
  await touch(page, Array.from({length: 9}, (_, i) => {
    const angle = i * 5 * Math.PI / 180;
    const arm = 50 + 5 * i;
    const [dx, dy] = [arm * Math.cos(angle), arm * Math.sin(angle)];
    return [[middle[0] - dx, middle[1] - dy], [middle[0] + dx, middle[1] + dy]];
  }));
  await page.waitForFunction((was) =>
    Number(document.getElementById('photo-turn').value) > was + 35, before[1]);
  assert.ok(await value('photo-size') > before[0] + 80);
});

test('the face stays in sight beside looks, parts and the photo', async () => {
  await openTemplate(page, 'Doodle');
  await settled(page);
  for (const name of ['Face', 'Looks', 'Parts', 'Trace']) {
    await page.tap(`.tabs label:has-text("${name}")`);
    const seen = await page.evaluate(() => {
      const {x, y, width, height} =
          document.getElementById('face').getBoundingClientRect();
      // A corner may be round, and the middle is not enough.
      return [[0.1, 0.1], [0.9, 0.1], [0.5, 0.5], [0.1, 0.9], [0.9, 0.9]]
          .every(([u, v]) => document.elementFromPoint(
              x + u * width, y + v * height)?.id === 'face') &&
          Math.min(width, height);
    });
    assert.ok(seen >= 100, `${name}: ${seen}`);
  }
});

test('suggestions lie beside the drawing, not over it', async () => {
  await drawWithFinger(FACE.outline);
  await page.waitForSelector('#suggest-bar:not([hidden])');
  assert.deepEqual(await coversOfSheet(page), []);
  await shot(page, 'phone-suggestions');
  await lookForSmall();
  assert.deepEqual(
      (await page.evaluate(() => window.tooSmall(
          document.querySelector('.drawing-pane')))).wrong.filter(
          // The list goes on to the right.
          (text) => !/^Takes over/.test(text)), []);
  // A tool's own controls come first.
  await page.tap('label.tool[title^="Eraser"]');
  await page.waitForSelector('#suggest-bar', {state: 'hidden'});
  assert.ok(await page.isVisible('#eraser-size'));
  assert.ok(await page.isVisible('#zoom-in'));
});

test('a picture for the documentation', async () => {
  await openTemplate(page, 'Woman with wavy hair');
  await settled(page);
  await docShot(page, 'studio-phone');
});

test('held sideways, the face is beside the drawing', async () => {
  await page.setViewportSize({width: 844, height: 390});
  const boxes = await page.evaluate(() => ['sheet-box', 'face-pane'].map(
      (id) => document.getElementById(id).getBoundingClientRect().toJSON()));
  assert.ok(boxes[0].right <= boxes[1].left + 1);
  assert.ok(boxes[0].height > 240 && boxes[1].height > 200);
  await shot(page, 'phone-sideways');
});
