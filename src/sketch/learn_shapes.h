// Face shapes learnt from masks of faces.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "image/image.h"
#include "sketch/face_shapes.h"

namespace limner {

// A face's points, and the stroke class of its outline at each ray.
struct FaceSample {
  ShapePoints points;
  std::array<int, kOutlineRays> borders;
};

// The points of the face in mask [s,s,1] (labels 0..18); none where a part is
// covered or cut: an eye behind dark glasses, a bald head, a hat, a neck in a
// collar. Throws Error for a mask that is not square and for labels above 18.
std::optional<FaceSample> sample_face(const Image& mask);

// The mask of the mirrored face.
Image mirrored_mask(const Image& mask);

// Principal components of the samples' points, in which every part weighs as
// much as it varies. components: 1..kMaxShapeComponents, or as many as the
// samples span. Throws Error for fewer than two samples.
FaceShapes learn_face_shapes(const std::vector<FaceSample>& samples,
                             int components);

}  // namespace limner
