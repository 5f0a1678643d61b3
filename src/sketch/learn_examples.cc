#include "sketch/learn_examples.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sketch/classes.h"
#include "sketch/curves.h"
#include "sketch/face_neighbours.h"
#include "sketch/learn_shapes.h"
#include "sketch/mask_sketch.h"

namespace limner {
namespace {

// Edges inside the hair: how fine they may be, how long they are at least, and
// how many there are at most.
constexpr float kHairDetail = 0.3F;
constexpr double kMinEdge = 30;
constexpr int kMaxEdges = 14;
constexpr double kMinBorder = 12;     // length of a border
constexpr double kFewerPoints = 1.2;  // of fewer points
// How far the nose lies from the middle of the eyes, in units, where a face
// looks ahead.
constexpr double kMaxTurned = 10;
// How much a radius of the outline differs from the mean of its neighbours,
// doubled, at most.
constexpr double kJagged = 45;
// Mean square of deviations of a usual face.
constexpr double kMaxUnusual = 1.4;

double middle_of(const ShapePoints& points, ShapePart part) {
  const ShapeRange range = shape_range(part);
  double sum = 0;
  for (int i = range.first; i < range.end(); ++i) sum += points[i].x;
  return sum / range.count;
}

bool looks_ahead(const ShapePoints& points) {
  const double eyes = 0.5 * (middle_of(points, ShapePart::kEyeRight) +
                             middle_of(points, ShapePart::kEyeLeft));
  return std::abs(middle_of(points, ShapePart::kNose) - eyes) < kMaxTurned;
}

bool lies_around(const Stroke& stroke) {
  switch (stroke.label) {
    case classes::kRightEar:
    case classes::kLeftEar:
    case classes::kNeck:
    case classes::kHair:
    case classes::kCloth:
    case classes::kOther:
      return true;
    default:
      return false;
  }
}

// Strands over the face, or a mask's faults, make its outline jagged.
bool is_jagged(const FaceExample& example) {
  const auto radii = face_radii(example.points);
  for (int k = 0; k < kOutlineRays; ++k) {
    const double bend = radii[(k + 1) % kOutlineRays] - 2 * radii[k] +
                        radii[(k + kOutlineRays - 1) % kOutlineRays];
    if (std::abs(bend) > kJagged) return true;
  }
  return false;
}

bool is_usual(const FaceExample& example, const FaceShapes& shapes) {
  double sum = 0;
  for (int i = 0; i < kShapePoints; ++i) {
    for (const bool vertical : {false, true}) {
      const ShapeMeasure one = {{2 * i + (vertical ? 1 : 0), 1}};
      const double value = vertical ? example.points[i].y : example.points[i].x;
      const double off = value - shapes.mean_of(one);
      const double spread = std::max(shapes.spread_of(one), 1.0);
      sum += off * off / (spread * spread);
    }
  }
  return sum / (2 * kShapePoints) < kMaxUnusual;
}

}  // namespace

std::optional<FaceExample> example_of(const Image& mask, const Image& photo) {
  const std::optional<FaceSample> sample = sample_face(mask);
  if (!sample || !looks_ahead(sample->points) ||
      std::count(mask.pixels.begin(), mask.pixels.end(), kGlasses) > 0) {
    return std::nullopt;
  }
  FaceExample example;
  example.points = sample->points;
  for (const int border : sample->borders) {
    const bool known =
        border >= classes::kHairFace && border <= classes::kFaceEar;
    example.borders.push_back(
        static_cast<float>(known ? border : classes::kContour));
  }
  SketchOptions options;
  options.detail = kHairDetail;
  int edges = 0;
  for (const Stroke& stroke : sketch_of(mask, &photo, options).strokes) {
    const double length = length_of(stroke.points);
    if (!lies_around(stroke)) continue;
    if (stroke.detail > 0) {
      if (stroke.label != classes::kHair || length < kMinEdge ||
          ++edges > kMaxEdges) {
        continue;
      }
    } else if (length < kMinBorder) {
      continue;
    }
    Stroke kept;
    kept.points = simplify(stroke.points, kFewerPoints);
    kept.label = stroke.label;
    kept.detail = stroke.detail;
    example.around.push_back(std::move(kept));
  }
  return example;
}

std::vector<FaceExample> choose_examples(std::vector<FaceExample> examples,
                                         const FaceShapes& shapes, int count) {
  std::vector<FaceExample> usual;
  for (FaceExample& example : examples) {
    if (is_jagged(example) || !is_usual(example, shapes)) continue;
    usual.push_back(std::move(example));
  }
  const size_t all = usual.size();
  const size_t kept = std::min<size_t>(all, static_cast<size_t>(count));
  std::vector<FaceExample> out;
  for (size_t i = 0; i < kept; ++i) {
    out.push_back(std::move(usual[i * all / kept]));
  }
  return out;
}

}  // namespace limner
