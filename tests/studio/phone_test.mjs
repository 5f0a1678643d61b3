// The studio on a phone: drawn in with fingers.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {
  countedLines, docShot, eachOnItsPage, FACE, newFace, openTemplate, page,
  places, say, settled, shot, touch,
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
  await docShot(page, 'studio-phone');
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
  const percent = parseInt(await page.textContent('#zoom-fit'), 10);
  assert.ok(percent > 130, `${percent}`);
  assert.equal(await page.getAttribute('#undo', 'aria-disabled'), 'true');
  await page.tap('#zoom-fit');
  assert.equal(await page.textContent('#zoom-fit'), '100 %');
});

test('everything is on the screen and large enough for a finger',
    async () => {
      await openTemplate(page, 'Doodle');
      await settled(page);
      const tabs = ['Face', 'Looks', 'Parts', 'Trace'];
      for (const [i, size] of
        [[390, 844], [390, 844], [360, 640], [320, 568]].entries()) {
        await page.setViewportSize({width: size[0], height: size[1]});
        await page.tap(`.tabs label:has-text("${tabs[i]}")`);
        const found = await page.evaluate(() => {
          const wrong = [];
          const {clientWidth} = document.documentElement;
          if (document.documentElement.scrollWidth > clientWidth) {
            wrong.push(`${document.documentElement.scrollWidth} wide`);
          }
          const controls = [...document.querySelectorAll(
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
          const sheet = document.getElementById('sheet')
              .getBoundingClientRect();
          if (Math.min(sheet.width, sheet.height) < 240) {
            wrong.push(`sheet ${sheet.width} x ${sheet.height}`);
          }
          return {wrong, looked: controls.length};
        });
        assert.ok(found.looked >= 18, `${found.looked}`);
        assert.deepEqual(found.wrong, [], size.join(' x '));
      }
    });

test('held sideways, the face is beside the drawing', async () => {
  await page.setViewportSize({width: 844, height: 390});
  const boxes = await page.evaluate(() => ['sheet-box', 'face-pane'].map(
      (id) => document.getElementById(id).getBoundingClientRect().toJSON()));
  assert.ok(boxes[0].right <= boxes[1].left + 1);
  assert.ok(boxes[0].height > 240 && boxes[1].height > 200);
  await shot(page, 'phone-sideways');
});
