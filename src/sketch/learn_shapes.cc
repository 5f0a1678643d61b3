#include "sketch/learn_shapes.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <numeric>
#include <utility>

#include "sketch/borders.h"
#include "sketch/classes.h"
#include "sketch/curves.h"
#include "sketch/labels.h"
#include "sketch/mask_sketch.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr double kFrameUnits = kFrameSide;
constexpr int kSizes = 2 * kShapePoints;
// Along a ray: a step, and how wide a gap still belongs to the face (a strand
// of hair).
constexpr double kRayStep = 0.5;
constexpr double kRayGap = 10;
constexpr double kBeyond = 5;  // where the neighbour of the outline is read
// Rays that may miss the hair.
constexpr int kMaxBald = 3;
// Rows that show the neck, in shares of the side.
constexpr std::array<double, 5> kNeckRows = {0.86, 0.89, 0.92, 0.95, 0.98};
constexpr double kMinNeck = 60;  // its width

using Parts = std::initializer_list<int>;

bool is_in(int label, Parts parts) {
  return std::find(parts.begin(), parts.end(), label) != parts.end();
}

bool is_face(int label) {
  return is_in(label, {kSkin, kNose, kGlasses, kLeftEye, kRightEye, kLeftBrow,
                       kRightBrow, kMouth, kUpperLip, kLowerLip});
}

// The label at a place of the frame, or background beyond it.
int label_at(const Image& mask, double x, double y) {
  const double unit = mask.width / kFrameUnits;
  const int i = static_cast<int>(std::floor(x * unit));
  const int j = static_cast<int>(std::floor(y * unit));
  if (i < 0 || j < 0 || i >= mask.width || j >= mask.height) return 0;
  return mask.row(j)[i];
}

// The longest closed outline of the parts' region; empty when there is none.
Polyline region_outline(const Image& mask, Parts parts) {
  Image region(mask.width, mask.height, 1);
  for (size_t i = 0; i < mask.pixels.size(); ++i) {
    region.pixels[i] = is_in(mask.pixels[i], parts) ? 1 : 0;
  }
  Polyline longest;
  for (Border& border :
       trace_borders(region, [](int a, int b) { return a == b ? 0 : 1; })) {
    if (is_closed(border.line) && border.line.size() > longest.size()) {
      longest = std::move(border.line);
    }
  }
  const auto unit = static_cast<float>(kFrameUnits / mask.width);
  // As sketch_of() smooths.
  longest = smooth(longest, 3.0 / (0.8 * unit));
  for (Point& p : longest) p = {p.x * unit, p.y * unit};
  return longest;
}

