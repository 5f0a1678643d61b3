/**
 * @fileoverview Pictures of the browser: small copies, data addresses, files
 * to save, and the drawing painted for a picture.
 */

import {visibleOn} from './colour.js';
import {LINE_WIDTH, paintStroke} from './painter.js';

/**
 * A square copy of a picture.
 * @param {!ImageBitmap|!HTMLCanvasElement} picture
 * @param {number} side
 * @return {string} The address of a JPEG.
 */
export function thumbnail(picture, side) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  const least = Math.min(picture.width, picture.height);
  context.drawImage(
      picture, (picture.width - least) / 2, (picture.height - least) / 2,
      least, least, 0, 0, side, side);
  return canvas.toDataURL('image/jpeg', 0.85);
}

/** A copy of a picture whose longer side is at most `longest`. */
function scaled(picture, longest) {
  const by = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(by * picture.width));
  canvas.height = Math.max(1, Math.round(by * picture.height));
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/**
 * @param {!ImageBitmap} picture
 * @param {number} longest
 * @return {string} The address of a JPEG whose longer side is at most that.
 */
export function shrunk(picture, longest) {
  return scaled(picture, longest).toDataURL('image/jpeg', 0.88);
}

/**
 * What a data address holds. (fetch() of one is forbidden by the page's
 * security policy.)
 * @param {string} address
 * @return {!Blob}
 */
export function blobOf(address) {
  const [head, body] = address.split(',', 2);
  const type = /^data:([^;]+);base64$/.exec(head)?.[1];
  if (!type) throw new Error('not the address of a picture');
  const bytes = Uint8Array.from(atob(body), (c) => c.charCodeAt(0));
  return new Blob([bytes], {type});
}

/**
 * A data address that holds exactly the bytes of a picture.
 * @param {!Blob} blob
 * @return {!Promise<string>}
 */
export async function addressOf(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) {
    text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  }
  return `data:${blob.type || 'image/jpeg'};base64,${btoa(text)}`;
}

/**
 * @param {!Blob} file
 * @return {!Promise<!ImageBitmap>}
 * @throws {Error} A sentence, when it is no picture.
 */
export async function openPicture(file) {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new Error(
        `${file.name || 'This'} is not a picture that the browser can read.`);
  }
}

/**
 * Opens a picture for as long as it is used; the collector of garbage would
 * leave its pixels for long.
 * @template T
 * @param {!Blob} file
 * @param {function(!ImageBitmap): (T|!Promise<T>)} use
 * @return {!Promise<T>}
 * @throws {Error} A sentence, when it is no picture.
 */
export async function withPicture(file, use) {
  const bitmap = await openPicture(file);
  try {
    return await use(bitmap);
  } finally {
    bitmap.close();
  }
}

/** Kinds of photos that limner reads. */
const PHOTO_TYPES = ['image/png', 'image/jpeg', 'image/webp'];
/** Photos larger than this are made smaller before they are sent. */
const LONGEST = 2048;
/**
 * A photo as limner takes it: other kinds that the browser can read, and very
 * large ones, become a JPEG.
 * @param {!Blob} file
 * @param {{body_bytes: number}=} limits Of the server.
 * @return {!Promise<!Blob>}
 * @throws {Error} A sentence, when it is no picture.
 */
export const photoToSend = (file, limits) => withPicture(file, (bitmap) => {
  const large = Math.max(bitmap.width, bitmap.height) > LONGEST ||
      file.size > (limits?.body_bytes ?? Infinity);
  return large || !PHOTO_TYPES.includes(file.type) ?
      blobOf(shrunk(bitmap, LONGEST)) :
      file;
});

/**
 * A picture of a drawing as limner takes it: beyond the server's limits it is
 * made smaller; other files stay as they are.
 * @param {!Blob} file
 * @param {{body_bytes: number, pixels: number}=} limits
 * @return {!Promise<!Blob>}
 */
export async function drawingToSend(file, limits) {
  if (!limits || !await isPicture(file)) return file;
  return withPicture(file, async (bitmap) => {
    if (file.size <= limits.body_bytes &&
        bitmap.width * bitmap.height <= limits.pixels) {
      return file;
    }
    // Without JPEG's noise around lines, where there is room.
    const canvas = scaled(bitmap, LONGEST);
    const png = await encoded(canvas, 'image/png');
    return png.size <= limits.body_bytes ? png : encoded(canvas, 'image/jpeg');
  });
}

/** Whether a file is a picture of pixels, by its first bytes. */
async function isPicture(file) {
  const head = new Uint8Array(await file.slice(0, 12).arrayBuffer());
  const text = String.fromCharCode(...head);
  return text.startsWith('\x89PNG') || text.startsWith('\xff\xd8') ||
      text.startsWith('RIFF') && text.endsWith('WEBP');
}

/**
 * @param {!HTMLCanvasElement} canvas
 * @param {string} type
 * @return {!Promise<!Blob>}
 */
function encoded(canvas, type) {
  return new Promise((resolve, reject) => canvas.toBlob(
      (blob) => blob ? resolve(blob) :
          reject(new Error('The picture is too large for this browser.')),
      type, 0.92));
}

/**
 * Hands a file to the person.
 * @param {!Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

/**
 * The drawing in its colours and a face, side by side.
 * @param {!Array<!Object>} pieces Those that are shown, with their classes.
 * @param {!Array<!Object>} classes
 * @param {number} drawingSide
 * @param {!ImageBitmap} face
 * @return {!Promise<!Blob>} A PNG.
 */
export function sideBySide(pieces, classes, drawingSide, face) {
  const side = Math.max(face.width, 512);
  const canvas = document.createElement('canvas');
  canvas.width = 2 * side;
  canvas.height = side;
  const context = canvas.getContext('2d');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, 2 * side, side);
  context.imageSmoothingQuality = 'high';
  context.drawImage(face, side, 0, side, side);
  context.beginPath();
  context.rect(0, 0, side, side);
  context.clip();
  context.scale(side / drawingSide, side / drawingSide);
  const colours = new Map(
      classes.map(({id, colour}) => [id, visibleOn(colour, '#ffffff')]));
  for (const piece of pieces) {
    context.strokeStyle = colours.get(piece.class) ?? '#1d2127';
    paintStroke(context, piece, LINE_WIDTH);
  }
  return encoded(canvas, 'image/png');
}
