#include "sketch/face_shapes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sketch/classes.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr int kCoordinates = 2 * kShapePoints;
constexpr int kLastBorder = 21;

constexpr std::array<ShapeRange, kShapeParts> kShapeTable = {{
    {0, 16, 9},
    {16, 16, 9},
    {32, 16, 9},
    {48, 16, 9},
    {64, 22, 15},
    {86, 20, 11},
    {106, 18, 0},
    {124, kOutlineRays, 0},
    {164, 21, 0},
    {185, 10, 0},
}};

void check_values(const std::vector<float>& values, size_t size,
                  const char* name) {
  if (values.size() != size) {
    fail("face shapes: {} numbers in '{}', expected {}", values.size(), name,
         size);
  }
  if (!std::all_of(values.begin(), values.end(),
                   [](float x) { return std::isfinite(x); })) {
    fail("face shapes: '{}' holds a number that is not finite", name);
  }
}

bool is_finite(const Point& p) {
  return std::isfinite(p.x) && std::isfinite(p.y);
}

void check_example(const FaceExample& example) {
  const auto all_finite = [](const std::vector<Point>& points) {
    return std::all_of(points.begin(), points.end(), is_finite);
  };
  if (example.points.size() != kShapePoints || !all_finite(example.points)) {
    fail("face shapes: an example of {} points, expected {} finite ones",
         example.points.size(), kShapePoints);
  }
  check_values(example.borders, kOutlineRays, "borders of an example");
  for (const float border : example.borders) {
    const bool skin = border == classes::kContour;
    if (!skin && !(border >= classes::kHairFace && border <= kLastBorder)) {
      fail(
          "face shapes: an example's border of class {}, expected 10 or 17 "
          "to 21",
          border);
    }
  }
  for (const Stroke& stroke : example.around) {
    if (stroke.label < 1 || stroke.label > kStrokeClasses ||
        stroke.points.empty() || !all_finite(stroke.points)) {
      fail("face shapes: an example's stroke of class {} and {} points",
           stroke.label, stroke.points.size());
    }
  }
}

ShapeVector ray_direction(double degrees) {
  return {std::cos(degrees * M_PI / 180), std::sin(degrees * M_PI / 180)};
}

// Solves A x = b for a symmetric positive definite A [n,n], whose lower
// triangle becomes its Cholesky factor.
std::vector<double> solve_positive(std::vector<double>& a,
                                   std::vector<double> b) {
  const size_t n = b.size();
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i == j ? std::sqrt(sum) : sum / a[j * n + j];
    }
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
  return b;
}

}  // namespace

ShapeRange shape_range(ShapePart part) {
  return kShapeTable[static_cast<size_t>(part)];
}

ShapeVector outline_ray(int k) {
  return ray_direction(360.0 * k / kOutlineRays);
}

ShapeVector hair_ray(int k) {
  const int count = shape_range(ShapePart::kHair).count;
  return ray_direction(170 + 200.0 * k / (count - 1));
}

FaceShapes::FaceShapes(std::vector<float> mean, std::vector<float> components,
                       std::vector<float> rest, std::vector<float> borders,
                       std::vector<FaceExample> examples)
    : count_(static_cast<int>(components.size() / kCoordinates)),
      mean_(std::move(mean)),
      components_(std::move(components)),
      rest_(std::move(rest)),
      borders_(std::move(borders)),
      examples_(std::move(examples)) {
  if (count_ < 1 || count_ > kMostShapeComponents) {
    fail("face shapes: {} components, expected 1 to {}", count_,
         kMostShapeComponents);
  }
  check_values(mean_, kCoordinates, "mean");
  check_values(components_, static_cast<size_t>(count_) * kCoordinates,
               "components");
  check_values(rest_, kCoordinates, "rest");
  check_values(borders_, kOutlineRays, "borders");
  for (const float border : borders_) {
    if (border != classes::kContour && border != classes::kHairFace &&
        border != classes::kFaceNeck) {
      fail("face shapes: a border of class {}, expected 10, 17 or 18", border);
    }
  }
  for (const FaceExample& example : examples_) check_example(example);
}

void FaceShapes::set_examples(std::vector<FaceExample> examples) {
  for (const FaceExample& example : examples) check_example(example);
  examples_ = std::move(examples);
}

double FaceShapes::mean_of(const ShapeMeasure& measure) const {
  double sum = 0;
  for (const ShapeTerm& term : measure) {
    sum += term.factor * mean_[term.coordinate];
  }
  return sum;
}

std::vector<double> FaceShapes::along(const ShapeMeasure& measure) const {
  std::vector<double> sums(count_);
  for (int k = 0; k < count_; ++k) {
    const float* component =
        &components_[static_cast<size_t>(k) * kCoordinates];
    for (const ShapeTerm& term : measure) {
      sums[k] += term.factor * component[term.coordinate];
    }
  }
  return sums;
}

double FaceShapes::spread_of(const ShapeMeasure& measure) const {
  double variance = 0;
  for (const double value : along(measure)) variance += value * value;
  for (const ShapeTerm& term : measure) {
    const double rest = term.factor * rest_[term.coordinate];
    variance += rest * rest;
  }
  return std::sqrt(variance);
}

ShapePoints FaceShapes::nearest(
    const std::vector<ShapeObservation>& observed) const {
  const auto n = static_cast<size_t>(count_);
  std::vector<double> a(n * n);
  std::vector<double> b(n);
  for (size_t i = 0; i < n; ++i) a[i * n + i] = 1;
  for (const ShapeObservation& seen : observed) {
    const std::vector<double> row = along(seen.measure);
    double variance = seen.sigma * seen.sigma;
    for (const ShapeTerm& term : seen.measure) {
      const double rest = term.factor * rest_[term.coordinate];
      variance += rest * rest;
    }
    const double off = seen.value - mean_of(seen.measure);
    for (size_t i = 0; i < n; ++i) {
      const double weighted = row[i] / variance;
      b[i] += weighted * off;
      for (size_t j = 0; j <= i; ++j) a[i * n + j] += weighted * row[j];
    }
  }
  const std::vector<double> weights = solve_positive(a, std::move(b));
  std::vector<double> sum(mean_.begin(), mean_.end());
  const float* component = components_.data();
  for (const double weight : weights) {
    for (double& value : sum) value += weight * *component++;
  }
  ShapePoints points(kShapePoints);
  for (int i = 0; i < kShapePoints; ++i) {
    points[i] = {static_cast<float>(sum[2 * i]),
                 static_cast<float>(sum[2 * i + 1])};
  }
  return points;
}

}  // namespace limner
