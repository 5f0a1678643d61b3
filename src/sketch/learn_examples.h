// Examples of faces, which face shapes keep beside the model that blurs them.
#pragma once

#include <optional>
#include <vector>

#include "image/image.h"
#include "sketch/face_shapes.h"

namespace limner {

// The lines of the face in mask [s,s,1] (labels 0..18): its points, and the
// borders of hair, ears, neck and clothes around it, with the strongest edges
// of photo [h,h,3] inside the hair. None where sample_face() finds none, for
// glasses and for a face that is turned to a side. Throws Error as
// sample_face() and sketch_of() do.
std::optional<FaceExample> example_of(const Image& mask, const Image& photo);

// `count` of the examples, or all where there are fewer: of those that lie
// among the faces of `shapes`, evenly in their order.
std::vector<FaceExample> choose_examples(std::vector<FaceExample> examples,
                                         const FaceShapes& shapes, int count);

}  // namespace limner
