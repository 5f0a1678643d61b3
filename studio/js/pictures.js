/**
 * @fileoverview Pictures of the browser: small copies, data addresses, files
 * to save, and the drawing painted for a picture.
 */

import {visibleOn} from './colour.js';
import {classOf} from './drawing.js';
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

/**
 * A copy of a picture whose longer side is at most `longest`.
 * @param {!ImageBitmap} picture
 * @param {number} longest
 * @return {string} The address of a JPEG.
 */
export function shrunk(picture, longest) {
  const by = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(by * picture.width));
  canvas.height = Math.max(1, Math.round(by * picture.height));
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/jpeg', 0.88);
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

/** Kinds of photos that limner reads. */
const PHOTO_TYPES = ['image/png', 'image/jpeg', 'image/webp'];
/** Photos larger than this are made smaller before they are sent. */
const LONGEST = 2048;

/**
 * A photo as limner takes it: other kinds that the browser can read, and very
 * large ones, become a JPEG.
 * @param {!Blob} file
 * @return {!Promise<!Blob>}
 * @throws {Error} A sentence, when it is no picture.
 */
export async function photoToSend(file) {
  const bitmap = await openPicture(file);
  const large = Math.max(bitmap.width, bitmap.height) > LONGEST;
  return large || !PHOTO_TYPES.includes(file.type) ?
      blobOf(shrunk(bitmap, LONGEST)) :
      file;
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
 * @param {!Array<!Object>} strokes
 * @param {!Map<number, !Object>} labels
 * @param {!Array<!Object>} classes
 * @param {number} drawingSide
 * @param {!ImageBitmap} face
 * @return {!Promise<!Blob>} A PNG.
 */
export function sideBySide(strokes, labels, classes, drawingSide, face) {
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
  for (const stroke of strokes) {
    context.strokeStyle = colours.get(classOf(stroke, labels)) ?? '#1d2127';
    paintStroke(context, stroke, LINE_WIDTH);
  }
  return new Promise((resolve, reject) => canvas.toBlob(
      (blob) => blob ? resolve(blob) :
          reject(new Error('The picture is too large for this browser.')),
      'image/png'));
}
