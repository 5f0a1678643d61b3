// The most probable face that a drawing shows.
#pragma once

#include "sketch/face_measures.h"
#include "sketch/face_shapes.h"

namespace limner {

// FaceShapes::nearest() part by part: eyes, brows, nose, mouth, and the outline
// with hair and neck. What other parts than it and the outline show counts for
// a ninth, so that a change of one part leaves the others nearly as they are.
ShapePoints nearest_by_part(const FaceShapes& shapes,
                            const FaceMeasures& measures);

}  // namespace limner
