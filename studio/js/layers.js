/**
 * @fileoverview The drawing as pictures for other programs: lines on nothing,
 * and OpenRaster, in which every part of the face is a layer above the face.
 */

import {visibleOn} from './colour.js';
import {LINE_WIDTH, paintStroke} from './painter.js';
import {zipped} from './zip.js';

/** Side of the pictures: twice that of the drawing. */
const LEAST_SIDE = 1024;
const THUMB = 256;

function canvasOf(side) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  return canvas;
}

function bytesOf(canvas) {
  return new Promise((resolve, reject) => canvas.toBlob(async (blob) => {
    if (blob) resolve(new Uint8Array(await blob.arrayBuffer()));
    else reject(new Error('The picture is too large for this browser.'));
  }, 'image/png'));
}

/** Lines in their colours on a transparent picture. */
function painted(pieces, colours, drawingSide, side) {
  const canvas = canvasOf(side);
  const context = canvas.getContext('2d');
  context.scale(side / drawingSide, side / drawingSide);
  for (const piece of pieces) {
    context.strokeStyle = colours.get(piece.class) ?? '#1d2127';
    paintStroke(context, piece, LINE_WIDTH);
  }
  return canvas;
}

const coloursOf = (classes) => new Map(
    classes.map(({id, colour}) => [id, visibleOn(colour, '#ffffff')]));

/**
 * @param {!Array<!Object>} pieces Those that are shown.
 * @param {!Array<!Object>} classes
 * @param {number} drawingSide
 * @return {!Promise<!Blob>} A PNG with nothing behind the lines.
 */
export async function transparentPng(pieces, classes, drawingSide) {
  const canvas =
      painted(pieces, coloursOf(classes), drawingSide, LEAST_SIDE);
  return new Blob([await bytesOf(canvas)], {type: 'image/png'});
}

const escaped = (text) => text.replace(
    /[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/**
 * OpenRaster 0.0.5: the face, above it white paper that is hidden, and above
 * that a layer for each part of the drawing.
 * @param {!Array<!Object>} pieces Those that are shown.
 * @param {!Array<!Object>} classes
 * @param {number} drawingSide
 * @param {!ImageBitmap} face
 * @return {!Promise<!Blob>}
 */
export async function openRaster(pieces, classes, drawingSide, face) {
  const side = Math.max(LEAST_SIDE, face.width);
  const colours = coloursOf(classes);
  const merged = canvasOf(side);
  const layers = [];  // from below
  const add = (name, canvas, shown) => {
    layers.push({name, canvas, shown});
    if (shown) merged.getContext('2d').drawImage(canvas, 0, 0);
  };
  const ground = canvasOf(side);
  const context = ground.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(face, 0, 0, side, side);
  add('Face', ground, true);
  const paper = canvasOf(side);
  const white = paper.getContext('2d');
  white.fillStyle = '#ffffff';
  white.fillRect(0, 0, side, side);
  add('Paper', paper, false);
  for (const {id, name} of classes) {
    const own = pieces.filter((piece) => piece.class === id);
    if (own.length) {
      add(name, painted(own, colours, drawingSide, side), true);
    }
  }
  const rows = layers.map(({name, shown}, i) =>
    `    <layer name="${escaped(name)}" src="data/layer${i}.png" ` +
    `visibility="${shown ? 'visible' : 'hidden'}" x="0" y="0"/>`).reverse();
  const stack = '<?xml version="1.0" encoding="UTF-8"?>\n' +
      `<image version="0.0.5" w="${side}" h="${side}">\n  <stack>\n` +
      `${rows.join('\n')}\n  </stack>\n</image>\n`;
  const thumb = canvasOf(THUMB);
  thumb.getContext('2d').drawImage(merged, 0, 0, THUMB, THUMB);
  const text = (value) => new TextEncoder().encode(value);
  const files = [
    // First, so that the type can be read from the archive's first bytes.
    {name: 'mimetype', bytes: text('image/openraster')},
    {name: 'stack.xml', bytes: text(stack)},
  ];
  for (const [i, {canvas}] of layers.entries()) {
    files.push({name: `data/layer${i}.png`, bytes: await bytesOf(canvas)});
  }
  files.push(
      {name: 'mergedimage.png', bytes: await bytesOf(merged)},
      {name: 'Thumbnails/thumbnail.png', bytes: await bytesOf(thumb)});
  return new Blob(zipped(files), {type: 'image/openraster'});
}
