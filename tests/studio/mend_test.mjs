// What went wrong for people who drew here, and must not again.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {
  answerTo, choose, countedLines, coversOfSheet, drawWithMouse, eachOnItsPage,
  FACE, faceSum, forgive, kept, keptLines, lineCount, newFace, ofAServer,
  openTemplate, page, parts, places, saved, say, settled, shot, SIDE, tab,
  troubled,
} from './browser.mjs';

eachOnItsPage();

const status = () => page.textContent('#status');
const press = (key) => page.keyboard.press(key);
const selected = (wanted) => page.waitForFunction((text) =>
  document.getElementById('parts-hint').textContent === text, wanted);

/** A tenth of the points of a line of FACE: enough for its shape. */
const few = (points) => points.filter(
    (_, i) => i % 4 === 0 || i === points.length - 1);

test('after a class was chosen keys are about the drawing again', async () => {
  await drawWithMouse(page, few(FACE.nose));
  await countedLines(page, 1);
  await press('.');
  await say(page, 'glasses');
  await page.waitForSelector('#parts .part[data-class="3"]');
  await press('b');
  assert.equal(await page.isChecked('input[value=pen]'), true);
  assert.equal((await parts(page)).glasses, 1);
  await press('Control+z');
  assert.equal(await status(), 'Undone.');
  await press('.');
  // In the list nothing is chosen before Enter says so.
  await press('c');
  await press('ArrowDown');
  await press('ArrowDown');
  await press('Escape');
  assert.equal((await keptLines(page, 1))[0].fixed, 0);
  await press('c');
  for (const key of 'hat') await press(key);
  await press('Enter');
  assert.equal(await status(), '1 line set to hat.');
  await press('Delete');
  await countedLines(page, 0);
});

test('looking at parts says nothing about them', async () => {
  await openTemplate(page, 'Doodle');
  await countedLines(page, await lineCount(page));
  const before = await parts(page);
  await page.click('#parts .part[data-class="15"]');
  await page.click('#parts .part[data-class="7"]');
  assert.match(await status(), /^Lips and mouth: \d+ lines? selected\.$/);
  await page.waitForTimeout(100);
  assert.deepEqual(await parts(page), before);
  assert.equal(await page.textContent('#selection-name'), 'lips and mouth');
});

test('a click on a part is not lost when the list is drawn anew', async () => {
  await openTemplate(page, 'Doodle');
  await countedLines(page, await lineCount(page));
  await page.hover('button[aria-label="Hide nose"]');
  await page.mouse.down();
  await page.keyboard.press('Control+a');
  await page.waitForSelector('#selection-bar:not([hidden])');
  await parts(page);  // the frame in which the list would be new
  await page.mouse.up();
  // Hidden, and the list has caught up with it.
  await page.waitForSelector(
      'button[aria-label="Hide nose"][aria-pressed="true"]');
});

test('a proxy that finds no server, and a server that says nothing',
    ofAServer, async () => {
      await openTemplate(page, 'Doodle');
      const first = await settled(page);
      const answers = (fn) => Promise.all(['**/api/**', '**/healthz'].map(
          (path) => page.route(path, fn)));
      const ends = () => Promise.all(['**/api/**', '**/healthz'].map(
          (path) => page.unroute(path)));
      await answers((route) => route.fulfill(
          {status: 502, contentType: 'text/html', body: '<h1>502</h1>'}));
      await drawWithMouse(page, [[210, 440], [215, 470]]);
      await troubled(page, /does not answer/);
      await ends();
      await newFace(page, first);
      const second = await settled(page);
      assert.equal(await page.isVisible('#trouble'), false);

      await answers(() => {});  // never
      await drawWithMouse(page, [[310, 440], [315, 470]]);
      await troubled(page, /does not answer/);
      await ends();
      await newFace(page, second);
      await settled(page);
      assert.equal(await page.isVisible('#trouble'), false);
      forgive(/Failed to load resource/);
    });

