import assert from 'node:assert/strict';
import test from 'node:test';

import {crc32, zipped} from '../../../studio/js/zip.js';

const text = (value) => new TextEncoder().encode(value);

test('the check sum is that of the standard', () => {
  assert.equal(crc32(text('123456789')), 0xcbf43926);
  assert.equal(crc32(text('')), 0);
});

test('an archive holds its files, found by its directory', () => {
  const files = [{name: 'mimetype', bytes: text('image/openraster')},
    {name: 'data/a.png', bytes: new Uint8Array([1, 2, 3])}];
  const zip = Buffer.concat(zipped(files));
  // Readers of OpenRaster look for the type at this place.
  assert.equal(zip.toString('latin1', 30, 54), 'mimetypeimage/openraster');
  const end = zip.length - 22;
  assert.equal(zip.readUInt32LE(end), 0x06054b50);
  assert.equal(zip.readUInt16LE(end + 10), files.length);
  let at = zip.readUInt32LE(end + 16);
  assert.equal(at + zip.readUInt32LE(end + 12), end);
  for (const {name, bytes} of files) {
    assert.equal(zip.readUInt32LE(at), 0x02014b50);
    assert.equal(zip.readUInt32LE(at + 16), crc32(bytes));
    assert.equal(zip.readUInt32LE(at + 20), bytes.length);
    const length = zip.readUInt16LE(at + 28);
    assert.equal(zip.toString('latin1', at + 46, at + 46 + length), name);
    const local = zip.readUInt32LE(at + 42);
    assert.equal(zip.readUInt32LE(local), 0x04034b50);
    const begin = local + 30 + zip.readUInt16LE(local + 26);
    assert.deepEqual(
        zip.subarray(begin, begin + bytes.length), Buffer.from(bytes));
    at += 46 + length;
  }
});
