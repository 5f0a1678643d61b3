import assert from 'node:assert/strict';
import test from 'node:test';

import {addStrokes, emptyDrawing} from '../../../studio/js/drawing.js';
import * as format from '../../../studio/js/format.js';

function sample() {
  return addStrokes(emptyDrawing(), [
    {points: [[1.23456, 2], [3, 4]], pressure: [0.5, 0.75], fixed: 0},
    {points: [[5, 6], [7, 8]], pressure: null, fixed: 11},
    {points: [[9, 9], [9, 10]], pressure: null, fixed: 0},
  ]);
}

const LABELS = new Map(
    [[1, {class: 15, confidence: 1, doubtful: false}]]);

test('only corrected strokes are sent with a class to be labelled', () => {
  const json = format.toLabel(sample().strokes);
  assert.equal(json.format, 'limner-drawing');
  assert.deepEqual(json.strokes.map((s) => s.class), [0, 11, 0]);
  assert.deepEqual(json.strokes[0].points[0], [1.23, 2]);
});

test('a face is made from all classes that are known', () => {
  const json = format.toGenerate(sample().strokes, LABELS);
  assert.deepEqual(json.strokes.map((s) => s.class), [15, 11]);
});

test('a file brings back points, pressure and corrections', () => {
  const text = JSON.stringify(format.toFile(sample().strokes, LABELS));
  const {strokes} = format.fromJson(JSON.parse(text));
  // A guess stays a guess, however sure it was.
  assert.deepEqual(strokes.map((s) => s.fixed), [0, 11, 0]);
  assert.deepEqual(strokes[0].pressure, [0.5, 0.75]);
  assert.deepEqual(strokes[1].points, [[5, 6], [7, 8]]);
});

test('in files of others a class without doubt is kept', () => {
  const {strokes} = format.fromJson({
    format: 'limner-drawing', version: 1, side: 256, strokes: [
      {points: [[128, 64]], class: 6},
      {points: [[1, 1]], class: 6, confidence: 0.8},
    ],
  });
  assert.deepEqual(strokes.map((s) => s.fixed), [6, 0]);
  assert.deepEqual(strokes[0].points, [[256, 128]]);
});

test('bad drawings are refused with the place', () => {
  const bad = (strokes, rest = {}) => () => format.fromJson(
      {format: 'limner-drawing', version: 1, strokes, ...rest});
  assert.throws(() => format.fromJson(null), /not a drawing/);
  assert.throws(() => format.fromJson({format: 'other'}), /not a drawing/);
  assert.throws(bad('x'), /no list of strokes/);
  assert.throws(bad([], {side: 0}), /side of 0/);
  assert.throws(bad([{points: []}]), /strokes\[0\]\.points/);
  assert.throws(bad([{points: [[1, 2]]}, {points: [[1, '2']]}]),
      /strokes\[1\]\.points/);
  assert.throws(bad([{points: [[1, Infinity]]}]), /points/);
  assert.throws(bad([{points: [[1, 2]], class: 23}]), /class is 23/);
});

test('pressure that does not fit is dropped', () => {
  const {strokes} = format.fromJson({
    format: 'limner-drawing', version: 1, strokes: [
      {points: [[1, 2], [3, 4]], pressure: [1]},
      {points: [[1, 2]], pressure: [7]},
    ],
  });
  assert.deepEqual(strokes.map((s) => s.pressure), [null, null]);
});
