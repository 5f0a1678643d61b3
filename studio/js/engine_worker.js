/**
 * @fileoverview limner inside of the page: a worker that loads the engine
 * (src/web/web.h) and the model, and answers requests one after the other.
 *
 * In:  {kind: 'open', base, name, threads}, {kind: 'ask', id, method, target,
 *      type, body}, {kind: 'more', id, stream}, {kind: 'enough', stream}.
 * Out: {kind: 'progress', loaded, total}, {kind: 'ready', threads},
 *      {kind: 'answer', id, status, type, headers, stream, body}, where a
 *      stream above 0 gives the body piece by piece; {kind: 'answer', id, end,
 *      problem, body}, to 'more';
 *      {kind: 'failed', message}: nothing works any more.
 */
'use strict';

/** Where the model is kept: one entry, named by its sum. */
const CACHE = 'limner-model';
const MODEL_FILE = '/model.safetensors';

let limner = null;

/**
 * @param {!ArrayBuffer} bytes
 * @return {!Promise<?string>} Hexadecimal; null where pages may not compute it
 *     (neither https nor this machine).
 */
async function sha256(bytes) {
  if (!self.crypto?.subtle) return null;
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(sum, (b) => b.toString(16).padStart(2, '0')).join('');
}

/** Fetches a file and tells how far it has come. */
async function download(url, total) {
  const response = await fetch(url, {cache: 'no-store'});
  if (!response.ok) {
    throw new Error(`The model cannot be fetched (${response.status}).`);
  }
  const bytes = new Uint8Array(total);
  let loaded = 0;
  const reader = response.body.getReader();
  for (let told = 0; ;) {
    const {done, value} = await reader.read();
    if (done) break;
    if (loaded + value.length > total) {
      throw new Error('The model is another one than was announced.');
    }
    bytes.set(value, loaded);
    loaded += value.length;
    if (loaded - told > total / 100 || loaded === total) {
      told = loaded;
      postMessage({kind: 'progress', loaded, total});
    }
  }
  if (loaded < total) throw new Error('The model did not come whole.');
  return bytes.buffer;
}

/**
 * The model's file: kept from an earlier visit, or fetched, checked and kept.
 * @param {string} base
 * @param {{file: string, bytes: number, sha256: string}} model
 * @return {!Promise<!ArrayBuffer>}
 */
async function modelBytes(base, model) {
  const key = new URL(`kept-model/${model.sha256}`, base).href;
  const cache = await self.caches?.open(CACHE).catch(() => undefined);
  const kept = await cache?.match(key);
  if (kept) {
    const bytes = await kept.arrayBuffer();
    if (await sha256(bytes) === model.sha256) return bytes;
    await cache.delete(key);
  }
  const bytes = await download(new URL(model.file, base).href, model.bytes);
  const sum = await sha256(bytes);
  if (sum !== null && sum !== model.sha256) {
    throw new Error('The model came damaged: its SHA-256 is another.');
  }
  if (cache) {
    try {
      for (const old of await cache.keys()) await cache.delete(old);
      await cache.put(key, new Response(bytes));
    } catch {
      // No room: it is fetched again next time.
    }
  }
  return bytes;
}

/** How many threads there can be: 1 where memory cannot be shared. */
function threadsHere() {
  if (!self.crossOriginIsolated || typeof SharedArrayBuffer === 'undefined') {
    return 1;
  }
  const most = 8;  // layers have not more to share
  return Math.max(1, Math.min(most, navigator.hardwareConcurrency || 1));
}

/** The engine's memory as it is now: any of its threads may have made it grow. */
function heap() {
  return new Uint8Array((limner.wasmMemory ?? limner.asm.memory).buffer);
}

/** Calls body() with texts as pointers, which are gone afterwards. */
function withTexts(texts, body) {
  const pointers = texts.map((text) => {
    const size = limner.lengthBytesUTF8(text) + 1;
    const pointer = allocate(size);
    limner.stringToUTF8(text, pointer, size);
    return pointer;
  });
  try {
    return body(...pointers);
  } finally {
    for (const pointer of pointers) limner._limner_free(pointer);
  }
}

function allocate(size) {
  const pointer = limner._limner_allocate(size);
  if (!pointer) throw new Error('Out of memory.');
  return pointer;
}

/** @param {{base: string, name: string, threads: ?number}} wanted */
async function open({base, name, threads}) {
  const response = await fetch(new URL(name, base), {cache: 'no-cache'});
  if (!response.ok) {
    throw new Error(`The engine cannot be fetched (${response.status}).`);
  }
  const {model} = await response.json();
  const count = threads ?? threadsHere();
  const folder = new URL(count > 1 ? 'threads/' : 'single/', base).href;
  importScripts(`${folder}limner.js`);
  const [bytes, engine] = await Promise.all([
    modelBytes(base, model),
    self.createLimner({
      threads: count,
      locateFile: (file) => folder + file,
      mainScriptUrlOrBlob: `${folder}limner.js`,
      print: () => {},
    }),
  ]);
  limner = engine;
  limner.FS.writeFile(MODEL_FILE, new Uint8Array(bytes), {canOwn: true});
  const opened =
      withTexts([MODEL_FILE], (file) => limner._limner_open(file, count));
  limner.FS.unlink(MODEL_FILE);
  if (!opened) {
    throw new Error(limner.UTF8ToString(limner._limner_problem()));
  }
  postMessage({kind: 'ready', threads: count});
}

/** Answers a request. */
function ask({id, method, target, type, body}) {
  const size = body?.byteLength ?? 0;
  const place = size ? allocate(size) : 0;
  if (size) {
    heap().set(new Uint8Array(body), place);
    // Freed now: little else makes garbage here, so that its collection, and
    // with it hundreds of bodies, would wait for long.
    body.transfer?.(0);
  }
  let status = 0;
  try {
    status = withTexts([method, target, type ?? ''], (...texts) =>
      limner._limner_ask(...texts, place, size));
  } finally {
    if (size) limner._limner_free(place);
  }
  const answer = answerBody();
  postMessage({
    kind: 'answer', id, status,
    type: limner.UTF8ToString(limner._limner_answer_type()),
    headers: limner.UTF8ToString(limner._limner_answer_headers()),
    stream: limner._limner_answer_stream(), body: answer,
  }, [answer]);
  limner._limner_answer_done();
}

/** The body of the last answer. */
function answerBody() {
  const from = limner._limner_answer_body();
  return heap().slice(from, from + limner._limner_answer_size()).buffer;
}

/** Answers with the next piece of a body that is made piece by piece. */
function more({id, stream}) {
  const left = limner._limner_more(stream);
  const body = answerBody();
  postMessage({
    kind: 'answer', id, body, end: left === 0,
    problem: left < 0 ? limner.UTF8ToString(limner._limner_problem()) : '',
  }, [body]);
  limner._limner_answer_done();
}

onmessage = async ({data}) => {
  try {
    switch (data.kind) {
      case 'open':
        await open(data);
        break;
      case 'ask':
        ask(data);
        break;
      case 'more':
        more(data);
        break;
      case 'enough':
        limner._limner_enough(data.stream);
    }
  } catch (error) {
    postMessage({kind: 'failed', message: error.message ?? String(error)});
  }
};
