import assert from 'node:assert/strict';
import {beforeEach, test} from 'node:test';

import {Engine, responseOf} from '../../../studio/js/engine.js';
import {megabytes, sentence} from '../../../studio/js/engine_view.js';

/** In place of engine_worker.js. */
class FakeWorker {
  constructor() {
    this.heard = [];
    this.ended = false;
    workers.push(this);
  }
  postMessage(message) {
    this.heard.push(message);
  }
  terminate() {
    this.ended = true;
  }
  say(data) {
    this.onmessage({data});
  }
  answer(id, status, value) {
    this.say({
      kind: 'answer', id, status, type: 'application/json',
      headers: 'X-Limner-Milliseconds: 12\nCache-Control: no-store\n',
      body: new TextEncoder().encode(JSON.stringify(value)).buffer,
    });
  }
  get asked() {
    return this.heard.filter(({kind}) => kind === 'ask');
  }
}

let workers;
let engine;

beforeEach(() => {
  workers = [];
  globalThis.location = {href: 'http://here/sub/'};
  engine = new Engine('engine/engine.json', () => new FakeWorker());
});

const post = (value) => ({
  method: 'POST', headers: {'Content-Type': 'application/json'},
  body: JSON.stringify(value),
});
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

test('requests wait for the engine, and go to it one at a time', async () => {
  const first = engine.fetch('/api/label', post({a: 1}));
  const second = engine.fetch('/api/models');
  await turn();
  const [worker] = workers;
  assert.deepEqual(worker.heard, [{
    kind: 'open', base: 'http://here/sub/engine/',
    name: 'http://here/sub/engine/engine.json'}]);
  worker.say({kind: 'ready', threads: 2});
  await turn();
  assert.equal(worker.asked.length, 1);
  const {id, method, target, type, body} = worker.asked[0];
  assert.deepEqual({method, target, type},
      {method: 'POST', target: '/api/label', type: 'application/json'});
  assert.equal(new TextDecoder().decode(body), '{"a":1}');
  worker.answer(id, 200, {b: 2});
  const response = await first;
  assert.ok(response.ok);
  assert.equal(response.headers.get('X-Limner-Milliseconds'), '12');
  assert.deepEqual(await response.json(), {b: 2});
  await turn();
  assert.equal(worker.asked.length, 2);
  worker.answer(worker.asked[1].id, 404, {error: 'none'});
  assert.equal((await second).status, 404);
});

test('what is given up is not asked, or its answer is dropped', async () => {
  const one = new AbortController();
  const two = new AbortController();
  const running = engine.fetch('/a', {signal: one.signal});
  const waiting = engine.fetch('/b', {signal: two.signal});
  const last = engine.fetch('/c');
  await turn();
  const [worker] = workers;
  worker.say({kind: 'ready', threads: 1});
  await turn();
  one.abort();
  two.abort();
  await assert.rejects(running, {name: 'AbortError'});
  await assert.rejects(waiting, {name: 'AbortError'});
  worker.answer(worker.asked[0].id, 200, {});
  await turn();
  assert.deepEqual(worker.asked.map(({target}) => target), ['/a', '/c']);
  worker.answer(worker.asked[1].id, 200, {});
  assert.ok((await last).ok);
  const gone = AbortSignal.abort();
  await assert.rejects(engine.fetch('/d', {signal: gone}),
      {name: 'AbortError'});
});

/** An engine that has begun to answer piece by piece: {worker, response}. */
async function streaming(options) {
  const asked = engine.fetch('/api/variations', options);
  await turn();
  const [worker] = workers;
  worker.say({kind: 'ready', threads: 1});
  await turn();
  worker.say({
    kind: 'answer', id: worker.asked[0].id, status: 200, type: 'multipart/mixed',
    headers: '', stream: 3, body: new ArrayBuffer(0)});
  return {worker, response: await asked};
}

const piece = (worker, text, about = {}) => worker.say({
  kind: 'answer', id: worker.heard[worker.heard.length - 1].id, end: false,
  problem: '', body: new TextEncoder().encode(text).buffer, ...about});

