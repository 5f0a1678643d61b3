// limner as WebAssembly, in Node, against a `limner serve` of the same source
// and model: the same requests, the same answers, faces within 2 of 255.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {readFileSync, readdirSync} from 'node:fs';
import {request} from 'node:http';
import {createRequire} from 'node:module';
import path from 'node:path';
import {after, before, test} from 'node:test';
import {inflateSync} from 'node:zlib';

import {PartReader} from '../../studio/js/multipart.js';

const {WEB_ENGINE, WEB_MODEL, WEB_NATIVE, WEB_EXAMPLES} = process.env;
const CLOSE = 2;  // of 255

let limner;  // that is asked
let single;

/** Starts an engine with the model, and makes it the one that is asked. */
async function start(threads) {
  const folder = path.join(WEB_ENGINE, threads > 1 ? 'threads' : 'single');
  // The loader takes Node for a browser where there is a fetch().
  const {fetch} = globalThis;
  delete globalThis.fetch;
  const create = createRequire(import.meta.url)(path.join(folder, 'limner.js'));
  limner = await create({print: () => {}, threads});
  globalThis.fetch = fetch;
  limner.FS.writeFile('/model', readFileSync(WEB_MODEL));
  const opened = text('/model', (file) => limner._limner_open(file, threads));
  assert.equal(opened, 1, limner.UTF8ToString(limner._limner_problem()));
  return limner;
}

before(async () => {
  single = await start(1);
});

after(() => single._limner_close());

/** The engine's memory; threads may have made it grow. */
const heap = () =>
  new Uint8Array((limner.wasmMemory ?? limner.asm.memory).buffer);

function text(value, body) {
  const size = limner.lengthBytesUTF8(value) + 1;
  const pointer = limner._limner_allocate(size);
  limner.stringToUTF8(value, pointer, size);
  const result = body(pointer);
  limner._limner_free(pointer);
  return result;
}

function answerBody() {
  const from = limner._limner_answer_body();
  return Buffer.from(heap().slice(from, from + limner._limner_answer_size()));
}

/** @return {{status: number, type: string, body: !Buffer}} */
function here(method, target, type = '', body = Buffer.alloc(0)) {
  const place = limner._limner_allocate(body.length + 1);
  heap().set(body, place);
  const status = text(method, (m) => text(target, (to) => text(type, (t) =>
    limner._limner_ask(m, to, t, place, body.length))));
  limner._limner_free(place);
  const answer = {
    status, type: limner.UTF8ToString(limner._limner_answer_type()),
  };
  const pieces = [answerBody()];
  for (const stream = limner._limner_answer_stream();
    stream && limner._limner_more(stream) === 1;) {
    pieces.push(answerBody());
  }
  return {...answer, body: Buffer.concat(pieces)};
}

async function there(method, target, type = '', body) {
  // A connection of its own: the server closes those that are silent while the
  // engine computes here.
  const sent = request(WEB_NATIVE + target, {
    method, agent: false, headers: type ? {'Content-Type': type} : {},
  });
  sent.end(method === 'GET' ? undefined : body);
  const [response] = await once(sent, 'response');
  const parts = [];
  for await (const part of response) parts.push(part);
  return {
    status: response.statusCode,
    type: response.headers['content-type'],
    body: Buffer.concat(parts),
  };
}

/** Asks both, which must take it equally; both answers. */
async function both(method, target, type, body) {
  const own = here(method, target, type, body);
  const native = await there(method, target, type, body);
  assert.equal(own.status, native.status, `${target}: ${own.body}`);
  assert.equal(own.type, native.type, target);
  return [own.body, native.body];
}

const both_json = async (...asked) =>
  (await both(...asked)).map((body) => JSON.parse(body));
const posted = (target, value) =>
  ['POST', target, 'application/json', Buffer.from(JSON.stringify(value))];

