import assert from 'node:assert/strict';
import test from 'node:test';

import {addStrokes, emptyDrawing} from '../../../studio/js/drawing.js';
import {
  MOST_STEPS, redo, sameFace, sceneOf, step, undo,
} from '../../../studio/js/history.js';
import {changeLook, randomLook, useLook} from '../../../studio/js/looks.js';
import {initialState} from '../../../studio/js/state.js';

/** A state in which a line was drawn. */
function drawn(state, x) {
  return {...state, ...step(state, {drawing: addStrokes(
      state.history.present, [{points: [[x, 0], [x, 9]]}])})};
}

const look = (state, seed) => (
  {...state, ...step(state, {looks: useLook(state.looks, randomLook(seed))})});
const walk = (state, way) => ({...state, ...way(state)});
const lines = ({history}) => history.present.strokes.length;

test('drawing, looks and what is hidden are one history', () => {
  let state = look(drawn(initialState(), 1), 31);
  state = {...state, ...step(state, {hidden: new Set([15])})};
  state = walk(state, undo);
  assert.deepEqual([...state.hidden], []);
  assert.equal(state.looks.a.seed, 31);
  state = walk(state, undo);
  assert.equal(state.looks.a.seed, 7);
  assert.equal(lines(state), 1);
  state = walk(state, undo);
  assert.equal(lines(state), 0);
  assert.equal(undo(state), null);
  state = walk(walk(walk(state, redo), redo), redo);
  assert.equal(lines(state), 1);
  assert.equal(state.looks.a.seed, 31);
  assert.deepEqual([...state.hidden], [15]);
  assert.equal(redo(state), null);
});

test('a new step forgets what was undone', () => {
  let state = drawn(drawn(initialState(), 1), 2);
  state = drawn(walk(state, undo), 3);
  assert.equal(redo(state), null);
  assert.equal(state.history.present.strokes[1].points[0][0], 3);
});

test('what leaves the scene as it is is no step', () => {
  const state = drawn(initialState(), 1);
  const {history} = state;
  assert.equal(step(state, {drawing: history.present}).history, undefined);
  assert.equal(step(state, {hidden: new Set()}).history, undefined);
  const aimed = step(state, {looks: {...state.looks, target: 'b'}});
  assert.equal(aimed.history, undefined);
  assert.equal(aimed.looks.target, 'b');
});

test('the same lines, looks and hidden classes are the same face', () => {
  const one = drawn(initialState(), 1);
  const {present} = one.history;
  const changed = (patch) => ({...one, history: {...one.history, present: {
    ...present, strokes: present.strokes.map((s) => ({...s, ...patch}))}}});
  const same = (state) => sameFace(sceneOf(one), sceneOf(state));
  assert.ok(same(changed({id: 99, points: [[1, 0], [1, 9]]})));
  for (const other of [
    drawn(initialState(), 2), drawn(one, 1), initialState(), look(one, 31),
    {...one, hidden: new Set([15])}, {...one, faithful: 0.5},
    changed({fixed: 3}),
  ]) {
    assert.ok(!same(other));
  }
});

test('a change that goes on is one step', () => {
  let state = look({...initialState(), looks: {
    ...initialState().looks, target: 'b'}}, 8);
  const before = state.history.past.length;
  for (const mix of [0.1, 0.2, 0.3]) {
    state = {...state, ...step(state, {looks: {...state.looks, mix}}, 'mix')};
  }
  assert.equal(state.history.past.length, before + 1);
  assert.equal(walk(state, undo).looks.mix, 0.5);
  state = {...state, history: {...state.history, open: ''}};
  state = {...state, ...step(
      state, {looks: {...state.looks, mix: 0.9}}, 'mix')};
  assert.equal(walk(state, undo).looks.mix, 0.3);
});

test('a look that comes back has its newest picture', () => {
  let state = look(initialState(), 8);
  state = {...state,
    looks: changeLook(state.looks, randomLook(7), {thumb: 'data:new'})};
  assert.equal(walk(state, undo).looks.a.thumb, 'data:new');
});

test('memory is bounded', () => {
  let state = initialState();
  for (let i = 0; i < MOST_STEPS + 50; ++i) {
    state = {...state, ...step(state, {drawing: {...emptyDrawing(), i}})};
  }
  assert.equal(state.history.past.length, MOST_STEPS);
  assert.equal(state.history.past[0].drawing.i, 49);
});
