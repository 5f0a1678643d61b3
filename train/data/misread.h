// Classes as a labeler gives them to quick drawings, instead of the true ones.
#pragma once

#include <vector>

#include "sketch/stroke.h"
#include "util/random.h"

namespace limner::train {

// Gives strokes other classes, those that the labeler took such strokes for in
// people's quick drawings: eyes for glasses or brows, the outline for the
// border of hair with a chin of neck, and so on. `share`, 0..1, scales the
// probabilities; at 0 nothing changes. A stroke may be cut where its class
// changes.
void misread(std::vector<Stroke>& strokes, double share, Random& random);

}  // namespace limner::train
