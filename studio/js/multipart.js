/**
 * @fileoverview Reads multipart/mixed as limner sends it, while it comes: each
 * part says its length, so that a picture is there with its last byte.
 */

const END = '--';
const BLANK = [13, 10, 13, 10];
/** Longer heads are none of limner's. */
const LONGEST_HEAD = 4096;

/**
 * @typedef {{headers: !Map<string, string>, body: !Uint8Array}} Part
 * Names of headers are in small letters.
 */

export class PartReader {
  /** @param {function(!Part)} tell Hears of each part as it is whole. */
  constructor(tell) {
    this.tell_ = tell;
    this.bytes_ = new Uint8Array(0);
    /** Whether the mark of the end has come. */
    this.whole = false;
  }

  /**
   * @param {!Uint8Array} bytes The next ones.
   * @throws {Error} on what is no multipart of limner's.
   */
  add(bytes) {
    const all = new Uint8Array(this.bytes_.length + bytes.length);
    all.set(this.bytes_);
    all.set(bytes, this.bytes_.length);
    this.bytes_ = all;
    while (!this.whole && this.take_());
  }

  /** Takes one part off the front; false when it is not there yet. */
  take_() {
    const bytes = this.bytes_;
    const line = bytes.indexOf(13);
    if (line > 0 && text(bytes.subarray(line - 2, line)) === END) {
      this.whole = true;
      return false;
    }
    const end = find(bytes, BLANK);
    if (end < 0) {
      if (bytes.length > LONGEST_HEAD) throw new Error('no parts');
      return false;
    }
    const [, ...lines] = text(bytes.subarray(0, end)).split('\r\n');
    const headers = new Map(lines.map((one) => {
      const [name, value] = one.split(/:\s*(.*)/s);
      return [name.toLowerCase(), value ?? ''];
    }));
    const length = Number(headers.get('content-length') ?? NaN);
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new Error('a part without a length');
    }
    const from = end + BLANK.length;
    const next = from + length + 2;
    if (bytes.length < next) return false;
    this.bytes_ = bytes.slice(next);
    this.tell_({headers, body: bytes.slice(from, from + length)});
    return true;
  }
}

const text = (bytes) => new TextDecoder().decode(bytes);

/** Where a few bytes begin; -1 where they are not. */
function find(bytes, wanted) {
  for (let at = bytes.indexOf(wanted[0]); at >= 0;
    at = bytes.indexOf(wanted[0], at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}
