import assert from 'node:assert/strict';
import test from 'node:test';

import {
  freshName, fromShared, otherName, sharedText,
} from '../../../studio/js/autosave.js';
import {addStrokes, emptyDrawing} from '../../../studio/js/drawing.js';
import {sameFace, sceneOf, step, undo} from '../../../studio/js/history.js';
import {
  ALL, fromKept, keptText, LESS, traceFrom,
} from '../../../studio/js/keeping.js';
import {changeTrait, photoLook, useLook} from '../../../studio/js/looks.js';
import {WHOLE} from '../../../studio/js/photo_place.js';
import {initialState} from '../../../studio/js/state.js';

const PLACE = {x: 300, y: 200, scale: 1.5, turn: -8, crop: [0, 0.1, 0, 0]};

function worked() {
  let state = initialState();
  const photo = photoLook('c'.repeat(32), 'Ada', 'data:image/jpeg;base64,AA');
  const lines = [
    {points: [[1, 2], [30, 40]], pressure: null, fixed: 15},
    {points: [[5, 6], [70, 80]], pressure: [0.25, 0.5], fixed: 0},
  ];
  for (const line of lines) {
    state = {...state, ...step(state, {
      drawing: addStrokes(state.history.present, [line])})};
  }
  state = {...state, ...step(state, {
    looks: changeTrait(
        useLook({...state.looks, target: 'b', mix: 0.25}, photo), 'hair', -0.5),
    hidden: new Set([15]),
  })};
  return {
    ...state,
    name: 'Ada',
    labels: new Map([[2, {class: 6, confidence: 0.5, doubtful: true}],
      [99, {class: 1, confidence: 1, doubtful: false}]]),
    trace: {bitmap: {}, address: 'data:image/jpeg;base64,BB', opacity: 0.3,
      shown: false, place: PLACE},
    theme: 'dark',
    mirror: true,
  };
}

const reopened = (state, text) =>
  ({...initialState(), ...fromKept(text).patch, looks: {
    ...initialState().looks, ...fromKept(text).patch.looks}});

test('a drawing comes back with its looks, and what is hidden', () => {
  const state = worked();
  const {patch, trace, changed} = fromKept(keptText(state, ALL, 1234));
  assert.equal(changed, 1234);
  assert.equal(patch.name, 'Ada');
  assert.deepEqual(patch.history.present, state.history.present);
  assert.deepEqual(patch.hidden, new Set([15]));
  assert.deepEqual([...patch.labels], [[2, state.labels.get(2)]]);
  assert.deepEqual(patch.looks,
      {a: state.looks.a, b: state.looks.b, mix: 0.25, traits: {hair: -0.5}});
  assert.deepEqual(trace, {
    address: 'data:image/jpeg;base64,BB', opacity: 0.3, shown: false,
    place: PLACE,
  });
  assert.deepEqual(traceFrom(trace), trace);
  assert.deepEqual(traceFrom({address: trace.address}).place, WHOLE);
  assert.equal(traceFrom({address: 'https://example.org/x.jpg'}), null);
});

test('undo goes on after that', () => {
  let state = reopened(worked(), keptText(worked(), ALL, 0));
  state = {...state, ...undo(state)};
  assert.equal(state.hidden.size, 0);
  assert.equal(state.looks.b, null);
  assert.deepEqual(state.looks.traits, {});
  state = {...state, ...undo(state)};
  assert.equal(state.history.present.strokes.length, 1);
  state = {...state, ...undo(state)};
  assert.equal(state.history.present.strokes.length, 0);
});

test('pinned results come back, others do not', () => {
  const state = worked();
  const scene = sceneOf(state);
  const result = (number, pinned) => (
    {number, pinned, scene, bitmap: {}, thumb: 'data:image/jpeg;base64,CC'});
  const text = keptText(
      {...state, results: [result(1, false), result(2, true)]}, ALL, 0);
  const {results} = fromKept(text).patch;
  assert.deepEqual(results.map(({number}) => number), [2]);
  assert.ok(sameFace(results[0].scene, scene));
  assert.equal(results[0].bitmap, null);
});

