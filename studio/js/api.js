/**
 * @fileoverview The answers of a server, or of the engine inside of the page
 * (backend.js), and its errors as one kind of error. The contract is the
 * server's /openapi.json.
 */

import {ask, ownEngine} from './backend.js';
import {PartReader} from './multipart.js';

/** What went wrong, in a sentence for people. */
export class ApiError extends Error {
  /**
   * @param {number} status HTTP status, or 0 when the server did not answer.
   * @param {string} message
   * @param {number=} retryAfter Seconds to wait, for 503.
   */
  constructor(status, message, retryAfter = 0) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether the server could not be reached. */
  get away() {
    return this.status === 0;
  }
}

const AWAY = 'limner does not answer.';

/**
 * @param {string} path
 * @param {!Object=} options As of fetch().
 * @return {!Promise<!Response>}
 * @throws {ApiError} Aborted requests throw what fetch() throws.
 */
async function request(path, options = {}) {
  let response;
  try {
    response = await ask(path, options);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, AWAY);
  }
  if (response.ok) return response;
  // A proxy before limner says that it gets no answer from it.
  if (response.status === 502 || response.status === 504) {
    throw new ApiError(0, AWAY);
  }
  let message = `limner answered with status ${response.status}.`;
  try {
    const {error} = await response.json();
    if (error) message = sentence(error);
  } catch {
    // Not JSON: something between here and limner spoke.
  }
  const wait = Number(response.headers.get('Retry-After'));
  throw new ApiError(
      response.status, message, Number.isFinite(wait) && wait > 0 ? wait : 1);
}

/** @param {string} text As programs say it. */
function sentence(text) {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(upper) ? upper : `${upper}.`;
}

async function json(path, options) {
  const response = await request(path, options);
  try {
    return await response.json();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, AWAY);
  }
}

async function blob(response) {
  try {
    return await response.blob();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, AWAY);
  }
}

const postText = (body, signal) => ({
  method: 'POST',
  headers: {'Content-Type': 'application/json'},
  body,
  signal,
});

const post = (value, signal) => postText(JSON.stringify(value), signal);

const upload = (file, type) => ({
  method: 'POST',
  headers: {'Content-Type': type},
  body: file,
});

/** @return {!Promise<!Object>} */
export const models = () => json('/api/models');

/** @return {!Promise<!Array<!Object>>} */
export const templates = () => json('/api/templates');

/**
 * A file of the server.
 * @param {string} path
 * @return {!Promise<!Blob>}
 */
export async function file(path) {
  return blob(await request(path));
}

/** How long a server that is well takes for an answer at most. */
const HEALTHY_WITHIN = 3000;

/** @return {!Promise<boolean>} Whether the server is there. */
export async function healthy() {
  // The page's own engine is there unless it broke down: then it starts anew.
  const own = await ownEngine();
  if (own) return own.restart();
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), HEALTHY_WITHIN);
  try {
    await request('/healthz', {cache: 'no-store', signal: control.signal});
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What is asked about a drawing, as text: callers compare it. What is known
 * here already is not sent back. In one go, since these texts are large.
 * @param {!Object} drawing limner's JSON.
 * @param {!Object} wish What of it, as the contract says.
 * @return {string}
 */
const aboutText = (drawing, wish) =>
  JSON.stringify({...wish, brief: true, drawing});

/** @param {!Object} drawing limner's JSON. */
export const labelText = (drawing) => aboutText(drawing, {cut: true});

/** @param {!Object} drawing limner's JSON; every stroke has its class. */
export const guideText = (drawing) => aboutText(drawing, {guide: true});

const about = (text, signal) => json('/api/label', postText(text, signal));

/**
 * @param {string} text Of labelText().
 * @param {!AbortSignal=} signal
 * @return {!Promise<!Object>} Strokes are cut where what they draw changes.
 */
export const label = (text, signal) => about(text, signal);

/**
 * @param {!Object} drawing limner's JSON; every stroke has its class.
 * @param {number|string} faithful 0 to 1 or "auto".
 * @param {!AbortSignal=} signal
 * @return {!Promise<!Object>} With `fit`: the drawing that a face is made of.
 */
export const fit = (drawing, faithful, signal) =>
  about(aboutText(drawing, {fit: true, faithful}), signal);

/**
 * @param {string} text Of guideText().
 * @param {!AbortSignal=} signal
 * @return {!Promise<?Array<{part: string, drawing: !Object}>>} The parts that
 *     the drawing lacks.
 */
export const guide = async (text, signal) => (await about(text, signal)).guide;

/**
 * @param {!Object} wish As the contract says.
 * @param {!AbortSignal=} signal
 * @return {!Promise<{blob: !Blob, milliseconds: number, faithful: number}>}
 */
export async function generate(wish, signal) {
  const response = await request('/api/generate', post(wish, signal));
  return {
    milliseconds: Number(response.headers.get('X-Limner-Milliseconds')),
    faithful: Number(response.headers.get('X-Limner-Faithful') ?? 1),
    blob: await blob(response),
  };
}

/**
 * Faces of one drawing with several looks, told one by one as they come.
 * @param {!Object} wish As the contract says.
 * @param {function(number, !Blob)} tell Hears of the face of looks number i.
 * @param {!AbortSignal=} signal
 * @return {!Promise<void>} Once all are there.
 */
export async function variations(wish, tell, signal) {
  const {body} = await request('/api/variations', post(wish, signal));
  const reader = new PartReader(({headers, body}) => {
    const status = Number(headers.get('x-limner-status') ?? 200);
    if (status !== 200) {
      const {error} = JSON.parse(new TextDecoder().decode(body));
      throw new ApiError(status, sentence(error), 1);
    }
    tell(Number(headers.get('x-limner-index')),
        new Blob([body], {type: headers.get('content-type')}));
  });
  try {
    const pieces = body.getReader();
    for (let next = await pieces.read(); !next.done;
      next = await pieces.read()) {
      reader.add(next.value);
    }
    if (!reader.whole) throw new Error('broken off');
  } catch (error) {
    if (error.name === 'AbortError' || error instanceof ApiError) throw error;
    throw new ApiError(0, AWAY);
  }
}

/**
 * @param {!Blob} photo
 * @param {boolean=} align Whether a face is looked for and cut out.
 * @return {!Promise<{id: string, aligned: boolean, frame: (!Object|undefined)}>}
 */
export const addAppearance = (photo, align = true) => json(
    `/api/appearance${align ? '' : '?align=false'}`, upload(photo, photo.type));

/**
 * @param {string} id
 * @return {!Promise<!Blob>} The aligned photo.
 */
export async function appearance(id) {
  return blob(await request(`/api/appearance/${encodeURIComponent(id)}`));
}

/**
 * @param {!Blob} photo
 * @return {!Promise<!Object>} limner's JSON.
 */
export async function sketch(photo) {
  return (await json('/api/sketch', upload(photo, photo.type))).drawing;
}

/**
 * @param {!Object} drawing
 * @param {string} to "svg", "json", "png" or "ndjson".
 * @return {!Promise<!Blob>}
 */
export async function convert(drawing, to) {
  return blob(await request(`/api/convert?to=${to}`, post({drawing})));
}

/**
 * @param {!Blob} file
 * @return {!Promise<!Object>} limner's JSON.
 */
export async function importDrawing(file) {
  // limner looks at what a file holds; browsers guess types by names.
  const sent = upload(file, 'application/octet-stream');
  return (await json('/api/import', sent)).drawing;
}
