// The studio on a desk: drawn in with the mouse, against a real server.

import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {test} from 'node:test';

import {
  answerTo, choose, colourBecomes, countedLines, docShot, drawWithMouse,
  eachOnItsPage, FACE, faceSum, forgive, keptLines, lineCount, nearestColour,
  newFace, ofAServer, openTemplate, page, parts, PATIENCE, places, saved, say,
  says, settled, shot, SIDE, troubled,
} from './browser.mjs';

eachOnItsPage();

const DRAWN = Object.values(FACE);

async function drawFace() {
  for (const line of DRAWN) await drawWithMouse(page, line);
  return countedLines(page, DRAWN.length);
}

/** Selects the stroke at a point of the drawing. */
async function pick(point) {
  await page.keyboard.press('v');
  const [at] = await places(page, [point]);
  await page.mouse.click(...at);
  await page.waitForSelector('#selection-bar:not([hidden])');
}

const status = () => page.textContent('#status');

test('strokes take the colours of their parts, and a face appears',
    async () => {
      assert.match(await page.textContent('#face-empty'), /appears here/);
      await shot(page, 'desktop-empty');
      const found = await drawFace();
      assert.equal(found.nose, 1);
      assert.equal(found['lips and mouth'], 1);
      assert.equal(found['eye, left side'], 1);
      assert.equal(found['eye, right side'], 1);
      assert.equal(found['brow, left side'], 1);
      const nose = [140, 86, 75];
      const mouth = [255, 152, 150].map((v) => v * 0.8);
      await colourBecomes(page, FACE.nose[2], nose, (far) => far < 30);
      await colourBecomes(page, FACE.mouth[8], mouth, (far) => far < 60);
      assert.ok(await nearestColour(page, FACE.nose[2], [140, 57, 197]) > 60);
      await settled(page);
      assert.match(await page.textContent('#face-caption'),
          new RegExp(`${SIDE} × ${SIDE}`));
      await shot(page, 'desktop-face');
    });

test('the face changes while a line is drawn, not only after', async () => {
  await openTemplate(page, 'Doodle');
  const first = await settled(page);
  const [a, b, c] = await places(page, [[120, 420], [256, 470], [390, 420]]);
  await page.mouse.move(...a);
  await page.mouse.down();
  await page.mouse.move(...b, {steps: 20});
  const during = await newFace(page, first);
  await page.mouse.move(...c, {steps: 20});
  await newFace(page, during);
  await page.mouse.up();
});

test('drawing sends few requests, one at a time', async () => {
  let flying = 0;
  let most = 0;
  let requests = 0;
  await page.route('**/api/generate', async (route) => {
    ++requests;
    most = Math.max(most, ++flying);
    await new Promise((resolve) => setTimeout(resolve, 150));
    await route.fallback();
  });
  // One for half a line is given up when the pen is lifted.
  for (const end of ['requestfinished', 'requestfailed']) {
    page.on(end, (request) => {
      if (request.url().endsWith('/api/generate')) --flying;
    });
  }
  const begin = Date.now();
  let moves = 0;
  for (const line of DRAWN) {
    await drawWithMouse(page, line);
    moves += line.length;
  }
  const spent = Date.now() - begin;
  await countedLines(page, DRAWN.length);
  await settled(page);  // none is on its way when the test ends
  assert.ok(most <= 1, `${most} at once`);
  assert.ok(requests <= spent / 120 + 3, `${requests} in ${spent} ms`);
  console.log(`# ${moves} movements in ${spent} ms, ${requests} previews`);
});

test('from pen up to the preview is measured on the page', async () => {
  await openTemplate(page, 'Doodle');
  await settled(page);
  for (let i = 0; i < 5; ++i) {
    await drawWithMouse(page, [[150 + 30 * i, 440], [170 + 30 * i, 470]]);
    await page.waitForFunction((wanted) => performance.getEntriesByName(
        'limner:pen-up-to-preview').length > wanted, i, {timeout: PATIENCE});
  }
  const times = await page.evaluate(() => performance.getEntriesByName(
      'limner:pen-up-to-preview').map(({duration}) => duration));
  assert.equal(times.length, 5);
  assert.ok(times.every((t) => t > 0));
  console.log(`# pen up to preview: ${times.map(Math.round).join(', ')} ms`);
});

