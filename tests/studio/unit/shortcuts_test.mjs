import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';

import {shortcutFor, shortcutsOf} from '../../../studio/js/shortcuts.js';

/** A studio that notes what was asked of it. */
function noting() {
  const called = [];
  const anything = (path) => new Proxy(() => {}, {
    get: (_, name) => anything(`${path}.${String(name)}`),
    apply: (_, self, values) => {
      called.push(`${path}(${values.map((v) => JSON.stringify(v))})`);
      return {compare: 'side'};
    },
  });
  return {called, studio: anything('studio')};
}

function press(key, rest = {}) {
  const {called, studio} = noting();
  const event = {key, ...rest};
  shortcutFor(shortcutsOf(studio), event)?.run(event);
  return called;
}

test('keys do what they say', () => {
  assert.deepEqual(press('e'), ['studio.store.set({"tool":"eraser"})']);
  assert.deepEqual(press('z', {ctrlKey: true}), ['studio.actions.undo()']);
  assert.deepEqual(
      press('Z', {metaKey: true, shiftKey: true}),
      ['studio.actions.redo()']);
  assert.deepEqual(
      press('M', {shiftKey: true}), ['studio.actions.mirrorCopy()']);
  assert.deepEqual(
      press('m'), ['studio.actions.toggle("mirror","Mirror mode")']);
  assert.deepEqual(
      press('ArrowLeft', {shiftKey: true}),
      ['studio.actions.nudge(-16,0)']);
  assert.deepEqual(press('.'), ['studio.actions.walk(1)']);
});

test('keys of the browser stay the browser\'s', () => {
  assert.deepEqual(press('e', {ctrlKey: true}), []);
  assert.deepEqual(press('v', {ctrlKey: true}), []);
  assert.deepEqual(press('r', {ctrlKey: true}), []);
  assert.deepEqual(press('b', {altKey: true}), []);
  assert.deepEqual(press('Tab'), []);
});

test('no two shortcuts want the same keys', () => {
  const seen = new Set();
  for (const {keys, mod, shift} of shortcutsOf(noting().studio)) {
    for (const key of keys) {
      for (const pressed of shift === undefined ? [true, false] : [shift]) {
        const name = `${key} ${!!mod} ${pressed}`;
        assert.ok(!seen.has(name), name);
        seen.add(name);
      }
    }
  }
});

test('the page of the documentation lists every shortcut', () => {
  const page = readFileSync(
      new URL('../../../docs/studio.md', import.meta.url), 'utf8');
  for (const {group, show, text} of shortcutsOf(noting().studio)) {
    if (group) assert.ok(page.includes(`| ${show} | ${text} |`), show);
  }
});