/** Bytes of a PNG of 8 bits a sample: {width, height, channels, data}. */
function decode(png) {
  const parts = [];
  let width, height, channels;
  for (let at = 8; at < png.length;) {
    const size = png.readUInt32BE(at);
    const kind = png.toString('latin1', at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + size);
    if (kind === 'IHDR') {
      [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
      channels = {0: 1, 2: 3, 3: 1}[data[9]];
    } else if (kind === 'IDAT') {
      parts.push(data);
    }
    at += size + 12;
  }
  const raw = inflateSync(Buffer.concat(parts));
  const row = width * channels;
  const out = Buffer.alloc(row * height);
  for (let y = 0; y < height; ++y) {
    const filter = raw[y * (row + 1)];
    for (let x = 0; x < row; ++x) {
      const left = x < channels ? 0 : out[y * row + x - channels];
      const up = y ? out[(y - 1) * row + x] : 0;
      const corner =
          y && x >= channels ? out[(y - 1) * row + x - channels] : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)];
      out[y * row + x] = raw[y * (row + 1) + 1 + x] + guess[filter];
    }
  }
  return {width, height, channels, data: out};
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const far = (value) => Math.abs(guess - value);
  if (far(left) <= far(up) && far(left) <= far(corner)) return left;
  return far(up) <= far(corner) ? up : corner;
}

function furthest(a, b) {
  assert.equal(a.data.length, b.data.length);
  let most = 0;
  for (let i = 0; i < a.data.length; ++i) {
    most = Math.max(most, Math.abs(a.data[i] - b.data[i]));
  }
  return most;
}

/** The largest difference of numbers at the same place of two values. */
function apart(a, b, place = '') {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b);
  if (a === null || typeof a !== 'object') {
    assert.deepEqual(a, b, place);
    return 0;
  }
  assert.deepEqual(Object.keys(a), Object.keys(b), place);
  return Object.keys(a).reduce((most, key) =>
    Math.max(most, apart(a[key], b[key], `${place}.${key}`)), 0);
}

const drawings = readdirSync(path.join(WEB_EXAMPLES, 'drawings')).sort();
const photo = (name) =>
  readFileSync(path.join(WEB_EXAMPLES, 'photos', `${name}.jpg`));

async function imported(name) {
  const file = readFileSync(path.join(WEB_EXAMPLES, 'drawings', name));
  const answers = await both_json(
      'POST', '/api/import', 'application/octet-stream', file);
  return answers;
}

test('the engine is the same as the server', async () => {
  const [own, native] = await both_json('GET', '/api/models');
  // The names of the files differ, and how much a page keeps.
  for (const models of [own, native]) delete models.model.name;
  assert.deepEqual(own, native);
});

test('drawings are read alike, and their lines named', async () => {
  assert.ok(drawings.length > 5);
  for (const name of drawings) {
    const [own, native] = await imported(name);
    assert.ok(apart(own, native) < 0.01, name);
    const [labelled, natively] = await both_json(
        ...posted('/api/label', {drawing: native.drawing, cut: true}));
    assert.deepEqual(
        labelled.strokes.map((stroke) => stroke.class),
        natively.strokes.map((stroke) => stroke.class), name);
  }
});

test('faces are the same', async () => {
  let worst = 0;
  for (const name of drawings) {
    const drawing = (await imported(name))[1].drawing;
    for (const faithful of [1, 'auto']) {
      const [own, native] = await both(...posted('/api/generate', {
        drawing, faithful, appearance: {seed: 7}, format: 'png',
      }));
      const most = furthest(decode(own), decode(native));
      assert.ok(most <= CLOSE, `${name}, ${faithful}: ${most} of 255`);
      worst = Math.max(worst, most);
    }
  }
  console.log(`faces differ by at most ${worst} of 255`);
});

test('variations of a drawing are the same', async () => {
  const drawing = (await imported(drawings[0]))[1].drawing;
  const [own, native] = (await both(...posted('/api/variations', {
    drawing, appearances: [1, 2, 3].map((seed) => ({seed})), format: 'png',
  }))).map((body) => {
    const faces = [];
    const reader = new PartReader((part) => faces.push(part));
    reader.add(body);
    assert.ok(reader.whole);
    return faces.map(({headers, body}) =>
      [headers.get('x-limner-index'), decode(Buffer.from(body))]);
  });
  assert.deepEqual(own.map(([index]) => index), ['0', '1', '2']);
  own.forEach(([, face], i) =>
    assert.ok(furthest(face, native[i][1]) <= CLOSE));
  assert.ok(furthest(own[0][1], own[1][1]) > CLOSE);
});

