import assert from 'node:assert/strict';
import {beforeEach, test} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';

import {addStrokes, setClass} from '../../../studio/js/drawing.js';
import {step} from '../../../studio/js/history.js';
import {Live, PEN_UP_TO_PREVIEW} from '../../../studio/js/live.js';
import {photoLook, useLook} from '../../../studio/js/looks.js';
import {initialState} from '../../../studio/js/state.js';
import {Store} from '../../../studio/js/store.js';

const MODELS = {
  model: {size: 256}, labeler: true, preview: 128, classes: [
    {id: 10, name: 'face', colour: '#9467bd'}],
};

let calls;
let atOnce;
let most;
let answerFace;

/** A server in place of fetch(). */
beforeEach(() => {
  calls = [];
  atOnce = most = 0;
  answerFace = () => new Response('picture', {
    headers: {'X-Limner-Milliseconds': '31'}});
  globalThis.requestAnimationFrame = (fn) => setTimeout(fn, 0);
  globalThis.createImageBitmap = async () => ({
    width: calls[calls.length - 1].body.size || MODELS.model.size,
    close() {}});
  globalThis.fetch = async (path, {body, signal} = {}) => {
    const json = body ? JSON.parse(body) : null;
    calls.push({path, body: json, signal});
    if (path === '/api/generate') most = Math.max(most, ++atOnce);
    await sleep(20);
    if (path === '/api/generate') --atOnce;
    if (signal?.aborted) throw new DOMException('', 'AbortError');
    if (path === '/healthz') return new Response('{}');
    if (path === '/api/models') return Response.json(MODELS);
    if (path === '/api/label') {
      return Response.json({face: true, strokes: json.drawing.strokes.map(
          (s) => ({class: s.class || 10, confidence: 0.9, doubtful: false}))});
    }
    return answerFace(json);
  };
});

function opened() {
  const said = [];
  const status = {
    say: (text) => said.push(text),
    hint: (text) => said.push(text),
    trouble: (text) => said.push(`trouble: ${text}`),
    clearTrouble: () => {},
  };
  const store = new Store(initialState());
  const renewed = [];
  const live = new Live(store, status, async (look) => renewed.push(look.id));
  return {store, live, said, renewed};
}

function draw({store, live}) {
  const {present} = store.get().history;
  const n = present.strokes.length;
  store.set(step(store.get(), {drawing: addStrokes(
      present, [{points: [[n, 0], [n, 50]], pressure: null}])}));
  live.penUp();
}

const faces = () => calls.filter(({path}) => path === '/api/generate');

async function until(happened) {
  for (let i = 0; i < 500; ++i) {
    if (happened()) return;
    await sleep(10);
  }
  assert.fail('it did not happen');
}

test('strokes get classes and a face, in the end the full one', async () => {
  const studio = opened();
  await studio.live.start();
  draw(studio);
  await until(() => studio.store.get().face?.side === 256);
  assert.deepEqual(faces().map(({body}) => body.size), [128, 0]);
  assert.equal(faces()[0].body.drawing.strokes[0].class, 10);
  assert.equal(faces()[0].body.frame, false);
  assert.equal(studio.store.get().face.milliseconds, 31);
  assert.equal(studio.store.get().labels.get(1).class, 10);
  await until(() => performance.getEntriesByName(PEN_UP_TO_PREVIEW).length);
});

test('many strokes: one face at a time, the last has them all', async () => {
  const studio = opened();
  await studio.live.start();
  const begin = performance.now();
  for (let i = 0; i < 40; ++i) {
    draw(studio);
    await sleep(5);
  }
  await until(() => studio.store.get().face?.side === 256);
  assert.equal(most, 1);
  // Each takes two answers of 20 ms, and the full one comes on top.
  const bound = (performance.now() - begin) / 40 + 2;
  assert.ok(faces().length <= bound, `${faces().length} above ${bound}`);
  const last = faces()[faces().length - 1].body;
  assert.equal(last.drawing.strokes.length, 40);
  assert.ok(new Set(faces().map(({body}) => body.key)).size === 1);
});

test('lines that were all said need no labels', async () => {
  const studio = opened();
  await studio.live.start();
  const {present} = studio.store.get().history;
  studio.store.set(step(studio.store.get(), {drawing: addStrokes(
      present, [{points: [[0, 0], [0, 50]], pressure: null, fixed: 6}])}));
  await until(() => studio.store.get().face);
  assert.ok(studio.store.get().looksLikeFace);
  assert.ok(!calls.some(({path}) => path === '/api/label'));
});

