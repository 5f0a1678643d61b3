import assert from 'node:assert/strict';
import {test} from 'node:test';

import {closeUnusedBitmaps} from '../../../studio/js/bitmaps.js';
import {initialState} from '../../../studio/js/state.js';
import {Store} from '../../../studio/js/store.js';

/** A face whose picture counts how often it was closed. */
function face() {
  const bitmap = {closed: 0};
  bitmap.close = () => ++bitmap.closed;
  return {bitmap};
}

const closed = (...faces) => faces.map(({bitmap}) => bitmap.closed > 0);

test('a picture is closed when nothing shows it any more', () => {
  const store = new Store(initialState());
  closeUnusedBitmaps(store);
  const [one, two, three, four] = [face(), face(), face(), face()];
  store.set({face: one});
  store.set({still: one, face: two});
  assert.deepEqual(closed(one, two), [false, false]);
  store.set({still: two, face: two});
  assert.deepEqual(closed(one, two), [true, false]);
  // A result, and the one beside it, are seen on.
  store.set({results: [{...two, pinned: true}, {bitmap: null, pinned: true}]});
  store.set({face: three, still: three});
  assert.deepEqual(closed(two, three), [false, false]);
  store.set({other: store.get().results[0]});
  store.set({results: []});
  assert.deepEqual(closed(two, three), [false, false]);
  store.set({other: null});
  assert.deepEqual(closed(two, three), [true, false]);
  store.set({face: four});
  store.set({face: null, still: null});
  assert.deepEqual(closed(three, four), [true, true]);
});

test('what is set while others hear of a face stays open', () => {
  const store = new Store(initialState());
  store.on(['still'], ({still}) => store.set({results: [still]}));
  closeUnusedBitmaps(store);
  const [one, two] = [face(), face()];
  store.set({face: one, still: one});
  store.set({face: two});
  assert.deepEqual(closed(one, two), [false, false]);
  store.set({still: two});
  assert.deepEqual(closed(one, two), [true, false]);
});