// `count` points at even steps along a line.
Polyline points_along(const Polyline& line, int count) {
  const double step = length_of(line) / (count - 1);
  Polyline out = {line.front()};
  double left = step;
  for (size_t i = 1; i < line.size(); ++i) {
    Point a = line[i - 1];
    const Point b = line[i];
    double length = std::hypot(b.x - a.x, b.y - a.y);
    while (length >= left && static_cast<int>(out.size()) < count - 1) {
      const auto t = static_cast<float>(left / length);
      a = {a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
      out.push_back(a);
      length = std::hypot(b.x - a.x, b.y - a.y);
      left = step;
    }
    left -= length;
  }
  out.resize(count, line.back());
  out.back() = line.back();
  return out;
}

// The points of a ring part; false when the outline is too small.
bool add_ring(Polyline line, const ShapeRange& range, ShapePoints& points) {
  constexpr size_t kMin = 8;
  if (line.size() < kMin) return false;
  line.pop_back();
  const auto by_x = [](const Point& a, const Point& b) { return a.x < b.x; };
  std::rotate(line.begin(), std::min_element(line.begin(), line.end(), by_x),
              line.end());
  line.push_back(line.front());
  const auto right = std::max_element(line.begin(), line.end(), by_x);
  Polyline upper(line.begin(), right + 1);
  Polyline lower(right, line.end());
  const auto height = [](const Polyline& part) {
    double sum = 0;
    for (const Point& p : part) sum += p.y;
    return sum / static_cast<double>(part.size());
  };
  if (height(upper) > height(lower)) {
    std::reverse(upper.begin(), upper.end());
    std::reverse(lower.begin(), lower.end());
    std::swap(upper, lower);
  }
  if (upper.size() < 2 || lower.size() < 2) return false;
  const Polyline over = points_along(upper, range.upper);
  const Polyline under = points_along(lower, range.count - range.upper + 2);
  points.insert(points.end(), over.begin(), over.end());
  points.insert(points.end(), under.begin() + 1, under.end() - 1);
  return true;
}

// The lips' inner lines, in columns of the mouth's width.
bool add_lips(const Image& mask, ShapePoints& points) {
  const ShapeRange mouth = shape_range(ShapePart::kMouth);
  const Point left = points[mouth.left()];
  const Point right = points[mouth.right()];
  const int columns = shape_range(ShapePart::kLips).count / 2;
  Polyline upper;
  Polyline lower;
  for (int k = 0; k < columns; ++k) {
    const double t = (k + 1.0) / (columns + 1);
    const double x = left.x + t * (right.x - left.x);
    double above = -1;
    double below = -1;
    for (double y = left.y - 80; y < left.y + 80; y += kRayStep) {
      const int label = label_at(mask, x, y);
      if (label == kUpperLip) above = y + kRayStep;
      if (label == kLowerLip && below < 0) below = y;
    }
    // Towards the corners one lip ends before the other.
    if (above < 0 && below < 0) return false;
    if (above < 0) above = below;
    if (below < 0) below = above;
    if (below < above) above = below = 0.5 * (above + below);
    upper.push_back({static_cast<float>(x), static_cast<float>(above)});
    lower.push_back({static_cast<float>(x), static_cast<float>(below)});
  }
  for (const Polyline& line : {smooth(upper, 0.8), smooth(lower, 0.8)}) {
    points.insert(points.end(), line.begin(), line.end());
  }
  return true;
}

Point on_ray(ShapeVector direction, double r) {
  return {static_cast<float>(kOutlineCentre.x + r * direction.x),
          static_cast<float>(kOutlineCentre.y + r * direction.y)};
}

// Where a ray leaves the face, and what is there.
double face_radius(const Image& mask, ShapeVector direction, int* beyond) {
  constexpr double kFarthest = 320;
  double end = 0;
  for (double r = 0; r < kFarthest && r < end + kRayGap; r += kRayStep) {
    const Point p = on_ray(direction, r);
    if (is_face(label_at(mask, p.x, p.y))) end = r;
  }
  const Point p = on_ray(direction, end + kBeyond);
  *beyond = label_at(mask, p.x, p.y);
  return end;
}

void add_outline(const Image& mask, FaceSample& sample) {
  for (int k = 0; k < kOutlineRays; ++k) {
    int beyond = 0;
    const double r = face_radius(mask, outline_ray(k), &beyond);
    sample.points.push_back(on_ray(outline_ray(k), r));
    sample.borders[k] = beyond == kSkin ? 0 : border_class(kSkin, beyond);
  }
}

bool add_hair(const Image& mask, ShapePoints& points) {
  constexpr double kFarthest = 400;
  int bald = 0;
  for (int k = 0; k < shape_range(ShapePart::kHair).count; ++k) {
    const ShapeVector direction = hair_ray(k);
    int beyond = 0;
    const double min = face_radius(mask, direction, &beyond);
    double r = kFarthest;
    while (r > min) {
      const Point p = on_ray(direction, r);
      if (label_at(mask, p.x, p.y) == kHair) break;
      r -= kRayStep;
    }
    if (r <= min && ++bald > kMaxBald) return false;
    points.push_back(on_ray(direction, std::max(r, min)));
  }
  return true;
}

// Where the neck ends in each row, those that show none as the nearest that
// does: hair or a collar covers much of it.
bool add_neck(const Image& mask, ShapePoints& points) {
  const auto count = static_cast<int>(kNeckRows.size());
  std::vector<double> ends[2];
  std::vector<int> shown;
  for (int row = 0; row < count; ++row) {
    const double y = kNeckRows[row] * kFrameUnits;
    double first = -1;
    double last = -1;
    for (double x = kRayStep; x < kFrameUnits; x += kRayStep) {
      if (!is_in(label_at(mask, x, y), {kNeck, kNecklace})) continue;
      if (first < 0) first = x;
      last = x;
    }
    if (last - first > kMinNeck) shown.push_back(row);
    ends[0].push_back(first);
    ends[1].push_back(last);
  }
  if (shown.empty()) return false;
  for (const std::vector<double>& side : ends) {
    for (int row = 0; row < count; ++row) {
      const int nearest = *std::min_element(
          shown.begin(), shown.end(),
          [&](int a, int b) { return std::abs(a - row) < std::abs(b - row); });
      points.push_back({static_cast<float>(side[nearest]),
                        static_cast<float>(kNeckRows[row] * kFrameUnits)});
    }
  }
  return true;
}

using Rows =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// The `count` largest principal components of rows [n, kSizes], each of the
// length of a deviation. Of the matrices rows^T rows and rows rows^T, which
// have the same eigenvalues, the smaller one is solved.
std::vector<Eigen::VectorXd> principal_components(const Rows& rows, int count) {
  const bool few = rows.rows() < rows.cols();
  const Eigen::MatrixXd matrix = few ? Eigen::MatrixXd(rows * rows.transpose())
                                     : Eigen::MatrixXd(rows.transpose() * rows);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(matrix);
  const Eigen::Index last = matrix.rows() - 1;  // of the largest eigenvalue
  std::vector<Eigen::VectorXd> components;
  for (int k = 0; k < count; ++k) {
    const auto vector = solver.eigenvectors().col(last - k);
    Eigen::VectorXd component;
    if (few) {
      component = rows.transpose() * vector;
    } else {
      component =
          std::sqrt(std::max(solver.eigenvalues()[last - k], 0.0)) * vector;
    }
    // An eigenvector's sign is arbitrary.
    Eigen::Index largest = 0;
    component.cwiseAbs().maxCoeff(&largest);
    if (component[largest] < 0) component = -component;
    components.push_back(std::move(component));
  }
  return components;
}

// One over the mean deviation of a part's coordinates, for each coordinate.
std::vector<double> part_weights(const std::vector<double>& variances) {
  std::vector<double> weights(kSizes, 1);
  for (int part = 0; part < kShapeParts; ++part) {
    const ShapeRange range = shape_range(static_cast<ShapePart>(part));
    double sum = 0;
    for (int i = 2 * range.first; i < 2 * range.end(); ++i) sum += variances[i];
    const double deviation = std::sqrt(sum / (2 * range.count));
    for (int i = 2 * range.first; i < 2 * range.end(); ++i) {
      weights[i] = deviation > 0 ? 1 / deviation : 1;
    }
  }
  return weights;
}

// The most frequent of the three classes that an outline is cut into.
std::vector<float> usual_borders(const std::vector<FaceSample>& samples) {
  std::vector<float> borders;
  for (int k = 0; k < kOutlineRays; ++k) {
    int hair = 0;
    int neck = 0;
    int skin = 0;
    for (const FaceSample& sample : samples) {
      const int border = sample.borders[k];
      if (border == classes::kHairFace) {
        ++hair;
      } else if (border == classes::kFaceNeck) {
        ++neck;
      } else if (border != 0) {
        ++skin;
      }
    }
    const int mode = std::max({hair, neck, skin});
    borders.push_back(static_cast<float>(hair == mode   ? classes::kHairFace
                                         : neck == mode ? classes::kFaceNeck
                                                        : classes::kContour));
  }
  return borders;
}

}  // namespace

