/**
 * @fileoverview A drawing with its looks and settings in one file, .limner
 * (JSON), that gives the same face elsewhere; and in the fragment of a link.
 */

import {toFile, fromJson} from './format.js';
import {
  faithfulFrom,
  hiddenFrom,
  isLook,
  looksFrom,
  pictureAddress,
  traceFrom,
} from './keeping.js';
import {randomLook} from './looks.js';
import {placeFrom} from './photo_place.js';

const FORMAT = 'limner-project';
const VERSION = 1;
/** Longer links are cut off by some programs. */
export const LONGEST_LINK = 8000;

/**
 * @param {!Object} state
 * @param {string} thumbnail The address of a small picture, or ''.
 * @return {!Object}
 */
export function toProject(state, thumbnail) {
  const {history, labels, looks, hidden, faithful, name, models, trace} =
      state;
  const look = (one) => one && {...one, thumb: one.thumb ?? ''};
  return {
    format: FORMAT,
    version: VERSION,
    name,
    drawing: toFile(history.present.strokes, labels),
    looks: {
      a: look(looks.a), b: look(looks.b), mix: looks.mix, traits: looks.traits,
    },
    settings: {hidden: [...hidden], faithful},
    trace: traceFrom(trace),
    model: models?.model ?
        {name: models.model.name, size: models.model.size} : null,
    thumbnail,
  };
}

/** @param {*} json */
export const isProject = (json) => json?.format === FORMAT;

/**
 * @param {*} json
 * @return {!Object} {name, drawing, looks, hidden, faithful, trace}
 * @throws {Error} with what is wrong.
 */
export function fromProject(json) {
  if (!isProject(json) || json.version !== VERSION) {
    throw new Error('This is not a .limner file that this studio reads.');
  }
  if (!isLook(json.looks?.a)) throw new Error('The file has no looks.');
  const picture = (one) => one && {
    ...one,
    name: String(one.name ?? '').slice(0, 40),
    thumb: pictureAddress(one.thumb),
    photo: pictureAddress(one.photo) || undefined,
    whole: pictureAddress(one.whole) || undefined,
    place: one.place && placeFrom(one.place),
  };
  const {a, b, mix, traits} = looksFrom(json.looks);
  return {
    name: typeof json.name === 'string' ? json.name.slice(0, 80) : '',
    drawing: fromJson(json.drawing),
    looks: {a: picture(a), b: picture(b), mix, traits},
    hidden: hiddenFrom(json.settings?.hidden),
    faithful: faithfulFrom(json.settings?.faithful),
    trace: traceFrom(json.trace),
  };
}

/**
 * The fragment of a link: strokes as differences of whole hundredths, packed.
 * Photos have no room in it: their place takes a random look.
 * @param {!Object} state
 * @return {!Promise<string>}
 */
export async function toFragment(state) {
  const {history, looks, hidden, faithful} = state;
  const lines = history.present.strokes.map(({fixed, points, pressure}) => {
    const numbers = [fixed];
    let [x, y] = [0, 0];
    for (const point of points) {
      const [nx, ny] = point.map((v) => Math.round(100 * v));
      numbers.push(nx - x, ny - y);
      [x, y] = [nx, ny];
    }
    return pressure ?
        [numbers, pressure.map((p) => Math.round(100 * p))] : [numbers];
  });
  const seed = (look) => look && (look.kind === 'seed' ? look.seed : 7);
  const text = JSON.stringify([
    VERSION, lines, seed(looks.a), seed(looks.b), looks.mix, [...hidden],
    faithful, looks.traits,
  ]);
  const packed = await through(
      new CompressionStream('deflate-raw'), new TextEncoder().encode(text));
  return `#d=${base64url(packed)}`;
}

/**
 * @param {string} fragment Of an address.
 * @return {!Promise<?Object>} As fromProject(); null when it holds no drawing.
 * @throws {Error} when it is damaged.
 */
export async function fromFragment(fragment) {
  if (!fragment.startsWith('#d=')) return null;
  try {
    const bytes = Uint8Array.from(
        atob(fragment.slice(3).replace(/-/g, '+').replace(/_/g, '/')),
        (c) => c.charCodeAt(0));
    const text = new TextDecoder().decode(
        await through(new DecompressionStream('deflate-raw'), bytes));
    const [version, lines, a, b, mix, hidden, faithful, traits] =
        JSON.parse(text);
    const strokes = lines.map(([[fixed, ...numbers], pressure]) => {
      const points = [];
      let [x, y] = [0, 0];
      for (let i = 0; i + 1 < numbers.length; i += 2) {
        [x, y] = [x + numbers[i], y + numbers[i + 1]];
        points.push([x / 100, y / 100]);
      }
      return {points, class: fixed, fixed: true,
        pressure: pressure?.map((p) => p / 100)};
    });
    const look = (seed) => seed === null ? null : randomLook(seed);
    return fromProject({
      format: FORMAT, version, name: '',
      drawing: {format: 'limner-drawing', version: 1, side: 512, strokes},
      looks: {a: look(a), b: look(b), mix, traits},
      settings: {hidden, faithful},
    });
  } catch {
    throw new Error('The link is damaged: its drawing cannot be read.');
  }
}

async function through(stream, bytes) {
  const packed = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function base64url(bytes) {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
}