test('nothing lies over the drawing', async () => {
  await openTemplate(page, 'Doodle');
  await press('Control+a');
  await page.waitForSelector('#selection-bar:not([hidden])');
  assert.deepEqual(await coversOfSheet(page), []);
});

test('a picture of drawing and face leaves out what is hidden', async () => {
  await openTemplate(page, 'Doodle');
  await countedLines(page, await lineCount(page));
  /** Colours of the drawing's half that are not grey. */
  const coloured = async () => {
    const {data} = await saved(page, '#save-both');
    return page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes]));
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = bitmap.height;
      const context = canvas.getContext('2d');
      context.drawImage(bitmap, 0, 0);
      const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (Math.max(data[i], data[i + 1], data[i + 2]) -
            Math.min(data[i], data[i + 1], data[i + 2]) > 40) {
          ++count;
        }
      }
      return count;
    }, data.toString('base64'));
  };
  const all = await coloured();
  await page.click('button[aria-label="Hide nose"]');
  const without = await coloured();
  assert.ok(without > 0 && without < all, `${without} of ${all}`);
});

test('a picture beyond the limits is made smaller', async () => {
  const limit = await page.evaluate(async () =>
    (await (await fetch('/api/models')).json()).limits.pixels);
  const side = Math.ceil(Math.sqrt(limit)) + 200;
  await page.evaluate(() => {
    const {fetch} = window;
    window.fetch = async (path, options) => {
      if (path === '/api/import') {
        const {width, height} =
            await createImageBitmap(new Blob([options.body]));
        window.sent = width * height;
      }
      return fetch(path, options);
    };
  });
  const png = await page.evaluate(async (side) => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = side;
    const context = canvas.getContext('2d');
    context.fillStyle = '#fff';
    context.fillRect(0, 0, side, side);
    context.lineWidth = side / 150;
    context.beginPath();
    context.ellipse(side / 2, side / 2, side / 4, side / 3, 0, 0, 7);
    context.stroke();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve));
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  }, side);
  await page.setInputFiles('#drawing-file', {
    name: 'large.png', mimeType: 'image/png',
    buffer: Buffer.from(png, 'base64')});
  await page.waitForFunction(() => /Large\.png is open, \d+ line/.test(
      document.getElementById('status').textContent));
  const sent = await page.evaluate(() => window.sent);
  assert.ok(sent > 1e6 && sent <= limit, `${sent}`);
});

test('a picture of more bytes than limner takes is made smaller', async () => {
  const jpeg = Buffer.from(await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 2600;
    const context = canvas.getContext('2d');
    context.fillStyle = '#fff';
    context.fillRect(0, 0, 2600, 2600);
    context.lineWidth = 18;
    context.beginPath();
    context.ellipse(1300, 1300, 650, 870, 0, 0, 7);
    context.stroke();
    return canvas.toDataURL('image/jpeg', 1).split(',')[1];
  }), 'base64');
  const limit = jpeg.length - 1;
  await page.route('**/api/models', async (route) => {
    const answer = await answerTo(route);
    answer.limits.body_bytes = limit;
    await route.fulfill({json: answer});
  });
  await page.reload();
  await page.waitForSelector('body[data-ready]');
  await page.evaluate(() => {
    const {fetch} = window;
    window.fetch = (path, options) => {
      if (path === '/api/import') {
        window.sent = new Blob([options.body]).size;
      }
      return fetch(path, options);
    };
  });
  await page.setInputFiles('#drawing-file', {
    name: 'heavy.jpg', mimeType: 'image/jpeg', buffer: jpeg});
  await page.waitForFunction(() => /Heavy\.jpg is open, \d+ line/.test(
      document.getElementById('status').textContent));
  const sent = await page.evaluate(() => window.sent);
  assert.ok(sent > 1000 && sent <= limit, `${sent}`);
});

