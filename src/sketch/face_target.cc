#include "sketch/face_target.h"

#include <algorithm>
#include <initializer_list>

namespace limner {
namespace {

// How much surer a part is of itself and the outline than of the other parts:
// a factor of their deviations.
constexpr double kElsewhere = 3;

using ShapeParts = std::initializer_list<ShapePart>;

}  // namespace

ShapePoints nearest_by_part(const FaceShapes& shapes,
                            const FaceMeasures& measures) {
  ShapePoints points(kShapePoints);
  const auto take = [&](ShapeParts parts) {
    std::vector<ShapeObservation> observed = measures.observed;
    for (size_t i = 0; i < observed.size(); ++i) {
      const ShapePart on = measures.observed_on[i];
      if (on != ShapePart::kOutline &&
          std::find(parts.begin(), parts.end(), on) == parts.end()) {
        observed[i].sigma *= kElsewhere;
      }
    }
    const ShapePoints nearest = shapes.nearest(observed);
    for (const ShapePart part : parts) {
      const ShapeRange range = shape_range(part);
      std::copy(nearest.begin() + range.first, nearest.begin() + range.end(),
                points.begin() + range.first);
    }
  };
  take({ShapePart::kEyeRight, ShapePart::kEyeLeft});
  take({ShapePart::kBrowRight, ShapePart::kBrowLeft});
  take({ShapePart::kNose});
  take({ShapePart::kMouth, ShapePart::kLips});
  take({ShapePart::kOutline, ShapePart::kHair, ShapePart::kNeck});
  return points;
}

}  // namespace limner
