// Real faces near a drawn one: what a drawing leaves open they settle, so that
// different drawings become different faces. After "DeepFaceDrawing" (Chen et
// al., 2020), which projects each part of a sketch on its neighbours among real
// ones; here the parts are strokes.
#pragma once

#include <array>
#include <initializer_list>
#include <vector>

#include "sketch/face_measures.h"
#include "sketch/face_shapes.h"
#include "sketch/frame.h"
#include "sketch/stroke.h"

namespace limner {

struct Neighbour {
  const FaceExample* face = nullptr;
  double weight = 0;  // they sum to 1
};

// The examples nearest to what was observed on `parts`; where none of them is
// drawn, on the outline, or else on all. None where there are no examples.
std::vector<Neighbour> nearest_examples(const FaceShapes& shapes,
                                        const FaceMeasures& measures,
                                        std::initializer_list<ShapePart> parts);

// How far the outline's points lie from kOutlineCentre, 1 at least.
std::array<double, kOutlineRays> face_radii(const ShapePoints& points);

// The box of a part's points.
PartPlace place_of_points(const ShapePoints& points, const ShapeRange& range);

// Gives a part of `points` (a ring; the mouth with its lips) the form of the
// neighbours' parts, blended: its middle stays, its size is the geometric mean
// of its own and theirs.
void blend_part(const std::vector<Neighbour>& neighbours, ShapePart part,
                ShapePoints& points);

// What is drawn around a face already.
struct DrawnAround {
  // Where its hair ends along the rays of the outline, over where the face
  // ends; 0 where there is none.
  std::array<double, kOutlineRays> hair = {};
  bool has_hair = false;
  bool has_ears = false;
};

// drawing: as it was measured.
DrawnAround drawn_around(const Drawing& drawing, const FaceMeasures& measures);

// Whether the hair drawn goes around the top of the head, so that it needs no
// other outline; locks alone do not.
bool has_outlined_hair(const DrawnAround& drawn);

// Whether hair is drawn at both sides of the head and nowhere else, as bald
// people have it: not above, not below the ears, and close to the head.
bool has_bald_top(const DrawnAround& drawn);

// The example whose hair is nearest to the hair drawn; without any, one with
// short hair whose outline is nearest to the drawn one. Null where there are no
// examples.
const FaceExample* nearest_around(const FaceShapes& shapes,
                                  const FaceMeasures& measures,
                                  const DrawnAround& drawn);

// Makes a face that ends at `radii` end at its hair as the example does.
void take_hairline(const FaceExample& example,
                   std::array<double, kOutlineRays>& radii);

// The example's lines of the classes wanted, for a face that ends at `radii`
// along the rays of the outline; hair reaches as far as the drawn hair does.
std::vector<Stroke> lines_around(const FaceExample& example,
                                 const std::array<double, kOutlineRays>& radii,
                                 const DrawnAround& drawn,
                                 std::initializer_list<int> wanted);

}  // namespace limner