test('guesses in a Quick, Draw! file are guesses when it is opened',
    async () => {
      await drawWithMouse(page, few(FACE.nose));
      await drawWithMouse(page, few(FACE.leftEye));
      await countedLines(page, 2);
      await press('.');
      await say(page, 'glasses');
      const lines = (before) => {
        const id = sessionStorage.getItem('limner-drawing');
        const entry = localStorage.getItem(`limner-drawing-${id}`);
        const now = id + JSON.stringify(JSON.parse(entry).present);
        return now !== before && now;
      };
      await keptLines(page, 2);
      const before = await page.evaluate(lines);
      const file = await saved(page, '#save-ndjson');
      await page.setInputFiles('#drawing-file', {
        name: file.name, mimeType: '', buffer: file.data});
      await page.waitForFunction(() => /is open/.test(
          document.getElementById('status').textContent));
      await page.waitForFunction(lines, before);
      const [first, ...others] = (await kept(page)).strokes;
      assert.equal(first.fixed, 3);
      // A line with two meanings is two there.
      assert.ok(others.length >= 1 && others.length <= 2);
      assert.deepEqual([...new Set(others.map(({fixed}) => fixed))], [0]);
    });

test('what failed is not said to go on, and sizes are said', async () => {
  await page.setInputFiles('#look-file', {
    name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('no photo')});
  await page.waitForSelector('#trouble:not([hidden])');
  assert.equal(await status(), '');
  await press('Control+a');
  await press('Escape');
  assert.doesNotMatch(await status(), /1 lines/);
  await press('b');
  await drawWithMouse(page, few(FACE.nose));
  const file = await saved(page, '#save-json');
  await page.setInputFiles('#drawing-file', {
    name: file.name, mimeType: '', buffer: file.data});
  await page.waitForFunction(() => /is open, 1 line\.$/.test(
      document.getElementById('status').textContent));
  assert.match((await page.textContent('#save-face')).replace(/\s+/g, ' '),
      new RegExp(`full picture, ${SIDE} × ${SIDE}`));
});

