/**
 * @fileoverview Files in one ZIP archive, stored as they are (APPNOTE.TXT of
 * PKWARE, version 6.3): enough for pictures, which are packed already.
 */

const TABLE = Array.from({length: 256}, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; ++k) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

/**
 * @param {!Uint8Array} bytes
 * @return {number} The CRC-32 of ISO 3309.
 */
export function crc32(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = TABLE[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** Numbers of 2 or 4 bytes each, the least significant byte first. */
function record(...fields) {
  const bytes = [];
  for (const [size, value] of fields) {
    for (let i = 0; i < size; ++i) bytes.push((value >>> (8 * i)) & 255);
  }
  return new Uint8Array(bytes);
}

/** 1980-01-01, the first day there is: archives of the same are the same. */
const DAY = 33;

/**
 * @param {!Array<{name: string, bytes: !Uint8Array}>} files Names in ASCII.
 * @return {!Array<!Uint8Array>} The archive in pieces.
 */
export function zipped(files) {
  const pieces = [];
  const directory = [];
  let offset = 0;
  const push = (list, ...parts) => {
    for (const part of parts) {
      list.push(part);
      if (list === pieces) offset += part.length;
    }
  };
  for (const {name, bytes} of files) {
    const label = new TextEncoder().encode(name);
    const about = [
      [2, 20], [2, 0], [2, 0], [2, 0], [2, DAY], [4, crc32(bytes)],
      [4, bytes.length], [4, bytes.length], [2, label.length], [2, 0],
    ];
    push(directory, record(
        [4, 0x02014b50], [2, 20], ...about, [2, 0], [2, 0], [2, 0], [4, 0],
        [4, offset]), label);
    push(pieces, record([4, 0x04034b50], ...about), label, bytes);
  }
  const begin = offset;
  push(pieces, ...directory);
  push(pieces, record(
      [4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length],
      [4, offset - begin], [4, begin], [2, 0]));
  return pieces;
}