test('a corrected class stays, whatever is drawn after', async () => {
  await drawFace();
  const before = await settled(page);
  await pick(FACE.nose[2]);
  assert.match(await page.textContent('#selection-about'), /nose, \d+ % sure/);
  await say(page, 'glasses');
  assert.match(await status(), /1 line set to glasses/);
  await newFace(page, before);
  const found = await parts(page);
  assert.equal(found.nose, undefined);
  assert.ok(found.glasses >= 1);
  await page.keyboard.press('b');
  await drawWithMouse(page, [[210, 470], [215, 500]]);
  await countedLines(page, DRAWN.length + 1);
  await settled(page);
  // What the others are taken for may change with it.
  await pick(FACE.nose[2]);
  assert.equal(await page.textContent('#selection-name'), 'glasses');

  // The legend offers the same list, and gives back.
  await pick(FACE.mouth[8]);
  await page.click('#say-what');
  await choose(page, 'necklace');
  await page.waitForSelector('#parts .part[data-class="9"]');
  await shot(page, 'desktop-correct');
  await page.click('#let-limner');
  await page.waitForSelector('#parts .part[data-class="7"]');
});

test('undo and redo bring back lines and faces', async () => {
  await drawFace();
  const all = await settled(page);
  await page.click('#undo');
  const fewer = await countedLines(page, DRAWN.length - 1);
  assert.equal(fewer.hair, undefined);
  await newFace(page, all);
  await page.keyboard.press('Control+Shift+z');
  await countedLines(page, DRAWN.length);
  assert.equal(await settled(page), all);
  for (let i = 0; i < DRAWN.length; ++i) await page.keyboard.press('Control+z');
  await page.waitForSelector('#face-empty:not([hidden])');
  assert.equal(await page.getAttribute('#undo', 'aria-disabled'), 'true');
});

test('select, move, scale, copy, mirror and delete', async () => {
  await drawFace();
  const before = await settled(page);
  await pick(FACE.leftBrow[14]);
  const [from, to] = await places(page, [FACE.leftBrow[14], [192, 160]]);
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move(...to, {steps: 8});
  await page.mouse.up();
  await newFace(page, before);
  const black = [0, 0, 0];
  await colourBecomes(page, [192, 160], black, (far) => far < 320);
  await page.keyboard.press('Shift+M');
  await countedLines(page, DRAWN.length + 1);
  await page.keyboard.press('Control+d');
  await countedLines(page, DRAWN.length + 2);
  await page.keyboard.press('Delete');
  await countedLines(page, DRAWN.length + 1);
  // A box around everything takes everything.
  const [low, high] = await places(page, [[-5, -5], [517, 517]]);
  await page.mouse.move(...low);
  await page.mouse.down();
  await page.mouse.move(...high, {steps: 4});
  await page.mouse.up();
  await page.waitForFunction((wanted) =>
    document.getElementById('parts-hint').textContent.includes(wanted),
  `${DRAWN.length + 1} lines are selected`);
  await page.keyboard.press('[');
  await page.click('#selection-delete');
  await page.waitForSelector('#face-empty:not([hidden])');
});

test('the eraser cuts lines, or takes whole ones', async () => {
  await drawFace();
  await page.keyboard.press('e');
  await drawWithMouse(page, [[300, 20], [256, 30], [220, 20]]);
  await countedLines(page, DRAWN.length + 1);
  await page.check('#whole-strokes');
  await drawWithMouse(page, [[240, 331], [256, 336]]);
  const left = await countedLines(page, DRAWN.length);
  assert.equal(left.nose, undefined);
});

test('mirror mode draws both sides', async () => {
  await page.click('#mirror');
  await drawWithMouse(page, FACE.leftEye);
  const [a, b] = await keptLines(page, 2);
  assert.equal(a.points.length, b.points.length);
  a.points.forEach(([x, y], i) => {
    assert.ok(Math.abs(x + b.points[i][0] - 512) < 0.05);
    assert.equal(y, b.points[i][1]);
  });
});

test('hidden parts are left out of the face', async () => {
  await drawFace();
  const before = await settled(page);
  await page.click('button[aria-label="Hide hair"]');
  const without = await newFace(page, before);
  await page.click('button[aria-label="Hide hair"]');
  await newFace(page, without);
  assert.equal(await settled(page), before);
});

