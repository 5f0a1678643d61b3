import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';

import * as colour from '../../../studio/js/colour.js';

const root = new URL('../../../', import.meta.url);
const CLASSES = [...readFileSync(new URL('src/sketch/classes.cc', root), 'utf8')
    .matchAll(/\{\d+, "[^"]+", \{(\d+), (\d+), (\d+)\}\}/g)]
    .map((m) => colour.toHex(m.slice(1).map(Number))).slice(1);

test('contrast is that of WCAG', () => {
  const c = (a, b) => colour.contrast(colour.parseHex(a), colour.parseHex(b));
  assert.ok(Math.abs(c('#000000', '#ffffff') - 21) < 1e-9);
  assert.ok(Math.abs(c('#777777', '#ffffff') - 4.48) < 0.01);
  assert.equal(c('#123456', '#123456'), 1);
});

test('every class can be seen on light and on dark paper', () => {
  assert.equal(CLASSES.length, 22);
  for (const paper of ['#ffffff', '#1b1d21', '#faf9f7', '#1d2024']) {
    for (const shade of CLASSES) {
      const seen = colour.visibleOn(shade, paper);
      assert.ok(colour.contrast(colour.parseHex(seen),
          colour.parseHex(paper)) >= 2.95, `${shade} as ${seen} on ${paper}`);
    }
  }
});

test('colours that can be seen stay as they are', () => {
  assert.equal(colour.visibleOn('#8c39c5', '#ffffff'), '#8c39c5');
  assert.equal(colour.visibleOn('#aec7e8', '#1b1d21'), '#aec7e8');
});

test('what is no colour is refused', () => {
  assert.throws(() => colour.parseHex('red'), /not a colour/);
});
