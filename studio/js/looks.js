/**
 * @fileoverview The looks of a face as a value: one or two of them, a mix, and
 * those that were used before.
 */

/**
 * A look: random by its seed, or a photo by the id that the server gave it.
 * `thumb` is a small picture (a data address) or ''. `photo` is the aligned
 * photo (a data address), kept so that it can be sent again when the server
 * has forgotten it; `cut` says that it is to be taken as it is. `whole` is the
 * photo that it was cut from, and `place` how that lay on the paper.
 * @typedef {{
 *   kind: string, seed: (number|undefined), id: (string|undefined),
 *   name: string, thumb: string, photo: (string|undefined),
 *   cut: (boolean|undefined), whole: (string|undefined),
 *   place: (!Object|undefined),
 * }} Look
 */

/**
 * `target` says which of the two the next choice goes to; `mix` is the share
 * of the second, 0 to 1. `traits` says what is changed of both, by the model's
 * ids, -1 to 1; what is not there is not changed.
 * @typedef {{
 *   a: !Look, b: ?Look, mix: number, traits: !Object<string, number>,
 *   target: string, recent: !Array<!Look>,
 * }} Looks
 */

/** How many looks are remembered. */
export const MOST_RECENT = 18;
/** Seeds below this are short enough to read and write down. */
const SEEDS = 10000;
/** How much of a near look is new. */
const NEAR = 0.4;

/**
 * @param {number} seed
 * @return {!Look}
 */
export function randomLook(seed) {
  return {kind: 'seed', seed, name: `Random ${seed}`, thumb: ''};
}

/**
 * @param {string} id
 * @param {string} name
 * @param {string} photo
 * @return {!Look}
 */
export function photoLook(id, name, photo) {
  return {kind: 'photo', id, name, thumb: photo, photo};
}

/**
 * @param {function(): number=} random 0 to 1.
 * @return {number}
 */
export function newSeed(random = Math.random) {
  return 1 + Math.floor(random() * (SEEDS - 1));
}

/** @return {!Looks} */
export function firstLooks() {
  const a = randomLook(7);
  return {a, b: null, mix: 0.5, traits: {}, target: 'a', recent: [a]};
}

/**
 * The looks of a first visit: those of example photos, the first of them in
 * use, unless the person has chosen already.
 * @param {!Looks} looks
 * @param {!Array<!Look>} examples
 * @return {!Looks}
 */
export function withExamples(looks, examples) {
  const [first] = firstLooks().recent;
  const untouched = sameLook(looks.a, first) && !looks.b;
  return {
    ...looks,
    a: untouched && examples.length ? examples[0] : looks.a,
    recent: [
      ...looks.recent.filter((look) => !sameLook(look, first)),
      ...examples,
      first,
    ].slice(0, MOST_RECENT),
  };
}

/**
 * Whether two are the same look.
 * @param {?Look} a
 * @param {?Look} b
 * @return {boolean}
 */
export function sameLook(a, b) {
  return !!a && !!b && a.kind === b.kind &&
      (a.kind === 'seed' ? a.seed === b.seed : a.id === b.id);
}

/**
 * Takes a look for the one that is chosen, and remembers it.
 * @param {!Looks} looks
 * @param {!Look} look
 * @return {!Looks}
 */
export function useLook(looks, look) {
  const known = looks.recent.find((other) => sameLook(other, look));
  const kept = known && !look.thumb ? known : look;
  // Clicking on a remembered one must not move what is under the pointer.
  const recent = known ?
      looks.recent.map((other) => sameLook(other, kept) ? kept : other) :
      [kept, ...looks.recent].slice(0, MOST_RECENT);
  return {...looks, [looks.target]: kept, recent};
}

/**
 * The looks that one comes to by choosing a variation.
 * @param {!Object} looks Those of the studio.
 * @param {string} kind "new" or "near".
 * @param {number} seed
 * @return {!Object}
 */
export function variationOf(looks, kind, seed) {
  const look = randomLook(seed);
  if (kind === 'new') return useLook(withoutSecond(looks), look);
  const base = looks.b && looks.mix > 0.5 ? looks.b : looks.a;
  return {
    ...useLook({...looks, a: base, target: 'b'}, look),
    mix: NEAR, target: 'a',
  };
}

/**
 * Seeds that are all different.
 * @param {number} count
 * @param {function(): number=} next
 * @return {!Array<number>}
 */
export function differentSeeds(count, next = newSeed) {
  const seeds = new Set();
  while (seeds.size < count) seeds.add(next());
  return [...seeds];
}

/**
 * Changes a look wherever it occurs.
 * @param {!Looks} looks
 * @param {!Look} look
 * @param {!Object} change
 * @return {!Looks}
 */
export function changeLook(looks, look, change) {
  const next = (other) =>
    sameLook(other, look) ? {...other, ...change} : other;
  return {
    ...looks,
    a: next(looks.a),
    b: looks.b && next(looks.b),
    recent: looks.recent.map(next),
  };
}

/**
 * Puts a look in another one's place: where it is used and where it is
 * remembered.
 * @param {!Looks} looks
 * @param {!Look} look
 * @param {!Look} next
 * @return {!Looks}
 */
export function exchangeLook(looks, look, next) {
  const other = (one) => sameLook(one, look) ? next : one;
  return {
    ...looks,
    a: other(looks.a),
    b: looks.b && other(looks.b),
    recent: looks.recent.filter((one) =>
      sameLook(one, look) || !sameLook(one, next)).map(other),
  };
}

/**
 * @param {!Looks} looks
 * @return {!Looks}
 */
export function withoutSecond(looks) {
  return {...looks, b: null, target: 'a'};
}

/**
 * The only look that takes part, or null when two do.
 * @param {!Looks} looks
 * @return {?Look}
 */
export function onlyLook({a, b, mix}) {
  if (!b || mix <= 0 || sameLook(a, b)) return a;
  return mix >= 1 ? b : null;
}

/**
 * The part of a request that says how the face looks.
 * @param {!Looks} looks
 * @return {!Object}
 */
export function appearanceOf(looks) {
  const one = (look) =>
    look.kind === 'seed' ? {seed: look.seed} : {id: look.id};
  const only = onlyLook(looks);
  const traits = Object.entries(looks.traits ?? {})
      .filter(([, amount]) => amount).sort();
  const rest = traits.length ? {traits: Object.fromEntries(traits)} : {};
  if (only) return {...one(only), ...rest};
  return {
    mix: [
      {...one(looks.a), weight: Math.round((1 - looks.mix) * 1000) / 1000},
      {...one(looks.b), weight: Math.round(looks.mix * 1000) / 1000},
    ],
    ...rest,
  };
}

/**
 * Looks without traits that the model does not have.
 * @param {!Looks} looks
 * @param {!Array<{id: string}>=} known
 * @return {!Looks}
 */
export function withKnownTraits(looks, known = []) {
  return {
    ...looks,
    traits: Object.fromEntries(Object.entries(looks.traits ?? {}).filter(
        ([id]) => known.some((trait) => trait.id === id))),
  };
}

/**
 * @param {!Looks} looks
 * @param {string} id
 * @param {number} amount 0: not changed any more.
 * @return {!Looks}
 */
export function changeTrait(looks, id, amount) {
  const {[id]: gone, ...traits} = looks.traits;
  return {...looks, traits: amount ? {...traits, [id]: amount} : traits};
}

/**
 * The photos that take part.
 * @param {!Looks} looks
 * @return {!Array<!Look>}
 */
export function photosOf({a, b}) {
  return [a, b].filter((look) => look && look.kind === 'photo');
}
