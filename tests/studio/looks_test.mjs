// Looks: many at once, parts of photos, and sliders; and photos on the paper.

import assert from 'node:assert/strict';
import {test} from 'node:test';

import {
  answerTo, browser, colourBecomes, countedLines, eachOnItsPage, faceSum,
  forgive, IN_PAGE, kept, lineCount, newFace, open, openTemplate, page, saved, says, settled, shot,
  troubled,
} from './browser.mjs';

eachOnItsPage();

const PHOTO = new URL('../../examples/photos/fashion.jpg',
    import.meta.url).pathname;

/** Waits until what is kept of this drawing satisfies a question. */
async function keptWhen(right, of = page) {
  for (;;) {
    const entry = await kept(of);
    if (entry && right(entry)) return entry;
    await of.waitForTimeout(50);
  }
}

async function doodle() {
  await openTemplate(page, 'Doodle');
  await countedLines(page, await lineCount(page));
  return settled(page);
}

async function slide(id, ...values) {
  await page.locator(id).evaluate((slider, values) => {
    for (const value of values) {
      slider.value = String(value);
      slider.dispatchEvent(new Event('input', {bubbles: true}));
    }
    slider.dispatchEvent(new Event('change', {bubbles: true}));
  }, values);
}

const pictures = (count) => page.waitForFunction((wanted) => {
  const list = document.getElementById('variation-list');
  return list.querySelectorAll('img').length === wanted &&
      list.children.length === wanted;
}, count);

test('variations: many looks by one request, one of them to go on with',
    async () => {
      const first = await doodle();
      const asked = [];
      page.on('request', (request) => {
        if (/\/api\/(variations|generate)$/.test(request.url())) {
          asked.push(request);
        }
      });
      await page.click('#open-variations');
      await pictures(9);
      await says(page, 'variations-note', /Choose one/);
      assert.equal(asked.length, 1);
      assert.equal(asked[0].postDataJSON().appearances.length, 9);
      await shot(page, 'desktop-variations');
      await page.check('[name=variation-count][value="4"]');
      await pictures(4);
      const {appearances} = asked[asked.length - 1].postDataJSON();
      assert.equal(new Set(appearances.map(({seed}) => seed)).size, 4);
      // The picture that is clicked is the face that one gets.
      await page.click('.variation >> nth=2');
      await page.waitForSelector('#variations', {state: 'hidden'});
      const {looks, past} = await keptWhen(
          (entry) => entry.looks.a.seed === appearances[2].seed);
      assert.equal(looks.b, null);
      const chosen = await newFace(page, first);
      await page.keyboard.press('Control+z');
      await newFace(page, chosen);
      assert.equal(await settled(page), first);
      const undone = await keptWhen(
          (entry) => entry.past.length === past.length - 1);
      assert.notEqual(undone.looks.a.seed, appearances[2].seed);
    });

test('variations near a look mix it with others', async () => {
  const first = await doodle();
  const {looks: before} = await kept(page);
  await page.keyboard.press('Shift+R');
  await page.check('[name=variation-kind][value=near]');
  await pictures(9);
  await says(page, 'variations-note', /Choose one/);
  await page.click('.variation >> nth=0');
  await newFace(page, first);
  const {looks} = await keptWhen((entry) => entry.looks.b);
  assert.equal(looks.a.id ?? looks.a.seed, before.a.id ?? before.a.seed);
  assert.equal(looks.mix, 0.4);
  await page.waitForSelector('#look-mixer:not([hidden])');
});

