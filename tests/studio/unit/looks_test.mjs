import assert from 'node:assert/strict';
import test from 'node:test';

import * as l from '../../../studio/js/looks.js';

const photo = l.photoLook('a'.repeat(32), 'Ada', 'data:image/jpeg;base64,AA');

test('one look is sent as it is', () => {
  assert.deepEqual(l.appearanceOf(l.firstLooks()), {seed: 7});
  const looks = l.useLook(l.firstLooks(), photo);
  assert.deepEqual(l.appearanceOf(looks), {id: photo.id});
  assert.deepEqual(l.photosOf(looks), [photo]);
});

test('two looks are mixed; at the ends of the slider there is one', () => {
  const looks = l.useLook({...l.firstLooks(), target: 'b', mix: 0.3}, photo);
  assert.deepEqual(l.appearanceOf(looks), {
    mix: [{seed: 7, weight: 0.7}, {id: photo.id, weight: 0.3}],
  });
  assert.deepEqual(l.appearanceOf({...looks, mix: 0}), {seed: 7});
  assert.deepEqual(l.appearanceOf({...looks, mix: 1}), {id: photo.id});
  assert.deepEqual(l.appearanceOf(l.withoutSecond(looks)), {seed: 7});
});

test('examples come first on a first visit, but not before a choice', () => {
  const fresh = l.withExamples(l.firstLooks(), [photo]);
  assert.deepEqual(fresh.a, photo);
  assert.deepEqual(fresh.recent, [photo, l.randomLook(7)]);
  assert.deepEqual(l.withExamples(l.firstLooks(), []), l.firstLooks());
  const chosen = l.useLook(l.firstLooks(), l.randomLook(8));
  const later = l.withExamples(chosen, [photo]);
  assert.deepEqual(later.a, l.randomLook(8));
  assert.deepEqual(
      later.recent, [l.randomLook(8), photo, l.randomLook(7)]);
});

test('looks are remembered once, the newest first, and not without end',
    () => {
      let looks = l.firstLooks();
      for (let seed = 100; seed < 100 + l.MOST_RECENT + 5; ++seed) {
        looks = l.useLook(looks, l.randomLook(seed));
      }
      assert.equal(looks.recent.length, l.MOST_RECENT);
      assert.equal(looks.recent[0].seed, 100 + l.MOST_RECENT + 4);
      const again = l.useLook(looks, looks.recent[3]);
      assert.deepEqual(again.recent, looks.recent);
      assert.equal(again.a, looks.recent[3]);
    });

test('a picture or a new id reaches a look wherever it is', () => {
  let looks = l.useLook(l.firstLooks(), photo);
  looks = l.changeLook(looks, photo, {id: 'b'.repeat(32)});
  assert.equal(looks.a.id, 'b'.repeat(32));
  assert.equal(looks.recent[0].id, 'b'.repeat(32));
  assert.equal(looks.recent[1].seed, 7);
});

test('seeds are whole numbers above 0', () => {
  for (const random of [0, 0.5, 0.999999]) {
    const seed = l.newSeed(() => random);
    assert.ok(Number.isInteger(seed) && seed > 0);
  }
});

test('traits are sent when they are changed and the model has them', () => {
  const hair = l.changeTrait(l.firstLooks(), 'hair', 0.5);
  assert.deepEqual(l.appearanceOf(hair), {seed: 7, traits: {hair: 0.5}});
  const both = l.changeTrait(hair, 'skin', -1);
  assert.deepEqual(l.appearanceOf(l.withKnownTraits(both, [{id: 'skin'}])),
      {seed: 7, traits: {skin: -1}});
  assert.deepEqual(
      l.appearanceOf(l.withKnownTraits(both, undefined)), {seed: 7});
  assert.deepEqual(l.appearanceOf(
      l.changeTrait(l.changeTrait(both, 'hair', 0), 'skin', 0)), {seed: 7});
  const two = l.useLook({...hair, target: 'b'}, photo);
  assert.deepEqual(l.appearanceOf(two).traits, {hair: 0.5});
});

test('a variation is another look, or one near what there is', () => {
  const looks = l.changeTrait(l.useLook(l.firstLooks(), photo), 'hair', 1);
  const fresh = l.variationOf(looks, 'new', 42);
  assert.deepEqual(l.appearanceOf(fresh), {seed: 42, traits: {hair: 1}});
  const near = l.variationOf(looks, 'near', 42);
  assert.deepEqual(near.a, photo);
  assert.equal(near.b.seed, 42);
  assert.ok(near.mix > 0.2 && near.mix < 0.5);
  // Near what is seen most of.
  const second = l.variationOf({...near, mix: 0.9}, 'near', 43);
  assert.equal(second.a.seed, 42);
  assert.equal(second.b.seed, 43);
  assert.equal(l.variationOf(near, 'new', 44).b, null);
});

test('seeds of variations are all different', () => {
  const given = [3, 3, 5, 3, 8];
  assert.deepEqual(l.differentSeeds(3, () => given.shift()), [3, 5, 8]);
});

test('one look takes another one\'s place', () => {
  const looks = l.useLook({...l.firstLooks(), target: 'b'}, photo);
  const cut = {...photo, id: 'c'.repeat(32), cut: true};
  const next = l.exchangeLook(looks, photo, cut);
  assert.equal(next.b, cut);
  assert.equal(next.a.seed, 7);
  assert.deepEqual(next.recent, [cut, l.randomLook(7)]);
  assert.deepEqual(l.exchangeLook(next, cut, cut).recent, next.recent);
});