test('a step is kept as what it has of all lines, in few words', () => {
  const lines = Array.from({length: 300}, (_, i) => ({points: [[i, i]]}));
  let state = {...initialState(), ...step(initialState(), {
    drawing: addStrokes(emptyDrawing(), lines)})};
  const {strokes} = state.history.present;
  state = {...state, ...step(state, {drawing: {
    ...state.history.present, strokes: strokes.filter((_, i) => i !== 7)}})};
  const text = keptText(state, ALL, 0);
  const kept = JSON.parse(text);
  assert.deepEqual(
      kept.past.map((scene) => scene.strokes), [[], [[0, 6], 299, [7, 298]]]);
  // As earlier studios wrote it: each line by its number.
  kept.past[1].strokes =
      [0, 1, 2, 3, 4, 5, 6, 299, ...Array.from({length: 292}, (_, i) => i + 7)];
  for (const each of [text, JSON.stringify(kept)]) {
    const {past} = fromKept(each).patch.history;
    assert.deepEqual(past[1].drawing.strokes.map(({id}) => id),
        strokes.map(({id}) => id));
  }
});

test('without room steps and pictures are left out, and the rest is kept',
    () => {
      const texts = LESS.map((room) => keptText(worked(), room, 0));
      assert.ok(texts[1].length < texts[0].length);
      assert.ok(!texts[2].includes('data:image'));
      for (const text of texts) {
        const {patch} = fromKept(text);
        assert.equal(patch.looks.b.id, 'c'.repeat(32));
        assert.equal(patch.history.present.strokes.length, 2);
      }
    });

test('what others wrote there does no harm', () => {
  const good = JSON.parse(keptText(worked(), ALL, 0));
  const odd = (change) => JSON.stringify({...good, ...change});
  for (const text of ['', '{', '{}', '{"version":2}', 'null',
    odd({present: [7]}), odd({strokes: [{points: 'x'}]}),
    odd({past: [{strokes: [-1]}]}), odd({present: [[0, 7]]}),
    odd({present: [[1, 0]]}), odd({present: [[0.5, 1]]}), odd({present: ['0']}),
  ]) {
    assert.equal(fromKept(text), null, text);
  }
  const {patch} = fromKept(odd({
    looks: {a: {kind: 'seed', seed: -1}}, hidden: 'all', faithful: 3,
    pins: [{...good.past[0], number: 'x', thumb: 'https://other.example/'}],
  }));
  assert.equal(patch.looks.a.seed, 7);
  assert.equal(patch.hidden.size, 0);
  assert.equal(patch.faithful, 'auto');
  assert.equal(patch.results[0].thumb, '');
});

test('settings and looks are shared by all drawings', () => {
  const state = worked();
  const kept = fromShared(sharedText(state, true), initialState());
  assert.equal(kept.settings.theme, 'dark');
  assert.equal(kept.settings.mirror, true);
  assert.deepEqual(kept.recent, state.looks.recent);
  assert.ok(!sharedText(state, false).includes('data:image'));
  const odd = JSON.parse(sharedText(state, true));
  odd.settings = {tool: 'rocket', mirror: 'yes', theme: 'dark'};
  odd.recent = [{kind: 'seed', seed: -1}, {kind: 'seed', seed: 3}];
  const taken = fromShared(JSON.stringify(odd), initialState());
  assert.deepEqual(taken.settings, {theme: 'dark'});
  assert.deepEqual(taken.recent, [{kind: 'seed', seed: 3}]);
  for (const text of [null, '', '[]', '{"version":9}']) {
    assert.equal(fromShared(text, initialState()), null);
  }
});

test('the drawing of an earlier studio is found', () => {
  const {old} = fromShared(JSON.stringify({
    version: 1,
    drawing: {format: 'limner-drawing', version: 1, side: 512,
      strokes: [{points: [[1, 2], [3, 4]], class: 6, fixed: true}]},
    looks: {a: {kind: 'seed', seed: 5, name: 'Random 5', thumb: ''}},
    settings: {},
  }), initialState());
  assert.equal(old.history.present.strokes[0].fixed, 6);
  assert.equal(old.looks.a.seed, 5);
});

test('new drawings get names of their own', () => {
  assert.equal(freshName([]), 'Drawing 1');
  assert.equal(freshName(['Drawing 2']), 'Drawing 3');
  assert.equal(otherName('Ada', ['Bob']), 'Ada');
  assert.equal(otherName('Ada', ['Ada', 'Ada (2)']), 'Ada (3)');
  assert.deepEqual(emptyDrawing().strokes, []);
});