test('every format that is saved can be opened again', async () => {
  await drawFace();
  await pick(FACE.nose[2]);
  await say(page, 'glasses');
  await settled(page);
  const before = await parts(page);
  for (const kind of ['json', 'svg', 'ndjson', 'png']) {
    const file = await saved(page, `#save-${kind}`);
    assert.equal(file.name, `drawing.${kind}`);
    await page.click('#clear');
    await page.waitForSelector('#face-empty:not([hidden])');
    await page.setInputFiles('#drawing-file', {
      name: file.name, mimeType: '', buffer: file.data});
    await page.waitForSelector('#parts .part');
    assert.match(await status(), /is open, \d+ lines/);
    const opened = await lineCount(page);
    const after = await countedLines(page, opened);
    assert.equal(after.glasses, 1, `${kind}: ${JSON.stringify(after)}`);
    if (kind === 'json') assert.deepEqual(after, before);
    // Elsewhere lines are cut where their class changes.
    if (kind === 'svg' || kind === 'ndjson') {
      assert.deepEqual(Object.keys(after), Object.keys(before));
    }
    // The drawing as it was, for the next format: what was opened, and the
    // new sheet, are taken back.
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    assert.deepEqual(await countedLines(page, DRAWN.length), before);
  }
});

test('the face is saved alone and with the drawing', async () => {
  await openTemplate(page, 'Doodle');
  const png = await saved(page, '#save-face');
  assert.equal(png.name, 'face.png');
  assert.equal(png.data.readUInt32BE(16), SIDE);
  const jpeg = await saved(page, '#save-face-jpeg');
  assert.deepEqual([...jpeg.data.subarray(0, 3)], [0xff, 0xd8, 0xff]);
  const both = await saved(page, '#save-both');
  assert.equal(both.data.readUInt32BE(16), 1024);
  assert.equal(both.data.readUInt32BE(20), 512);
});

test('a file that is no drawing is refused, and nothing is lost', async () => {
  await drawFace();
  await page.setInputFiles('#drawing-file', {
    name: 'drawing.svg', mimeType: '', buffer: Buffer.from('no drawing')});
  await page.waitForSelector('#trouble:not([hidden])');
  assert.ok((await page.textContent('#trouble')).length > 10);
  await countedLines(page, DRAWN.length);
  forgive(/status of 4\d\d/);
});

test('looks: random, remembered, mixed', async () => {
  await openTemplate(page, 'Doodle');
  const first = await settled(page);
  await page.keyboard.press('r');
  const second = await newFace(page, first);
  // Five examples, the first random one, and this.
  assert.equal(await page.locator('.recent-look').count(), 7);
  await page.click('.recent-look >> nth=1');
  await newFace(page, second);
  assert.equal(await settled(page), first);
  await page.click('#look-b');
  const half = await newFace(page, first);
  await page.fill('#look-mix', '20');
  await newFace(page, half);
  await page.fill('#look-mix', '0');
  assert.equal(await page.getAttribute('#look-mix', 'aria-valuetext'),
      '100 % first, 0 % second');
  await shot(page, 'desktop-looks');
  await page.click('#look-remove');
  assert.equal(await page.isVisible('#look-mixer'), false);
});

test('a photo gives its looks, and is sent again when forgotten', async (t) => {
  const photo = `${process.env.LIMNER_SHARED}/faces/images/00000.jpg`;
  if (!existsSync(photo)) {
    t.skip('no photo of a face here');
    return;
  }
  await openTemplate(page, 'Doodle');
  const first = await settled(page);
  await page.setInputFiles('#look-file', photo);
  const second = await newFace(page, first);
  await page.waitForSelector('#look-a img');
  // What is kept of photos is bounded; here one is forgotten.
  let uploads = 0;
  page.on('request', (request) => {
    if (/\/api\/appearance$/.test(request.url())) ++uploads;
  });
  await page.route('**/api/generate', (route) => route.fulfill({
    status: 404, contentType: 'application/json',
    body: '{"error": "this appearance is not known: upload the photo again"}',
  }), {times: 1});
  await settled(page);
  await drawWithMouse(page, [[210, 470], [215, 500]]);
  await newFace(page, second);
  assert.ok(uploads >= 1);
  forgive(/status of 404/);
});

test('a photo to trace lies under the drawing', async () => {
  const photo = new URL('../data/images/420.jpg',
      import.meta.url);
  await page.setInputFiles('#trace-file', photo.pathname);
  await page.waitForSelector('#trace-set:not([hidden])');
  const white = [255, 255, 255];
  await colourBecomes(page, [256, 256], white, (far) => far > 5);
  await page.fill('#trace-opacity', '100');
  await page.keyboard.press('t');
  await colourBecomes(page, [256, 200], white, (far) => far < 2);
  await page.click('#trace-remove');
  assert.equal(await page.isVisible('#trace-set'), false);
});

test('the overlay shows the face under the lines', async () => {
  await openTemplate(page, 'Doodle');
  await settled(page);
  await page.keyboard.press('o');
  await colourBecomes(page, [20, 20], [255, 255, 255], (far) => far > 5);
  await shot(page, 'desktop-overlay');
});

