// Guidance while drawing: where the parts that a drawing lacks would lie. After
// "ShadowDraw" (Lee et al., 2011), which shows faint lines of what may come.
#pragma once

#include <vector>

#include "sketch/face_shapes.h"
#include "sketch/stroke.h"

namespace limner {

struct GuidePart {
  ShapePart part = ShapePart::kOutline;
  std::vector<Stroke> strokes;  // with classes, in the drawing's units
};

// The parts of the nearest plausible face that a labelled drawing has no line
// of, at their places in the drawing as it is: eyes that lie in a wide circle
// as they would in a face of that width. Of a drawing that shows nothing of a
// face all parts, where the frame has them. Throws Error for points that are
// not finite or beyond 1e9 and for a side that is not positive.
std::vector<GuidePart> guide_parts(const Drawing& drawing,
                                   const FaceShapes& shapes);

}  // namespace limner
