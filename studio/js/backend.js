/**
 * @fileoverview Who makes the faces: a limner server, or the engine inside of
 * the page, where one came with it (scripts/build_web). Both answer the same
 * requests.
 */

import {Engine} from './engine.js';

/** How long a server that is well takes for an answer at most. */
const SERVER_WITHIN = 2000;

/** The address of the engine's description, or '' where none came along. */
function engineAddress() {
  return globalThis.document?.querySelector('meta[name="limner-engine"]')
      ?.content ?? '';
}

/** Whether a limner server answers where this page came from. */
async function serverAnswers() {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), SERVER_WITHIN);
  try {
    const response = await fetch(
        'healthz', {cache: 'no-store', signal: control.signal});
    // Some hosts answer anything with a page of theirs.
    return response.ok && (await response.json()).status === 'ok';
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

let engine = null;  // null: a server
let choice = null;  // Promise: the choice has been made
let chosen = false;

async function choose() {
  const address = engineAddress();
  if (!address || await serverAnswers()) return;
  engine = new Engine(address);
  engine.start();
}

/**
 * Chooses, the first time.
 * @return {!Promise<?Engine>} The page's own engine; null: there is a server.
 */
export async function ownEngine() {
  choice ??= choose();
  await choice;
  chosen = true;
  return engine;
}

/**
 * fetch() of the HTTP API, from whoever answers; sent at once when it is known
 * who that is.
 * @param {string} path
 * @param {!Object=} options
 * @return {!Promise<!Response>}
 */
export async function ask(path, options = {}) {
  const own = chosen ? engine : await ownEngine();
  return own ? own.fetch(path, options) : fetch(path, options);
}
