import assert from 'node:assert/strict';
import test from 'node:test';

import {
  commit,
  MOST_STEPS,
  redo,
  startHistory,
  undo,
} from '../../../studio/js/history.js';

test('undo and redo walk back and forth', () => {
  let history = startHistory('a');
  for (const state of ['b', 'c']) history = commit(history, state);
  history = undo(history);
  assert.equal(history.present, 'b');
  history = undo(history);
  assert.equal(history.present, 'a');
  assert.equal(undo(history), history);
  history = redo(redo(history));
  assert.equal(history.present, 'c');
  assert.equal(redo(history), history);
});

test('a new step forgets what was undone', () => {
  const history = commit(undo(commit(startHistory('a'), 'b')), 'c');
  assert.equal(redo(history).present, 'c');
  assert.equal(undo(history).present, 'a');
});

test('the same state is no step', () => {
  const history = commit(startHistory('a'), 'b');
  assert.equal(commit(history, 'b'), history);
});

test('memory is bounded', () => {
  let history = startHistory(0);
  for (let i = 1; i <= MOST_STEPS + 50; ++i) history = commit(history, i);
  assert.equal(history.past.length, MOST_STEPS);
  assert.equal(history.past[0], 50);
});
