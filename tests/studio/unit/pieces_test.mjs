import assert from 'node:assert/strict';
import test from 'node:test';

import {toFile, toGenerate, toPieces} from '../../../studio/js/format.js';
import {withGuide} from '../../../studio/js/guide.js';
import {between, labelsOf, piecesOf} from '../../../studio/js/pieces.js';

const piece = (label, from, to, more = {}) => ({
  class: label, confidence: 0.9, doubtful: false, source: 0, from, to, ...more,
});
const stroke = {id: 4, fixed: 0, pressure: null,
  points: [[0, 0], [40, 0], [100, 0]]};

test('pieces of a stroke become one label', () => {
  const [first, second, none] = labelsOf([
    piece(17, 0, 0.3), piece(10, 0.3, 1, {confidence: 0.4, doubtful: true}),
    piece(6, 0, 1, {source: 1}),
  ], 3);
  assert.equal(first.class, 10);
  assert.equal(first.confidence, 0.4);
  assert.equal(first.doubtful, true);
  assert.equal(first.pieces.length, 2);
  assert.equal(second.class, 6);
  assert.equal(second.pieces, null);
  assert.equal(none, null);
});

test('a server that does not cut is understood', () => {
  const [label] = labelsOf([{class: 6, confidence: 0.5, doubtful: true}], 1);
  assert.deepEqual(label,
      {class: 6, confidence: 0.5, doubtful: true, pieces: null});
});

test('a part of a line ends where it should', () => {
  assert.deepEqual(between(stroke, 0.2, 0.7).points,
      [[20, 0], [40, 0], [70, 0]]);
  assert.deepEqual(between(stroke, 0, 0.4).points, [[0, 0], [40, 0]]);
  assert.deepEqual(between({points: [[0, 0], [10, 0]], pressure: [0, 1]},
      0.5, 1), {points: [[5, 0], [10, 0]], pressure: [0.5, 1]});
});

test('each piece goes into the face with its class', () => {
  const labels = new Map([[4, labelsOf(
      [piece(17, 0, 0.4), piece(10, 0.4, 1)], 1)[0]]]);
  const classes = (json) => json.strokes.map((s) => s.class);
  assert.deepEqual(classes(toGenerate([stroke], labels)), [17, 10]);
  assert.deepEqual(classes(toGenerate([stroke], labels, new Set([17]))), [10]);
  assert.deepEqual(classes(toPieces([stroke], labels)), [17, 10]);
  // In a file the line is whole, and its classes are to be found anew.
  assert.deepEqual(classes(toFile([stroke], labels)), [0]);
  assert.deepEqual(classes(toFile([{...stroke, fixed: 6}], labels)), [6]);
  assert.equal(piecesOf(stroke, labels), piecesOf(stroke, labels));
});

const oval = (x, y, rx, ry) => Array.from({length: 25}, (_, i) => [
  x + rx * Math.cos(i * Math.PI / 12), y + ry * Math.sin(i * Math.PI / 12)]);
const drawing = (...lines) => ({strokes: lines.map((points) => ({points}))});

test('an outline alone is seen beside the guide', () => {
  const json = withGuide(drawing(oval(256, 280, 130, 180)));
  assert.deepEqual(json.strokes.slice(1).map((s) => s.class), [2, 1, 6, 7]);
  // Small or elsewhere: the parts lie within it.
  const small = withGuide(drawing(oval(150, 150, 70, 90)));
  for (const {points} of small.strokes.slice(1)) {
    assert.ok(points.every(([x, y]) => x > 80 && x < 220 && y > 60 && y < 240));
  }
});

test('what is drawn already is not added, and a drawing speaks for itself',
    () => {
      const outline = oval(256, 280, 130, 180);
      const eye = oval(194, 240, 20, 8);
      assert.deepEqual(withGuide(drawing(outline, eye)).strokes.slice(2)
          .map((s) => s.class), [1, 6, 7]);
      const [away, within] = [[[0, 0], [10, 10]], [[250, 300], [255, 310]]];
      for (const json of [drawing(away), drawing(oval(256, 380, 45, 15)),
        drawing(outline, eye, within, within)]) {
        assert.equal(withGuide(json), json);
      }
      // Hair around it does not say that the ring is a face.
      const hair = [[100, 450], [90, 200], [256, 40], [420, 200], [410, 450]];
      assert.deepEqual(withGuide(drawing(outline, hair, hair, away, away, eye))
          .strokes.slice(6).map((s) => s.class), [1, 6, 7]);
      assert.deepEqual(withGuide(drawing(hair, outline)).strokes.slice(2),
          withGuide(drawing(outline)).strokes.slice(1));
      // Unless it hangs into the face.
      const fringe = [[120, 150], [140, 180], [155, 205], [190, 240]];
      assert.deepEqual(withGuide(drawing(outline, fringe, fringe))
          .strokes.slice(3).map((s) => s.class), [1, 6, 7]);
    });