test('half a stroke gives way to the whole one', async () => {
  const studio = opened();
  await studio.live.start();
  studio.store.set({pen: [
    {id: 1, points: [[0, 0], [0, 20]], pressure: null, fixed: 0}]});
  const labels = () => calls.filter(({path}) => path === '/api/label');
  await until(() => labels().length === 1);
  const {present} = studio.store.get().history;
  studio.store.set({...step(studio.store.get(), {drawing: addStrokes(
      present, [{points: [[0, 0], [0, 50]], pressure: null}])}), pen: []});
  studio.live.penUp();
  assert.ok(labels()[0].signal.aborted);
  await until(() => studio.store.get().face);
  assert.deepEqual(faces()[0].body.drawing.strokes[0].points,
      [[0, 0], [0, 50]]);
});

test('a drawing that comes back under new ids is labelled again',
    async () => {
      const studio = opened();
      await studio.live.start();
      draw(studio);
      await until(() => studio.store.get().labels.get(1));
      const {present} = studio.store.get().history;
      const [{points}] = present.strokes;
      studio.store.set(step(studio.store.get(), {drawing: {
        ...present, strokes: [{id: 9, points, fixed: 0}], nextId: 10,
      }}));
      await until(() => studio.store.get().labels.get(9));
    });

test('what is hidden is left out of the face', async () => {
  const studio = opened();
  await studio.live.start();
  draw(studio);
  const {present} = studio.store.get().history;
  studio.store.set(step(studio.store.get(), {drawing: setClass(
      addStrokes(present, [{points: [[9, 9], [20, 20]]}]),
      new Set([2]), 6)}));
  await until(() => studio.store.get().face?.side === 256);
  const classes = ({body}) => body.drawing.strokes.map((s) => s.class);
  assert.deepEqual(classes(faces()[faces().length - 1]), [10, 6]);
  studio.store.set({hidden: new Set([10])});
  await until(() => classes(faces()[faces().length - 1]).join() === '6');
  studio.store.set({hidden: new Set([10, 6])});
  await until(() => studio.store.get().face === null);
});

test('a busy server is asked again when it says so', async () => {
  const studio = opened();
  await studio.live.start();
  let refused = 0;
  answerFace = () => refused++ ?
      new Response('picture') :
      Response.json({error: 'full'}, {status: 503,
        headers: {'Retry-After': '1'}});
  const begin = Date.now();
  draw(studio);
  await until(() => studio.store.get().face);
  assert.ok(Date.now() - begin >= 900);
  assert.ok(studio.said.some((text) => /busy/.test(text)), studio.said);
});

test('a newer request of the same drawing is no trouble', async () => {
  const studio = opened();
  await studio.live.start();
  answerFace = () => Response.json({error: 'replaced'}, {status: 409});
  draw(studio);
  await until(() => faces().length === 1);
  await sleep(100);
  assert.deepEqual(studio.said.filter((t) => /trouble/.test(t)), []);
});

test('a forgotten photo is sent again', async () => {
  const studio = opened();
  await studio.live.start();
  const photo = photoLook('d'.repeat(32), 'Ada', 'data:,');
  studio.store.set({looks: useLook(studio.store.get().looks, photo)});
  answerFace = () => studio.renewed.length ?
      new Response('picture') :
      Response.json({error: 'unknown id'}, {status: 404});
  draw(studio);
  await until(() => studio.store.get().face);
  assert.deepEqual(studio.renewed, [photo.id]);
});

test('a server that went away is waited for', async () => {
  const studio = opened();
  await studio.live.start();
  const real = globalThis.fetch;
  let away = true;
  globalThis.fetch = (path, options) => away ?
      Promise.reject(new TypeError('no route')) : real(path, options);
  draw(studio);
  await until(() => !studio.store.get().online);
  assert.ok(studio.said.some((text) => /does not answer/.test(text)));
  away = false;
  await until(() => studio.store.get().face);
  assert.ok(studio.said.includes('limner is back.'));
});

test('a proxy without a server behind it is a server that is away',
    async () => {
      const studio = opened();
      await studio.live.start();
      const real = globalThis.fetch;
      let away = true;
      globalThis.fetch = (path, options) => away ?
          Promise.resolve(new Response('<html>', {status: 502})) :
          real(path, options);
      draw(studio);
      await until(() => !studio.store.get().online);
      away = false;
      await until(() => studio.store.get().face);
    });

test('an error is said in its own words', async () => {
  const studio = opened();
  await studio.live.start();
  answerFace = () => Response.json({error: 'too many strokes'}, {status: 413});
  draw(studio);
  await until(() => studio.said.includes('trouble: Too many strokes.'));
});
