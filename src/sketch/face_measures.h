// What a labelled drawing shows of a face, in the numbers of FaceShapes.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "sketch/face_shapes.h"
#include "sketch/frame.h"
#include "sketch/stroke.h"

namespace limner {

// The part that strokes of a class draw: an eye, a brow, the nose, the mouth,
// the outline (10 and 17 to 21); none for other classes.
std::optional<ShapePart> shape_part_of(int label);

// A part as it is drawn. Parts without strokes have no place.
struct PartMeasured {
  std::optional<PartPlace> place;
  // How far it lies from those of the faces: the root of the mean square of
  // its numbers, each in deviations from its mean. About 1 for real ones.
  double distance = 0;
};

struct FaceMeasures {
  // By ShapePart; the lips' lines, hair and neck are not measured.
  std::array<PartMeasured, kShapeParts> parts;
  // Where the outermost line of the outline crosses each ray, from
  // kOutlineCentre; 0 where none does.
  std::array<double, kOutlineRays> radii = {};
  // What there is to go by in finding the nearest face. What is far from all
  // faces counts as less far: large eyes ask for large eyes, not for eyes as
  // large as a cup.
  std::vector<ShapeObservation> observed;
  std::vector<ShapePart> observed_on;  // the part of each of them
};

// drawing: in the frame (side 512), its points finite.
FaceMeasures measure_face(const Drawing& drawing, const FaceShapes& shapes);

// The outermost crossings of lines of the outline with its rays.
std::array<double, kOutlineRays> outline_radii(const Drawing& drawing);

// The same of the lines of hair.
std::array<double, kOutlineRays> hair_radii(const std::vector<Stroke>& strokes);

}  // namespace limner
