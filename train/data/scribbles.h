// Drawings that show no face, so that the labeler learns to say so.
#pragma once

#include "sketch/stroke.h"
#include "util/random.h"

namespace limner::train {

// Curves, polygons, spirals and ellipses at random, or the strokes of `face`
// scattered and turned so that they form none. 1 to 40 strokes with points 4
// apart or less; side 512; every label is `label`.
Drawing scribble(const Drawing& face, int label, Random& random);

}  // namespace limner::train