test('lines are copied, cut and pasted, between tabs as SVG', async () => {
  await drawWithMouse(page, few(FACE.nose));
  await drawWithMouse(page, few(FACE.leftEye));
  await countedLines(page, 2);
  await press('.');
  await say(page, 'glasses');
  await press('Control+c');
  await page.waitForFunction(() =>
    document.getElementById('status').textContent === '1 line copied.');
  await press('Control+v');
  const [first, , third] = await keptLines(page, 3);
  assert.deepEqual(third.points, first.points);
  assert.equal(third.fixed, 3);
  await press('Control+x');
  await keptLines(page, 2);
  const second = await tab();
  await second.bringToFront();
  await second.focus('#sheet');
  await second.keyboard.press('Control+a');
  await second.keyboard.press('Delete');
  // What the clipboard holds is a picture for other programs.
  await second.evaluate(() => document.addEventListener('paste', (event) => {
    window.pasted = event.clipboardData.getData('text/plain');
  }, {capture: true, once: true}));
  await second.keyboard.press('Control+v');
  const [pasted] = await keptLines(second, 1);
  assert.deepEqual(pasted.points, first.points);
  assert.equal(pasted.fixed, 3);
  assert.match(await second.evaluate(() => window.pasted),
      /^<svg .*<path d="M[\d.]+ [\d.]+L?.*data-class="3"/);
  await second.close();
});

test('in mirror mode what crosses the middle is one line', async () => {
  await page.click('#mirror');
  await drawWithMouse(page, [[210, 370], [256, 390], [300, 372]]);
  const [mouth] = await keptLines(page, 1);
  const {points} = mouth;
  points.forEach(([x, y], i) => {
    const [mx, my] = points[points.length - 1 - i];
    assert.ok(Math.abs(x + mx - 512) < 0.03 && Math.abs(y - my) < 0.03);
  });
});

test('a long line takes no longer to paint than a short one', async () => {
  const painted = await page.evaluate(async () => {
    const sheet = document.getElementById('sheet');
    sheet.setPointerCapture = () => {};
    const {left, top, width, height} = sheet.getBoundingClientRect();
    const send = (type, x, y) => sheet.dispatchEvent(new PointerEvent(type, {
      pointerId: 1, pointerType: 'pen', isPrimary: true, bubbles: true,
      cancelable: true, clientX: left + x, clientY: top + y,
      pressure: 0.3 + 0.3 * Math.random(),
      button: type === 'pointermove' ? -1 : 0, buttons: 1,
    }));
    const frame = () => new Promise(requestAnimationFrame);
    let curves = 0;
    const {prototype} = CanvasRenderingContext2D;
    const before = prototype.quadraticCurveTo;
    prototype.quadraticCurveTo = function(...values) {
      if (this.canvas !== document.getElementById('sheet-base')) ++curves;
      before.apply(this, values);
    };
    const at = (i) => [width / 2 + 150 * Math.cos(i / 40 + i * i / 4e5),
      height / 2 + 150 * Math.sin(i / 40)];
    send('pointerdown', ...at(0));
    for (let i = 1; i < 1960; ++i) send('pointermove', ...at(i));
    await frame();
    await frame();
    const each = [];
    for (let i = 1960; i < 2000; ++i) {
      curves = 0;
      send('pointermove', ...at(i));
      await frame();
      await frame();
      each.push(curves);
    }
    send('pointerup', ...at(2000));
    prototype.quadraticCurveTo = before;
    return each.sort((a, b) => a - b);
  });
  // A new class may have it painted anew, once or twice.
  assert.ok(painted[30] <= 20, painted.join());
  assert.ok((await keptLines(page, 1))[0].points.length > 200);
});

test('an oval is hairline, cheek and chin, and alone a face', async () => {
  await drawWithMouse(page, few(FACE.outline));
  await settled(page);
  assert.equal((await parts(page))['lips and mouth'], undefined);
  for (const name of ['leftEye', 'rightEye', 'nose', 'mouth']) {
    await drawWithMouse(page, few(FACE[name]));
  }
  await countedLines(page, 5);
  await settled(page);
  // All around: the server cuts it where what it draws changes.
  await press('Control+a');
  await press('Delete');
  await press('b');
  const ring = Array.from({length: 25}, (_, i) => [
    256 + 132 * Math.sin(i * Math.PI / 12),
    275 - 178 * Math.cos(i * Math.PI / 12)]);
  for (const line of [ring, ...['leftEye', 'rightEye', 'nose', 'mouth']
      .map((name) => few(FACE[name]))]) {
    await drawWithMouse(page, line);
  }
  await countedLines(page, 5);
  await press('.');
  await selected('1 line is selected.');
  assert.match(await page.textContent('#selection-about'), / and /);
  assert.equal(await page.textContent('#selection-name'), 'several parts');
  await shot(page, 'desktop-pieces');
});

test('a small drawing elsewhere is fitted, and moves to the guide',
    async () => {
      await openTemplate(page, 'Doodle');
      await countedLines(page, await lineCount(page));
      await settled(page);
      assert.equal(await page.isVisible('#to-guide'), false);
      const asked = [];
      page.on('request', (request) => {
        if (request.url().endsWith('/api/generate')) {
          asked.push(JSON.parse(request.postData()));
        }
      });
      await press('Control+a');
      for (let i = 0; i < 10; ++i) await press('[');
      for (let i = 0; i < 4; ++i) await press('Shift+ArrowLeft');
      await page.waitForSelector('#to-guide:not([hidden])');
      await settled(page);
      const last = asked[asked.length - 1];
      assert.equal(last.frame, true);
      assert.equal(last.faithful, 'auto');
      const before = await faceSum(page);
      // The lines of the face that was made, behind those that were drawn.
      await page.waitForSelector('#sheet-box[data-ghost=shown]');
      await shot(page, 'desktop-off-guide');
      // As drawn: as it lies.
      await page.locator('#faithful').evaluate((slider) => {
        slider.value = '100';
        slider.dispatchEvent(new Event('input'));
        slider.dispatchEvent(new Event('change'));
      });
      const drawn = await newFace(page, before);
      await settled(page);
      assert.equal(asked[asked.length - 1].frame, false);
      assert.equal(asked[asked.length - 1].faithful, 1);
      assert.equal(await page.isChecked('#faithful-auto'), false);
      assert.equal(
          await page.isVisible('#sheet-box[data-ghost=shown]'), false);
      const lines = (await kept(page)).strokes;
      await press('Control+z');
      assert.equal(await page.isChecked('#faithful-auto'), true);
      assert.deepEqual((await kept(page)).strokes, lines);
      await newFace(page, drawn);
      await page.click('#to-guide');
      await page.waitForSelector('#to-guide', {state: 'hidden'});
      assert.match(await status(), /moved to the guide/);
      const {strokes} = await kept(page);
      const xs = strokes.flatMap(({points}) => points.map(([x]) => x));
      assert.ok(Math.abs((Math.min(...xs) + Math.max(...xs)) / 2 - 256) < 40);
    });

test('a part is chosen before it is drawn; eyes are a pair', async () => {
  await press('a');
  await choose(page, 'eyes, a pair');
  assert.match(await page.textContent('#draws'), /Draws eyes, a pair/);
  await drawWithMouse(page, few(FACE.leftEye));
  const pair = await keptLines(page, 2);
  assert.deepEqual(pair.map(({fixed}) => fixed), [2, 1]);
  assert.ok(Math.abs(pair[0].points[0][0] + pair[1].points[0][0] - 512) < 0.03);
  await press('a');
  await choose(page, 'hat');
  await drawWithMouse(page, [[150, 90], [256, 60], [360, 90]]);
  assert.equal((await keptLines(page, 3))[2].fixed, 13);
  await press('a');
  await choose(page, 'limner decides');
  await drawWithMouse(page, few(FACE.nose));
  assert.equal((await keptLines(page, 4))[3].fixed, 0);
});

test('a dot is a line, but not where a click closes a menu', async () => {
  await drawWithMouse(page, [[205, 235]]);
  await drawWithMouse(page, [[306, 235], [307, 236]]);
  const dots = await keptLines(page, 2);
  assert.deepEqual(dots.map(({points}) => points.length), [1, 1]);
  await page.click('#save');
  await page.waitForSelector('#save[aria-expanded="true"]');
  await drawWithMouse(page, [[256, 470]]);
  await page.waitForSelector('#save[aria-expanded="false"]');
  await drawWithMouse(page, few(FACE.mouth));
  assert.equal((await keptLines(page, 3)).length, 3);
});

test('a line is named under the pointer that has just drawn on', async () => {
  await drawWithMouse(page, few(FACE.nose));
  await countedLines(page, 1);
  const named = () => page.waitForFunction(() =>
    /\w/.test(document.getElementById('under').textContent));
  const at = await places(page, [FACE.nose.at(-1), [320, 290], FACE.nose[0]]);
  await page.mouse.move(...at[0]);
  await named();
  // From there on it is another line.
  await page.mouse.down();
  assert.equal(await page.textContent('#under'), '');
  await page.mouse.move(...at[1], {steps: 5});
  await page.mouse.up();
  await page.mouse.move(...at[2]);
  await named();
});

test('a ring with hair around it is an outline, and no mouth', async () => {
  await drawWithMouse(page, few(FACE.outline));
  for (const out of [0, 8, 16]) {
    await drawWithMouse(page, [[100 - out, 440], [112 - out, 200],
      [180 - out, 90 - out], [256, 62 - out], [332 + out, 90 - out],
      [400 + out, 200], [412 + out, 440]]);
  }
  const found = await countedLines(page, 4);
  assert.equal(found['lips and mouth'], undefined);
  assert.ok(found.hair >= 1, JSON.stringify(found));
});