std::optional<FaceSample> sample_face(const Image& mask) {
  check_labels(mask, kMaskLabels - 1, "points of a face");
  if (mask.width != mask.height || mask.width < 1) {
    fail("points of a face: its mask is {}x{} pixels; expected a square",
         mask.width, mask.height);
  }
  FaceSample sample;
  const auto ring = [&](ShapePart part, Parts parts) {
    return add_ring(region_outline(mask, parts), shape_range(part),
                    sample.points);
  };
  // The mask's left parts lie on the image's right.
  if (!ring(ShapePart::kEyeRight, {kLeftEye}) ||
      !ring(ShapePart::kEyeLeft, {kRightEye}) ||
      !ring(ShapePart::kBrowRight, {kLeftBrow}) ||
      !ring(ShapePart::kBrowLeft, {kRightBrow}) ||
      !ring(ShapePart::kNose, {kNose}) ||
      !ring(ShapePart::kMouth, {kMouth, kUpperLip, kLowerLip}) ||
      !add_lips(mask, sample.points)) {
    return std::nullopt;
  }
  add_outline(mask, sample);
  if (!add_hair(mask, sample.points) || !add_neck(mask, sample.points)) {
    return std::nullopt;
  }
  return sample;
}

Image mirrored_mask(const Image& mask) {
  std::array<uint8_t, 256> swapped;
  std::iota(swapped.begin(), swapped.end(), uint8_t{0});
  std::swap(swapped[kLeftEye], swapped[kRightEye]);
  std::swap(swapped[kLeftBrow], swapped[kRightBrow]);
  std::swap(swapped[kLeftEar], swapped[kRightEar]);
  Image out(mask.width, mask.height, 1);
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      out.row(y)[x] = swapped[mask.row(y)[mask.width - 1 - x]];
    }
  }
  return out;
}