test('photos are found, kept, parsed, drawn and used alike', async () => {
  const drawing = (await imported(drawings[0]))[1].drawing;
  const looks = [];
  const inShort = ({frame, ...rest}) => ({...rest, frame: Object.fromEntries(
      Object.entries(frame).map(([key, value]) => [key, value.toFixed(9)]))});
  for (const name of ['child', 'doodle']) {
    const [own, native] =
        await both_json('POST', '/api/appearance', 'image/jpeg', photo(name));
    assert.deepEqual(inShort(own), inShort(native));
    looks.push({id: own.id, weight: 0.5});
  }
  const [own, native] = await both(...posted('/api/generate', {
    drawing, appearance: {mix: looks}, format: 'png',
  }));
  assert.ok(furthest(decode(own), decode(native)) <= CLOSE);

  const masks = (await both('POST', '/api/parse', 'image/jpeg', photo('child')))
      .map((body) => decode(body).data);
  const others = masks[0].filter((part, i) => part !== masks[1][i]).length;
  assert.ok(others <= masks[0].length / 1000, `${others} pixels`);

  const [lines] =
      await both_json('POST', '/api/sketch', 'image/jpeg', photo('child'));
  assert.ok(lines.drawing.strokes.length > 5);
});

test('drawings are fitted and written alike', async () => {
  const drawing = (await imported('doodle.svg'))[1].drawing;
  const {drawing: labelled} =
      (await both_json(...posted('/api/label', {drawing})))[1];
  const fits = await both_json(...posted(
      '/api/label', {drawing: labelled, fit: true, faithful: 'auto'}));
  assert.ok(fits[0].fit.parts.length > 0);
  assert.ok(apart(fits[0].fit, fits[1].fit) < 0.5, 'pixels');
  for (const to of ['svg', 'json', 'ndjson', 'png']) {
    const [own, native] =
        await both(...posted(`/api/convert?to=${to}`, {drawing: labelled}));
    assert.ok(own.equals(native), to);
  }
});

test('bad requests get the same answers', async () => {
  for (const bad of [
    ['GET', '/api/none'],
    ['POST', '/api/label', 'application/json', Buffer.from('{')],
    ['POST', '/api/label', 'text/plain', Buffer.from('{}')],
    ['POST', '/api/import', 'application/octet-stream', Buffer.from('hm')],
    posted('/api/generate', {appearance: {id: 'f'.repeat(32)},
      drawing: {format: 'limner-drawing', version: 1, strokes: [
        {points: [[1, 1], [2, 2]], class: 1}]}}),
  ]) {
    const [own, native] = await both_json(...bad);
    assert.deepEqual(own, native);
    assert.ok(own.error);
  }
  // The formats that it names differ.
  const [own] = await both_json(
      'POST', '/api/appearance', 'image/png', Buffer.from('no picture'));
  assert.match(own.error, /is not a picture that limner reads/);
});

test('memory stays within bounds', async () => {
  const drawing = (await imported(drawings[0]))[1].drawing;
  const face = (seed) => here(...posted('/api/generate', {
    drawing, appearance: {seed}, faithful: 'auto', format: 'jpeg',
  }));
  for (let seed = 100; seed < 110; ++seed) assert.equal(face(seed).status, 200);
  const before = heap().length;
  for (let seed = 200; seed < 230; ++seed) assert.equal(face(seed).status, 200);
  assert.equal(heap().length, before);
  console.log(`memory: ${(before / 2 ** 20).toFixed(0)} MiB`);
  assert.ok(before <= 400 * 2 ** 20);
});

test('with threads it makes the same faces, and refuses alike', async () => {
  const drawing = (await imported(drawings[0]))[1].drawing;
  const wish = posted('/api/generate', {
    drawing, faithful: 'auto', appearance: {seed: 7}, format: 'png',
  });
  const bad = posted('/api/generate', {drawing, appearance: {id: 'none'}});
  const [face, refusal] = [here(...wish), here(...bad)];
  const threads = await start(2);
  try {
    for (let i = 0; i < 3; ++i) {
      assert.deepEqual(here(...bad), refusal);
      const own = here(...wish);
      assert.equal(own.status, 200);
      assert.ok(furthest(decode(own.body), decode(face.body)) <= CLOSE);
    }
    console.log(`memory with threads: ${heap().length >> 20} MiB`);
    threads._limner_close();
  } finally {
    threads.PThread.terminateAllThreads();
    limner = single;
  }
});