test('a sheet of variations that is closed asks for nothing more', async () => {
  await page.keyboard.press('Shift+R');
  await troubled(page, /Draw something first/);
  await page.click('#trouble-close');
  const first = await doodle();
  let hold;
  const held = new Promise((resolve) => {
    hold = resolve;
  });
  await page.route('**/api/variations', (route) => hold(route));
  await Promise.all([
    page.waitForRequest('**/api/variations'),
    page.click('#open-variations'),
  ]);
  await page.waitForSelector('#variation-list[aria-busy=true]');
  if (IN_PAGE) {
    // What its engine does it does to the end, and nobody listens.
    await page.keyboard.press('Escape');
    await Promise.all([
      page.waitForResponse('**/api/variations'),
      held.then((route) => route.fallback())]);
  } else {
    const [ended] = await Promise.all([
      page.waitForEvent('requestfailed'), page.keyboard.press('Escape')]);
    assert.match(ended.url(), /variations$/);
  }
  // What goes wrong is said there, and mended by another try.
  await page.unroute('**/api/variations');
  await page.route('**/api/variations', (route) => route.fulfill({
    status: 503, contentType: 'application/json', headers: {'Retry-After': '1'},
    body: '{"error": "too many requests wait already"}',
  }), {times: 1});
  await page.click('#open-variations');
  await says(page, 'variations-note', /Too many requests wait already\./);
  forgive(/status of 503/);
  await page.click('#variations-again');
  await pictures(9);
  await page.keyboard.press('Escape');
  assert.equal(await faceSum(page), first);
});

/** Opens the sheet of the photo to trace. */
async function placeTrace() {
  await page.setInputFiles('#trace-file', PHOTO);
  await page.waitForSelector('#trace-set:not([hidden])');
  await page.click('#trace-place');
  await page.waitForSelector('#photo-editor[open]');
}

const tracePlace = async () =>
  (await keptWhen(({trace}) => trace?.place)).trace.place;

test('a photo to trace is moved, scaled, turned and cropped', async () => {
  await placeTrace();
  const {x, y, width} = await page.locator('#photo-canvas').boundingBox();
  const unit = width / (512 + 2 * 56);
  await page.mouse.move(x + width / 2, y + width / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 + 60 * unit, y + width / 2 + 30 * unit,
      {steps: 4});
  await page.mouse.up();
  await page.focus('#photo-canvas');
  for (const key of ['ArrowLeft', 'Shift+ArrowUp', '.', '.', ',']) {
    await page.keyboard.press(key);
  }
  await slide('#photo-crop-left', 30);
  await shot(page, 'desktop-photo');
  await page.click('#photo-done');
  await page.waitForSelector('#photo-editor', {state: 'hidden'});
  const moved = await tracePlace();
  // By the mouse, then by keys, then turned about the paper's middle.
  assert.ok(Math.abs(moved.x - (256 + 58)) < 1.5, JSON.stringify(moved));
  assert.ok(Math.abs(moved.y - (256 + 14)) < 2.5, JSON.stringify(moved));
  assert.ok(Math.abs(moved.turn - 1) < 1e-9);
  assert.deepEqual(moved.crop, [0.3, 0, 0, 0]);
  // Nothing is left of the photo at the paper's left edge.
  const white = [255, 255, 255];
  await colourBecomes(page, [120, 300], white, (far) => far < 2);
  await colourBecomes(page, [330, 300], white, (far) => far > 5);

  // Escape leaves all as it is; sliders and the wheel scale.
  await page.click('#trace-place');
  await page.keyboard.press('+');
  await page.keyboard.press('Escape');
  await page.waitForSelector('#photo-editor', {state: 'hidden'});
  await page.click('#trace-place');
  await page.mouse.move(x + width / 2, y + width / 2);
  await page.mouse.wheel(0, -100);
  await page.keyboard.down('Shift');
  await page.mouse.wheel(0, 100);
  await page.keyboard.up('Shift');
  await page.waitForFunction(() =>
    Number(document.getElementById('photo-turn').value) > 3);
  await page.click('#photo-done');
  const {trace: {place}} = await keptWhen(({trace}) => trace.place.scale > 1);
  assert.ok(Math.abs(place.scale - Math.exp(0.2)) < 0.01, `${place.scale}`);
  // After a reload, and in a file elsewhere, it lies there, too.
  await page.reload();
  await page.waitForSelector('body[data-ready]');
  await page.waitForSelector('#trace-set:not([hidden])');
  await colourBecomes(page, [330, 300], white, (far) => far > 5);
  const file = await saved(page, '#save-project');
  const other = await open(browser);
  await other.page.setInputFiles('#drawing-file', {
    name: file.name, mimeType: '', buffer: file.data});
  await other.page.waitForSelector('#trace-set:not([hidden])');
  const there = await keptWhen(({trace}) => trace?.place, other.page);
  assert.deepEqual(there.trace.place, place);
  await other.context.close();
  assert.deepEqual(other.faults, []);
});