FaceShapes learn_face_shapes(const std::vector<FaceSample>& samples,
                             int components) {
  const size_t n = samples.size();
  if (n < 2) {
    fail("face shapes: {} whole faces to learn from, expected two or more", n);
  }
  const size_t size = kSizes;
  std::vector<double> mean(size);
  for (const FaceSample& sample : samples) {
    for (int i = 0; i < kShapePoints; ++i) {
      mean[2 * i] += sample.points[i].x / static_cast<double>(n);
      mean[2 * i + 1] += sample.points[i].y / static_cast<double>(n);
    }
  }
  // rows^T rows is the covariance of the weighted coordinates.
  Rows rows(n, size);
  std::vector<double> variances(size);
  const double scale = 1 / std::sqrt(static_cast<double>(n) - 1);
  for (size_t s = 0; s < n; ++s) {
    auto row = rows.row(static_cast<Eigen::Index>(s));
    for (int i = 0; i < kShapePoints; ++i) {
      row[2 * i] = scale * (samples[s].points[i].x - mean[2 * i]);
      row[2 * i + 1] = scale * (samples[s].points[i].y - mean[2 * i + 1]);
    }
    for (size_t i = 0; i < size; ++i) variances[i] += row[i] * row[i];
  }
  const std::vector<double> weights = part_weights(variances);
  for (size_t i = 0; i < size; ++i) rows.col(i) *= weights[i];

  const int count =
      std::min<int>({components, static_cast<int>(n) - 1, kMaxShapeComponents});
  std::vector<float> kept;
  for (const Eigen::VectorXd& component :
       principal_components(rows, std::max(count, 1))) {
    for (size_t i = 0; i < size; ++i) {
      const double value = component[i] / weights[i];
      kept.push_back(static_cast<float>(value));
      variances[i] -= value * value;
    }
  }
  std::vector<float> rest;
  for (const double variance : variances) {
    rest.push_back(static_cast<float>(std::sqrt(std::max(variance, 0.0))));
  }
  return {{mean.begin(), mean.end()},
          std::move(kept),
          std::move(rest),
          usual_borders(samples)};
}

}  // namespace limner
