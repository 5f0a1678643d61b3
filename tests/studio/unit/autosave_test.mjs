import assert from 'node:assert/strict';
import test from 'node:test';

import {keptText, patchOf} from '../../../studio/js/autosave.js';
import {addStrokes, emptyDrawing} from '../../../studio/js/drawing.js';
import {startHistory} from '../../../studio/js/history.js';
import {photoLook, useLook} from '../../../studio/js/looks.js';
import {initialState} from '../../../studio/js/state.js';

function worked() {
  const state = initialState();
  const photo = photoLook('c'.repeat(32), 'Ada', 'data:image/jpeg;base64,AA');
  return {
    ...state,
    history: startHistory(addStrokes(emptyDrawing(), [
      {points: [[1, 2], [30, 40]], pressure: null, fixed: 15},
    ])),
    looks: useLook({...state.looks, target: 'b', mix: 0.25}, photo),
    trace: {bitmap: {}, address: 'data:image/jpeg;base64,BB', opacity: 0.3,
      shown: false},
    theme: 'dark',
    mirror: true,
  };
}

test('what is kept comes back', () => {
  const state = worked();
  const {patch, trace} = patchOf(keptText(state, true), initialState());
  assert.deepEqual(patch.history.present.strokes,
      state.history.present.strokes);
  assert.deepEqual(patch.looks, state.looks);
  assert.equal(patch.theme, 'dark');
  assert.equal(patch.mirror, true);
  assert.deepEqual(trace,
      {address: 'data:image/jpeg;base64,BB', opacity: 0.3, shown: false});
});

test('without room pictures are left out, and the rest is kept', () => {
  const text = keptText(worked(), false);
  assert.ok(!text.includes('data:image'));
  const {patch, trace} = patchOf(text, initialState());
  assert.equal(patch.looks.b.id, 'c'.repeat(32));
  assert.equal(patch.history.present.strokes.length, 1);
  assert.equal(trace, null);
});

test('what others wrote there does no harm', () => {
  for (const text of ['', '{', '{}', '{"version":1}', 'null',
    '{"version":1,"drawing":{"format":"limner-drawing","version":1}}']) {
    assert.equal(patchOf(text, initialState()), null, text);
  }
  const odd = JSON.parse(keptText(worked(), true));
  odd.settings = {tool: 'rocket', mirror: 'yes', theme: 'dark'};
  odd.looks = {a: {kind: 'seed', seed: -1}, recent: 4};
  const {patch} = patchOf(JSON.stringify(odd), initialState());
  assert.equal(patch.mirror, undefined);
  assert.equal(patch.tool, undefined);
  assert.equal(patch.looks.a.seed, 7);
});