test('limner lays the face of a photo on the guide', async () => {
  await placeTrace();
  await slide('#photo-size', 300);
  await slide('#photo-turn', 40);
  await page.click('#photo-find');
  await says(page, 'photo-note', /The face lies on the guide/);
  await page.click('#photo-done');
  // This photo is one whose face lies there already.
  const place = await tracePlace();
  assert.ok(Math.abs(place.scale - 1) < 0.25, JSON.stringify(place));
  assert.ok(Math.abs(place.turn) < 8, JSON.stringify(place));
  assert.ok(Math.hypot(place.x - 256, place.y - 256) < 60);
});

test('of a photo of the looks a part is used', async () => {
  const first = await doodle();
  await page.setInputFiles('#look-file', PHOTO);
  const whole = await newFace(page, first);
  await settled(page);
  await page.click('#look-part');
  await page.waitForSelector('#photo-editor[open]');
  assert.equal(await page.isVisible('#photo-crops'), false);
  await slide('#photo-size', 750);
  await shot(page, 'desktop-photo-looks');
  await page.click('#photo-done');
  await newFace(page, whole);
  const part = await settled(page);
  assert.notEqual(part, whole);
  const {looks} = await keptWhen((entry) => entry.looks.a.cut);
  assert.match(looks.a.whole, /^data:image\/jpeg/);
  assert.ok(looks.a.place.scale > 2);
  // The same face after a reload and from a server that has forgotten it.
  await page.reload();
  await page.waitForSelector('body[data-ready]');
  assert.equal(await settled(page), part);
  const sent = page.waitForRequest(/\/api\/appearance\?align=false$/);
  await page.route('**/api/generate', (route) => route.fulfill({
    status: 404, contentType: 'application/json',
    body: '{"error": "the appearance is not known (any more)"}',
  }), {times: 1});
  await page.click('button[aria-label="Hide nose"]');
  await sent;
  forgive(/status of 404/);
  await page.keyboard.press('Control+z');
  assert.equal(await settled(page), part);
  // It can be chosen anew, from where it was.
  await page.click('#look-part');
  await page.waitForFunction(() =>
    Math.abs(Number(document.getElementById('photo-size').value) - 750) < 3);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+z');
  await newFace(page, part);
  assert.equal(await settled(page), whole);
});

test('sliders change the looks, as one step each', async () => {
  const first = await doodle();
  const slider = '#traits input >> nth=0';
  const {id} = await page.evaluate(async () =>
    (await (await fetch('/api/models')).json()).traits[0]);
  await slide(slider, 30, 60, 90);
  const changed = await newFace(page, first);
  const {looks} = await keptWhen((entry) => entry.looks.traits[id]);
  assert.deepEqual(looks.traits, {[id]: 0.9});
  assert.match(await page.getAttribute(slider, 'aria-valuetext'), /^90 % /);
  await page.locator('#traits').scrollIntoViewIfNeeded();
  await shot(page, 'desktop-sliders');
  const full = await settled(page);
  assert.equal(full.split(':')[0], changed.split(':')[0]);
  await page.reload();
  await page.waitForSelector('body[data-ready]');
  assert.equal(await settled(page), full);
  assert.equal(await page.inputValue(slider), '90');
  await page.keyboard.press('Control+z');
  await newFace(page, full);
  assert.equal(await settled(page), first);
  await page.keyboard.press('Control+Shift+z');
  await newFace(page, first);
  assert.equal(await settled(page), full);
  await page.click('#traits .link');
  await newFace(page, full);
  assert.equal(await settled(page), first);
  assert.equal(await page.isVisible('#traits .link'), false);
});

test('a model without traits has no sliders, and what was set does no harm',
    async () => {
      const first = await doodle();
      await slide('#traits input >> nth=0', 90);
      await newFace(page, first);
      await keptWhen(({looks}) => Object.keys(looks.traits).length);
      await page.route('**/api/models', async (route) => {
        await route.fulfill({json: {...await answerTo(route), traits: []}});
      });
      await page.reload();
      await page.waitForSelector('body[data-ready]');
      assert.equal(await settled(page), first);
      assert.equal(await page.isVisible('#traits'), false);
    });