test('a body comes piece by piece, others are answered between', async () => {
  const {worker, response} = await streaming();
  const reader = response.body.getReader();
  const first = reader.read();
  await turn();
  assert.deepEqual(worker.heard.slice(2).map(({kind, stream}) => [kind, stream]),
      [['more', 3]]);
  const other = engine.fetch('/b');
  piece(worker, 'one');
  assert.equal(new TextDecoder().decode((await first).value), 'one');
  await turn();
  assert.equal(worker.asked.length, 2);
  worker.answer(worker.asked[1].id, 200, {});
  assert.ok((await other).ok);
  // What nobody reads is not made.
  await turn();
  assert.equal(worker.heard[worker.heard.length - 1].kind, 'ask');
  const last = reader.read();
  await turn();
  piece(worker, '', {end: true});
  assert.ok((await last).done);
});

test('a body that breaks off, or is given up, says so', async () => {
  const broken = await streaming();
  const text = broken.response.text();
  await turn();
  piece(broken.worker, '', {problem: 'out of memory'});
  await assert.rejects(text, {name: 'TypeError', message: 'out of memory'});

  workers = [];
  engine = new Engine('engine/engine.json', () => new FakeWorker());
  const controller = new AbortController();
  const given = await streaming({signal: controller.signal});
  const rest = given.response.text();
  await turn();
  controller.abort();
  await assert.rejects(rest, {name: 'AbortError'});
  const {kind, stream} = given.worker.heard[given.worker.heard.length - 1];
  assert.deepEqual([kind, stream], ['enough', 3]);
});

test('what is given up before its body begins is not made', async () => {
  const controller = new AbortController();
  const asked = engine.fetch('/a', {signal: controller.signal});
  await turn();
  const [worker] = workers;
  worker.say({kind: 'ready', threads: 1});
  await turn();
  controller.abort();
  await assert.rejects(asked, {name: 'AbortError'});
  worker.say({
    kind: 'answer', id: worker.asked[0].id, status: 200, type: '', headers: '',
    stream: 9, body: new ArrayBuffer(0)});
  assert.deepEqual(worker.heard[worker.heard.length - 1],
      {kind: 'enough', stream: 9});
});

test('an engine that breaks down starts anew when it is asked to', async () => {
  const states = [];
  engine.addEventListener('state', ({stage}) => states.push(stage));
  const running = engine.fetch('/a');
  const waiting = engine.fetch('/b');
  await turn();
  workers[0].say({kind: 'ready', threads: 1});
  workers[0].onerror({message: 'unreachable'});
  await assert.rejects(running, {name: 'TypeError', message: 'unreachable'});
  await assert.rejects(waiting, {name: 'TypeError'});
  assert.ok(workers[0].ended);
  await assert.rejects(engine.fetch('/c'), {name: 'TypeError'});
  const again = engine.restart();
  workers[1].say({kind: 'ready', threads: 1});
  assert.equal(await again, true);
  const next = engine.fetch('/d');
  await turn();
  workers[1].answer(workers[1].asked[0].id, 200, {});
  assert.ok((await next).ok);
  assert.deepEqual(
      states, ['starting', 'ready', 'failed', 'starting', 'ready']);
  assert.equal(await engine.restart(), true);
  assert.equal(workers.length, 2);
});

test('a model that does not come is said, and tried again', async () => {
  engine.start();
  workers[0].say({kind: 'failed', message: 'The model came damaged.'});
  assert.equal(engine.well, false);
  assert.match(sentence(engine.state), /The model came damaged\..*kept/);
  const again = engine.restart();
  workers[1].say({kind: 'failed', message: 'The model came damaged.'});
  assert.equal(await again, false);
});

test('progress is said in megabytes', () => {
  assert.equal(megabytes(26_312_345), '26.3');
  assert.match(sentence({stage: 'fetching', loaded: 5e6, total: 26.3e6}),
      /5\.0 of 26\.3 MB/);
  assert.match(sentence({stage: 'ready', threads: 4}), /by 4 threads/);
  assert.doesNotMatch(sentence({stage: 'ready', threads: 1}), /thread/);
});

test('answers without a body are Responses, too', async () => {
  const response = responseOf(
      {status: 304, type: '', headers: 'ETag: "a:b"\n', body: null});
  assert.equal(response.status, 304);
  assert.equal(response.headers.get('ETag'), '"a:b"');
});
