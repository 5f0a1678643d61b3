#include "sketch/face_shapes.h"

#include <Eigen/Cholesky>
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
  if (count_ < 1 || count_ > kMaxShapeComponents) {
    fail("face shapes: {} components, expected 1 to {}", count_,
         kMaxShapeComponents);
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
  // (1 + sum of rows row^T / variance) b = sum of off / variance row
  Eigen::MatrixXd a = Eigen::MatrixXd::Identity(count_, count_);
  Eigen::VectorXd b = Eigen::VectorXd::Zero(count_);
  for (const ShapeObservation& seen : observed) {
    const std::vector<double> values = along(seen.measure);
    const Eigen::Map<const Eigen::VectorXd> row(values.data(), count_);
    double variance = seen.sigma * seen.sigma;
    for (const ShapeTerm& term : seen.measure) {
      const double rest = term.factor * rest_[term.coordinate];
      variance += rest * rest;
    }
    const double off = seen.value - mean_of(seen.measure);
    b += off / variance * row;
    a.selfadjointView<Eigen::Lower>().rankUpdate(row, 1 / variance);
  }
  const Eigen::VectorXd weights =
      a.selfadjointView<Eigen::Lower>().llt().solve(b);
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
