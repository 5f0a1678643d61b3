import assert from 'node:assert/strict';
import test from 'node:test';

import {PartReader} from '../../../studio/js/multipart.js';

const MARK = '--limner-part-1';
const bytes = (text) => new Uint8Array(Buffer.from(text, 'latin1'));

function part(body, more = '') {
  return `${MARK}\r\nContent-Type: image/png\r\nContent-Length: ` +
      `${body.length}\r\n${more}\r\n${body}\r\n`;
}

function read(pieces) {
  const parts = [];
  const reader = new PartReader(({headers, body}) => parts.push(
      [headers.get('content-type'), headers.get('x-limner-index'),
        Buffer.from(body).toString('latin1')]));
  for (const piece of pieces) reader.add(piece);
  return {parts, whole: reader.whole};
}

test('parts are told as they become whole, however they are cut', () => {
  const tricky = `\r\n\r\n${MARK}--\r\n\xff\x00`;
  const text = part(tricky, 'X-Limner-Index: 0\r\n') +
      part('', 'x-limner-index:1\r\n') + `${MARK}--\r\n`;
  const wanted = [['image/png', '0', tricky], ['image/png', '1', '']];
  for (const size of [1, 2, 7, 50, 10000]) {
    const pieces = [];
    for (let i = 0; i < text.length; i += size) {
      pieces.push(bytes(text.slice(i, i + size)));
    }
    assert.deepEqual(read(pieces), {parts: wanted, whole: true}, `${size}`);
  }
  const half = read([bytes(text.slice(0, part(tricky).length + 30))]);
  assert.equal(half.parts.length, 1);
  assert.equal(half.whole, false);
});

test('what is no multipart is refused', () => {
  assert.throws(() => read([bytes(`${MARK}\r\nA: b\r\n\r\nbody`)]), /length/);
  assert.throws(() => read([bytes('x'.repeat(5000))]), /no parts/);
});
