// Strokes from the points of a face, as drawings of masks have them.
#pragma once

#include <vector>

#include "sketch/face_shapes.h"
#include "sketch/stroke.h"

namespace limner {

// The strokes of a part, with their classes: an eye with its iris, the mouth
// with the lines between the lips, the outline cut into `borders`, one class a
// ray. points: kShapePoints. ShapePart::kLips belongs to the mouth and gives
// none.
std::vector<Stroke> part_strokes(ShapePart part, const ShapePoints& points,
                                 const std::vector<float>& borders);

}  // namespace limner
