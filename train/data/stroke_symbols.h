// Drawings of symbols for the stroke labeler: faces as people draw them in a
// few seconds, with the class of every line known.
#pragma once

#include "sketch/stroke.h"
#include "util/random.h"

namespace limner::train {

// `face`, a drawing made of a mask (classes 1..22), with parts drawn as symbols
// of doodle.h: eyes as rings, dots, ticks or arcs, a nose and a mouth of one
// line, the head as one egg, hair as strands, zigzags or not at all. Each part
// is one with a probability of its own, so that symbols stand beside lines of
// the mask. Glasses stay glasses: those that the face has keep their lines and
// get eyes within, and some faces get rings with a bridge around symbols of
// eyes. The egg has the label kContourLabel, which place_labels() resolves.
Drawing draw_symbols(const Drawing& face, Random& random);

}  // namespace limner::train
