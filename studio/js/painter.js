/**
 * @fileoverview Paints strokes, paper and marks on a 2D context whose units
 * are those of the drawing.
 */

import {PLACE} from './guide.js';

/** Width of a line in units of the drawing. */
export const LINE_WIDTH = 2.6;

/**
 * @param {!CanvasRenderingContext2D} context
 * @param {!Array<!Array<number>>} points
 */
function trace(context, points) {
  context.beginPath();
  context.moveTo(points[0][0], points[0][1]);
  // A dot is a line to where it is, which round caps make visible.
  if (points.length === 1) context.lineTo(points[0][0], points[0][1]);
  for (let i = 1; i < points.length - 1; ++i) {
    const [x, y] = points[i];
    const [nx, ny] = points[i + 1];
    context.quadraticCurveTo(x, y, (x + nx) / 2, (y + ny) / 2);
  }
  if (points.length > 1) {
    const [x, y] = points[points.length - 1];
    context.lineTo(x, y);
  }
}

/**
 * Paints one stroke with the style that is set.
 * @param {!CanvasRenderingContext2D} context
 * @param {{points: !Array<!Array<number>>, pressure: ?Array<number>}} stroke
 * @param {number} width
 */
export function paintStroke(context, {points, pressure}, width) {
  context.lineCap = context.lineJoin = 'round';
  if (!pressure || points.length < 3) {
    context.lineWidth = width;
    trace(context, points);
    context.stroke();
    return;
  }
  let [fromX, fromY] = points[0];
  for (let i = 1; i < points.length; ++i) {
    const [x, y] = points[i];
    const last = i === points.length - 1;
    const toX = last ? x : (x + points[i + 1][0]) / 2;
    const toY = last ? y : (y + points[i + 1][1]) / 2;
    context.lineWidth = width * (0.35 + 1.3 * pressure[i]);
    context.beginPath();
    context.moveTo(fromX, fromY);
    context.quadraticCurveTo(x, y, toX, toY);
    context.stroke();
    [fromX, fromY] = [toX, toY];
  }
}

/**
 * Paints the part of a stroke between two of its points (their indices) as it
 * is in the whole stroke, so that parts can be painted one after the other.
 * @param {!CanvasRenderingContext2D} context
 * @param {{points: !Array<!Array<number>>, pressure: ?Array<number>}} stroke
 * @param {number} width
 * @param {number} from
 * @param {number} to
 */
export function paintPart(context, {points, pressure}, width, from, to) {
  context.lineCap = context.lineJoin = 'round';
  const end = points.length - 1;
  const between = (i) => i >= end ? points[end] :
      [(points[i][0] + points[i + 1][0]) / 2,
        (points[i][1] + points[i + 1][1]) / 2];
  const begin = from === 0 ? points[0] : between(from);
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(...begin);
  if (end === 0) context.lineTo(...begin);
  let at = begin;
  for (let i = from + 1; i <= to; ++i) {
    const next = between(i);
    if (pressure) {
      context.lineWidth = width * (0.35 + 1.3 * pressure[i]);
      context.beginPath();
      context.moveTo(...at);
    }
    context.quadraticCurveTo(...points[i], ...next);
    if (pressure) context.stroke();
    at = next;
  }
  if (!pressure || end === 0) context.stroke();
}

/**
 * Thin lines where eyes, mouth and outline of a face belong.
 * @param {!CanvasRenderingContext2D} context
 * @param {string} colour
 * @param {number} pixel One CSS pixel in units of the drawing.
 */
export function paintGuide(context, colour, pixel) {
  context.save();
  context.strokeStyle = colour;
  context.lineWidth = pixel;
  context.setLineDash([4 * pixel, 5 * pixel]);
  const {outline, eyes, eye, mouth, nose} = PLACE;
  context.beginPath();
  context.ellipse(
      outline.x, outline.y, outline.width / 2, outline.height / 2, 0, 0,
      2 * Math.PI);
  context.stroke();
  for (const {x, y} of eyes) {
    context.beginPath();
    context.ellipse(x, y, eye.width / 2, eye.height / 2, 0, 0, 2 * Math.PI);
    context.stroke();
  }
  for (const {x, y, width} of [mouth, nose]) {
    context.beginPath();
    context.moveTo(x - width / 2, y);
    context.lineTo(x + width / 2, y);
    context.stroke();
  }
  context.restore();
}

/**
 * The lines of the face that was made of a drawing, thin, behind its own.
 * @param {!CanvasRenderingContext2D} context
 * @param {!Array<{points: !Array<!Array<number>>}>} strokes
 * @param {string} colour
 * @param {number} pixel
 */
export function paintGhost(context, strokes, colour, pixel) {
  context.save();
  context.globalAlpha = 1;
  context.strokeStyle = colour;
  for (const {points} of strokes) {
    paintStroke(context, {points, pressure: null}, 1.25 * pixel);
  }
  context.restore();
}

/**
 * Parts that the drawing lacks, dashed; the one that is pointed at stronger.
 * @param {!CanvasRenderingContext2D} context
 * @param {!Array<{name: string, strokes: !Array<!Object>}>} suggested
 * @param {string} pointed
 * @param {!Object} colours
 * @param {number} pixel
 */
export function paintSuggestions(context, suggested, pointed, colours, pixel) {
  context.save();
  context.globalAlpha = 1;
  context.setLineDash([5 * pixel, 4 * pixel]);
  for (const {name, strokes} of suggested) {
    const strong = name === pointed;
    context.strokeStyle = strong ? colours.accent : colours.guide;
    for (const {points} of strokes) {
      paintStroke(
          context, {points, pressure: null}, (strong ? 2 : 1.25) * pixel);
    }
  }
  context.restore();
}

/**
 * Paints a picture so that all of it is seen, in the middle of a square.
 * @param {!CanvasRenderingContext2D} context
 * @param {!ImageBitmap} bitmap
 * @param {number} side
 */
export function paintPicture(context, bitmap, side) {
  const scale = Math.min(side / bitmap.width, side / bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  context.imageSmoothingQuality = 'high';
  context.drawImage(
      bitmap, (side - width) / 2, (side - height) / 2, width, height);
}

/**
 * Corners of the box around a selection.
 * @param {!Object} box
 * @return {!Array<{name: string, x: number, y: number}>}
 */
export function handlesOf(box) {
  return [
    {name: 'nw', x: box.x0, y: box.y0},
    {name: 'ne', x: box.x1, y: box.y0},
    {name: 'se', x: box.x1, y: box.y1},
    {name: 'sw', x: box.x0, y: box.y1},
  ];
}

/**
 * @param {!CanvasRenderingContext2D} context
 * @param {!Object} box
 * @param {string} colour
 * @param {string} paper
 * @param {number} pixel
 */
export function paintSelectionBox(context, box, colour, paper, pixel) {
  context.save();
  context.strokeStyle = colour;
  context.fillStyle = paper;
  context.lineWidth = 1.25 * pixel;
  context.strokeRect(box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0);
  const r = 4.5 * pixel;
  for (const {x, y} of handlesOf(box)) {
    context.beginPath();
    context.rect(x - r, y - r, 2 * r, 2 * r);
    context.fill();
    context.stroke();
  }
  context.restore();
}
