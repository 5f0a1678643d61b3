// Faces as points: a statistical model of where the lines of a face lie, learnt
// from masks ("active shape models", Cootes et al., 1995). A face is
// mean + sum of b_i component_i with b_i normal, of deviation 1.
#pragma once

#include <vector>

#include "sketch/stroke.h"

namespace limner {

// Parts in the order of their points. Sides are image sides.
enum class ShapePart {
  kEyeRight,
  kEyeLeft,
  kBrowRight,
  kBrowLeft,
  kNose,
  kMouth,    // outline of the lips
  kLips,     // the lips' inner lines, upper then lower, each left to right
  kOutline,  // where rays from kOutlineCentre leave the face
  kHair,     // where rays from the ears' height upwards leave the hair
  kNeck,     // its left border downwards, then its right border
};
constexpr int kShapeParts = 10;

// Points of a part. Eyes, brows, nose and mouth are rings: `upper` points from
// the left corner over the top to the right corner, then the others back.
struct ShapeRange {
  int first = 0;
  int count = 0;
  int upper = 0;

  int left() const { return first; }
  int right() const { return first + upper - 1; }
  int top() const { return first + upper / 2; }
  int bottom() const { return first + upper + (count - upper) / 2; }
  int end() const { return first + count; }
};

ShapeRange shape_range(ShapePart part);

constexpr int kShapePoints = 195;
constexpr int kOutlineRays = 40;
constexpr int kMaxShapeComponents = 128;

// A place, or a direction of length 1.
struct ShapeVector {
  double x = 0;
  double y = 0;
};

// In the face frame of 512 x 512, as all points here.
constexpr ShapeVector kOutlineCentre = {256, 285};

// Directions of length 1: ray k of the outline (0 to the right, then downwards)
// and of the hair (from the left over the top to the right).
ShapeVector outline_ray(int k);
ShapeVector hair_ray(int k);

using ShapePoints = std::vector<Point>;  // kShapePoints

// A number measured on a face: a weighted sum of coordinates, 2 i the x and
// 2 i + 1 the y of point i.
struct ShapeTerm {
  int coordinate = 0;
  double factor = 0;
};
using ShapeMeasure = std::vector<ShapeTerm>;

// What was measured, and how far it may be from the truth (a deviation).
struct ShapeObservation {
  ShapeMeasure measure;
  double value = 0;
  double sigma = 1;
};

// A face that was learnt from, as it is: what the model blurs.
struct FaceExample {
  ShapePoints points;
  // [kOutlineRays]: the stroke class of the outline at each ray, 10 or 17 to
  // 21.
  std::vector<float> borders;
  // Lines around it, with their classes: hair, ears, neck, clothes.
  std::vector<Stroke> around;
};

class FaceShapes {
 public:
  // mean, rest (deviations of what the components leave): [2 kShapePoints];
  // components: [k, 2 kShapePoints]; borders: [kOutlineRays], the stroke class
  // of the outline at each ray, 10, 17 or 18. There may be no examples. Throws
  // Error for other sizes, classes and numbers that are not finite.
  FaceShapes(std::vector<float> mean, std::vector<float> components,
             std::vector<float> rest, std::vector<float> borders,
             std::vector<FaceExample> examples = {});

  int components() const { return count_; }
  const std::vector<float>& mean() const { return mean_; }
  const std::vector<float>& component_values() const { return components_; }
  const std::vector<float>& rest() const { return rest_; }
  const std::vector<float>& borders() const { return borders_; }
  const std::vector<FaceExample>& examples() const { return examples_; }
  // Throws Error as the constructor does.
  void set_examples(std::vector<FaceExample> examples);

  // Mean of a measure over faces, and its deviation.
  double mean_of(const ShapeMeasure& measure) const;
  double spread_of(const ShapeMeasure& measure) const;

  // The most probable face given what was observed, each by itself: the b that
  // minimises |b|^2 + sum of ((value - measure(b)) / sigma)^2. Without
  // observations the mean.
  ShapePoints nearest(const std::vector<ShapeObservation>& observed) const;

 private:
  // What a measure is of each component.
  std::vector<double> along(const ShapeMeasure& measure) const;

  int count_;
  std::vector<float> mean_, components_, rest_, borders_;
  std::vector<FaceExample> examples_;
};

}  // namespace limner
