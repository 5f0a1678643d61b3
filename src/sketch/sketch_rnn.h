// The drawings that sketch-rnn is trained on: NumPy archives of rows (dx, dy,
// lifted) (Ha and Eck, "A Neural Representation of Sketch Drawings", 2017).
#pragma once

#include <cstdint>

#include "sketch/stroke.h"
#include "util/span.h"

namespace limner {

// Whether `data` is a zip with train.npy or test.npy, in which sketch-rnn keeps
// drawings.
bool is_sketch_rnn(Bytes data);

// Drawing `index`, counted from 0 through train.npy, valid.npy and test.npy,
// cut to its bounding square. The arrays are pickled; nothing of a pickle is
// run: of its values the texts of bytes are taken that are rows of a drawing.
// Throws Error when the archive is damaged, has fewer drawings, or unpacks to
// more than kMaxDrawingFile, and as check_drawing() does.
Drawing read_sketch_rnn(Bytes data, int64_t index);

}  // namespace limner