test('what was drawn is still there after the page was closed', async () => {
  await drawFace();
  await pick(FACE.nose[2]);
  await say(page, 'glasses');
  await page.click('#theme');
  await page.reload();
  await page.waitForSelector('body[data-ready]');
  const found = await countedLines(page, DRAWN.length);
  assert.equal(found.glasses, 1);
  assert.equal(
      await page.getAttribute('html', 'data-theme'), 'dark');
});

test('a server that is away does not disturb', ofAServer, async () => {
  await openTemplate(page, 'Doodle');
  const first = await settled(page);
  await page.route('**/api/**', (route) => route.abort());
  await page.route('**/healthz', (route) => route.abort());
  await drawWithMouse(page, [[210, 440], [215, 470]]);
  await troubled(page, /does not answer/);
  await drawWithMouse(page, [[310, 440], [315, 470]]);
  const json = await saved(page, '#save-json');
  const lines = JSON.parse(json.data).strokes.length;
  await page.unroute('**/api/**');
  await page.unroute('**/healthz');
  await newFace(page, first);
  await countedLines(page, lines);
  assert.equal(await page.isVisible('#trouble'), false);

  const second = await settled(page);
  await page.route('**/api/generate', (route) => route.fulfill({
    status: 503, headers: {'Retry-After': '3'},
    contentType: 'application/json', body: '{"error": "the queue is full"}',
  }), {times: 1});
  await drawWithMouse(page, [[350, 440], [355, 470]]);
  await troubled(page, /trying again in 3 s/);
  await newFace(page, second);
  forgive(/Failed to load resource/);
});

test('doubtful lines are counted, dashed and selected by a click',
    async () => {
      await page.route('**/api/label', async (route) => {
        const answer = await answerTo(route);
        for (const stroke of answer.strokes) {
          Object.assign(stroke, {confidence: 0.9, doubtful: false});
        }
        Object.assign(answer.strokes[0], {confidence: 0.4, doubtful: true});
        await route.fulfill({json: answer});
      });
      await openTemplate(page, 'Doodle');
      await page.waitForSelector('#doubt:not([hidden])');
      assert.equal(await page.textContent('#doubt'), '1 line is doubtful');
      await page.click('#doubt');
      assert.match(await page.textContent('#selection-about'),
          /\? Doubtful, 40 % sure/);
      await shot(page, 'desktop-doubt');
      await say(page, 'hat');
      await page.waitForSelector('#doubt', {state: 'hidden'});
    });

test('zoom and pan move the view, and drawing goes on where it is seen',
    async () => {
      const [at] = await places(page, [[256, 256]]);
      await page.mouse.move(...at);
      await page.keyboard.down('Control');
      await page.mouse.wheel(0, -300);
      await page.keyboard.up('Control');
      // Nobody waits for the wheel.
      await says(page, 'zoom-fit', /^272 %$/);
      await page.mouse.down();
      await page.mouse.move(at[0] + 100, at[1]);
      await page.mouse.up();
      const [stroke] = await keptLines(page, 1);
      const [x0, y0] = stroke.points[0];
      assert.ok(Math.hypot(x0 - 256, y0 - 256) < 1, `${x0} ${y0}`);
      await page.keyboard.press('0');
      assert.equal(await page.textContent('#zoom-fit'), '100 %');
    });

test('pressure of a pen is kept', async () => {
  const points = await places(page, [[200, 300], [250, 310], [300, 300]]);
  await page.evaluate((points) => {
    const sheet = document.getElementById('sheet');
    const send = (type, [clientX, clientY], pressure) =>
      sheet.dispatchEvent(new PointerEvent(type, {
        pointerId: 1, pointerType: 'pen', isPrimary: true, bubbles: true,
        cancelable: true, clientX, clientY, pressure,
        button: type === 'pointermove' ? -1 : 0, buttons: 1,
      }));
    // A made-up pen cannot be captured.
    sheet.setPointerCapture = () => {};
    send('pointerdown', points[0], 0.2);
    points.slice(1).forEach((at, i) => send('pointermove', at, 0.5 + 0.4 * i));
    send('pointerup', points[2], 0);
  }, points);
  const [stroke] = await keptLines(page, 1);
  assert.equal(stroke.pressure.length, stroke.points.length);
  assert.ok(stroke.pressure[0] < 0.3 && Math.max(...stroke.pressure) > 0.4);
});

test('pictures for the documentation', async () => {
  await openTemplate(page, 'Woman with wavy hair');
  await settled(page);
  await page.keyboard.press('.');
  await docShot(page, 'studio');
  assert.notEqual(await faceSum(page), 'none');
});
