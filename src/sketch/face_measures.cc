#include "sketch/face_measures.h"

#include <algorithm>
#include <cmath>

#include "sketch/classes.h"
#include "sketch/curves.h"

namespace limner {
namespace {

// Beyond this many deviations an observation grows no more.
constexpr double kSaturation = 2.5;
// How much observations are believed: their deviation over the faces'.
constexpr double kBelief = 0.7;
// Neighbouring rays say nearly the same.
constexpr double kRayBelief = 2.0;
// Sizes below this share of the mean are symbols, which tell no size.
constexpr double kMinSize = 0.4;
// What measuring a drawing and a mask differs by, in units and as a share.
constexpr double kTolerance = 2;
constexpr double kToleranceShare = 0.12;
constexpr double kStep = 2;  // along a line
constexpr double kMaxSamples = 20'000;
constexpr double kRayAngle = 2 * M_PI / kOutlineRays;
constexpr double kFewRays = 0.25;  // share: no outline
constexpr double kMaxRays = 0.75;
// A skin line nearer to the centre than this share of the outline is within.
constexpr double kWithin = 0.5;

struct Samples {
  std::vector<ShapeVector> points;

  ShapeVector middle() const {
    ShapeVector sum;
    for (const ShapeVector& p : points) {
      sum.x += p.x;
      sum.y += p.y;
    }
    const auto n = static_cast<double>(points.size());
    return {sum.x / n, sum.y / n};
  }
};

Samples samples_of(const Drawing& drawing, ShapePart part) {
  double length = 0;
  for (const Stroke& stroke : drawing.strokes) {
    if (shape_part_of(stroke.label) == part) length += length_of(stroke.points);
  }
  const double step = std::max(kStep, length / kMaxSamples);
  Samples samples;
  for (const Stroke& stroke : drawing.strokes) {
    if (shape_part_of(stroke.label) != part || stroke.points.empty()) continue;
    const Point& first = stroke.points.front();
    samples.points.push_back({first.x, first.y});
    for (size_t i = 1; i < stroke.points.size(); ++i) {
      const Point& a = stroke.points[i - 1];
      const Point& b = stroke.points[i];
      const double size = std::hypot(b.x - a.x, b.y - a.y);
      const int count = static_cast<int>(std::ceil(size / step));
      for (int k = 1; k <= count; ++k) {
        const double t = static_cast<double>(k) / count;
        samples.points.push_back(
            {a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)});
      }
    }
  }
  return samples;
}

// y = level + slope u + bend (u^2 - 1/2) over samples, u from -1 to 1 across
// the place; by least squares.
struct Course {
  double level = 0, slope = 0, bend = 0;

  double at(double u) const { return level + slope * u + bend * (u * u - 0.5); }
};

double across(const ShapeVector& p, const PartPlace& place) {
  return std::clamp((p.x - place.x) / std::max(0.5 * place.width, 1.0), -1.2,
                    1.2);
}

Course course_of(const Samples& samples, const PartPlace& place) {
  double a[3][4] = {{1e-6, 0, 0, 0}, {0, 1e-3, 0, 0}, {0, 0, 1e-3, 0}};
  for (const ShapeVector& p : samples.points) {
    const double u = across(p, place);
    const double terms[3] = {1, u, u * u - 0.5};
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) a[i][j] += terms[i] * terms[j];
      a[i][3] += terms[i] * (p.y - place.y);
    }
  }
  for (int i = 0; i < 3; ++i) {
    for (int j = i + 1; j < 3; ++j) {
      const double factor = a[j][i] / a[i][i];
      for (int k = i; k < 4; ++k) a[j][k] -= factor * a[i][k];
    }
  }
  double x[3] = {};
  for (int i = 2; i >= 0; --i) {
    x[i] = a[i][3];
    for (int k = i + 1; k < 3; ++k) x[i] -= a[i][k] * x[k];
    x[i] /= a[i][i];
  }
  return {place.y + x[0], x[1], x[2]};
}

// How far apart the upper and lower lines are in the middle of the place.
double thickness_of(const Samples& samples, const PartPlace& place,
                    const Course& course) {
  std::vector<double> off;
  for (const ShapeVector& p : samples.points) {
    const double u = across(p, place);
    if (std::abs(u) < 0.6) off.push_back(p.y - course.at(u));
  }
  if (off.size() < 3) return 0;
  std::sort(off.begin(), off.end());
  const size_t out = off.size() / 20;
  return off[off.size() - 1 - out] - off[out];
}

int x_of(int point) { return 2 * point; }
int y_of(int point) { return 2 * point + 1; }

ShapeMeasure mean_of_points(const ShapeRange& range, bool vertical) {
  ShapeMeasure measure;
  for (int i = range.first; i < range.end(); ++i) {
    measure.push_back({vertical ? y_of(i) : x_of(i), 1.0 / range.count});
  }
  return measure;
}

ShapeMeasure difference(int to, int from) { return {{to, 1}, {from, -1}}; }

// The outermost crossings of lines of some classes with the outline's rays; 0
// where there are none.
template <typename IsOne>
std::array<double, kOutlineRays> outermost(const std::vector<Stroke>& strokes,
                                           const IsOne& is_one) {
  std::array<ShapeVector, kOutlineRays> rays;
  for (int k = 0; k < kOutlineRays; ++k) rays[k] = outline_ray(k);
  std::array<double, kOutlineRays> radii = {};
  for (const Stroke& stroke : strokes) {
    if (!is_one(stroke.label)) continue;
    for (size_t i = 1; i < stroke.points.size(); ++i) {
      const double ax = stroke.points[i - 1].x - kOutlineCentre.x;
      const double ay = stroke.points[i - 1].y - kOutlineCentre.y;
      const double bx = stroke.points[i].x - kOutlineCentre.x;
      const double by = stroke.points[i].y - kOutlineCentre.y;
      // Only rays between the two can be crossed.
      const double start = std::atan2(ay, ax) / kRayAngle;
      double sweep = std::atan2(by, bx) / kRayAngle - start;
      if (sweep > kOutlineRays / 2) sweep -= kOutlineRays;
      if (sweep < -kOutlineRays / 2) sweep += kOutlineRays;
      const double low = std::min(start, start + sweep);
      const double high = std::max(start, start + sweep);
      for (int j = static_cast<int>(std::floor(low)); j <= std::ceil(high);
           ++j) {
        const int k = (j + 2 * kOutlineRays) % kOutlineRays;
        const double a = rays[k].x * ay - rays[k].y * ax;
        const double b = rays[k].x * by - rays[k].y * bx;
        if (a * b > 0 || a == b) continue;
        const double t = a / (a - b);
        const double r =
            rays[k].x * (ax + t * (bx - ax)) + rays[k].y * (ay + t * (by - ay));
        radii[k] = std::max(radii[k], r);
      }
    }
  }
  return radii;
}

class Measuring {
 public:
  Measuring(const Drawing& drawing, const FaceShapes& shapes)
      : drawing_(drawing), shapes_(shapes) {}

  FaceMeasures run() {
    measure_eyes();
    measure_nose();
    measure_mouth();
    measure_outline();
    return std::move(out_);
  }

 private:
  // Starts on a part; false when it is not drawn.
  bool begin(ShapePart part, FacePart place) {
    part_ = part;
    range_ = shape_range(part);
    samples_ = samples_of(drawing_, part);
    if (samples_.points.empty()) return false;
    PartMeasured& measured = out_.parts[static_cast<size_t>(part)];
    measured.place = place_of(drawing_, place);
    if (!measured.place) return false;
    place_ = *measured.place;
    course_ = course_of(samples_, place_);
    squares_ = numbers_ = 0;
    return true;
  }
  void end(double extra = 0) {
    out_.parts[static_cast<size_t>(part_)].distance =
        std::sqrt(squares_ / std::max(numbers_, 1.0)) + extra;
  }

  double judge(const ShapeMeasure& measure, double value) {
    const double mean = shapes_.mean_of(measure);
    const double spread = std::hypot(shapes_.spread_of(measure), kTolerance);
    const double z = (value - mean) / spread;
    squares_ += z * z;
    ++numbers_;
    return z;
  }
  void guide(const ShapeMeasure& measure, double value, double belief) {
    const double mean = shapes_.mean_of(measure);
    const double spread = std::hypot(shapes_.spread_of(measure), kTolerance);
    const double z = (value - mean) / spread;
    out_.observed.push_back(
        {measure, mean + spread * kSaturation * std::tanh(z / kSaturation),
         belief * spread});
    out_.observed_on.push_back(part_);
  }
  void take(const ShapeMeasure& measure, double value) {
    judge(measure, value);
    guide(measure, value, kBelief);
  }
  // A size, which symbols do not tell.
  void take_size(const ShapeMeasure& measure, double value) {
    const double mean = shapes_.mean_of(measure);
    const double spread =
        std::hypot(shapes_.spread_of(measure), kToleranceShare * mean);
    const double z = (value - mean) / spread;
    squares_ += z * z;
    ++numbers_;
    if (value > kMinSize * mean) guide(measure, value, kBelief);
  }

  void measure_eyes() {
    const auto eye = [&](ShapePart part, FacePart face_part, bool brow) {
      if (!begin(part, face_part)) return;
      const ShapeVector middle = samples_.middle();
      take(mean_of_points(range_, false), middle.x);
      take(mean_of_points(range_, true), middle.y);
      take_size(difference(x_of(range_.right()), x_of(range_.left())),
                place_.width);
      if (brow) {
        const ShapeMeasure tilt =
            difference(y_of(range_.right()), y_of(range_.left()));
        if (place_.width > 10) take(tilt, 2 * course_.slope);
      }
      take_size(difference(y_of(range_.bottom()), y_of(range_.top())),
                brow ? thickness_of(samples_, place_, course_) : place_.height);
      end();
    };
    eye(ShapePart::kEyeRight, FacePart::kEyeRight, false);
    eye(ShapePart::kEyeLeft, FacePart::kEyeLeft, false);
    eye(ShapePart::kBrowRight, FacePart::kBrowRight, true);
    eye(ShapePart::kBrowLeft, FacePart::kBrowLeft, true);
  }

  void measure_nose() {
    if (!begin(ShapePart::kNose, FacePart::kNose)) return;
    take({{x_of(range_.left()), 0.5}, {x_of(range_.right()), 0.5}}, place_.x);
    take({{y_of(range_.bottom()), 1}}, place_.y + 0.5 * place_.height);
    take_size(difference(x_of(range_.right()), x_of(range_.left())),
              place_.width);
    take_size(difference(y_of(range_.bottom()), y_of(range_.top())),
              place_.height);
    end();
  }

  void measure_mouth() {
    if (!begin(ShapePart::kMouth, FacePart::kMouth)) return;
    const int lips = shape_range(ShapePart::kLips).first;
    const int half = shape_range(ShapePart::kLips).count / 2;
    const int upper = y_of(lips + half / 2);
    const int lower = y_of(lips + half + half / 2);
    take({{x_of(range_.left()), 0.5}, {x_of(range_.right()), 0.5}}, place_.x);
    take({{upper, 0.5}, {lower, 0.5}}, course_.at(0));
    take_size(difference(x_of(range_.right()), x_of(range_.left())),
              place_.width);
    // How much lower the corners are than the middle.
    if (place_.width > 10) {
      take({{y_of(range_.left()), 0.5},
            {y_of(range_.right()), 0.5},
            {upper, -0.5},
            {lower, -0.5}},
           course_.bend);
    }
    take_size(difference(y_of(range_.bottom()), y_of(range_.top())),
              thickness_of(samples_, place_, course_));
    end();
  }

  void measure_outline() {
    out_.radii = outline_radii(drawing_);
    part_ = ShapePart::kOutline;
    range_ = shape_range(part_);
    squares_ = numbers_ = 0;
    int rays = 0;
    for (int k = 0; k < kOutlineRays; ++k) {
      if (out_.radii[k] == 0) continue;
      const ShapeVector ray = outline_ray(k);
      const ShapeMeasure along = {{x_of(range_.first + k), ray.x},
                                  {y_of(range_.first + k), ray.y}};
      const double centre = kOutlineCentre.x * ray.x + kOutlineCentre.y * ray.y;
      if (out_.radii[k] < kWithin * (shapes_.mean_of(along) - centre)) {
        out_.radii[k] = 0;
        continue;
      }
      ++rays;
      judge(along, centre + out_.radii[k]);
      guide(along, centre + out_.radii[k], kRayBelief);
    }
    const double share = static_cast<double>(rays) / kOutlineRays;
    if (share < kFewRays) {
      out_.radii = {};
      return;
    }
    out_.parts[static_cast<size_t>(part_)].place =
        place_of(drawing_, FacePart::kOutline);
    end(10 * std::max(0.0, kMaxRays - share));
  }

  const Drawing& drawing_;
  const FaceShapes& shapes_;
  FaceMeasures out_;
  // Of the part that is being measured.
  ShapePart part_ = ShapePart::kEyeRight;
  ShapeRange range_;
  Samples samples_;
  PartPlace place_;
  Course course_;
  double squares_ = 0;
  double numbers_ = 0;
};

}  // namespace

std::optional<ShapePart> shape_part_of(int label) {
  switch (label) {
    case classes::kRightEye:
      return ShapePart::kEyeRight;
    case classes::kLeftEye:
      return ShapePart::kEyeLeft;
    case classes::kRightBrow:
      return ShapePart::kBrowRight;
    case classes::kLeftBrow:
      return ShapePart::kBrowLeft;
    case classes::kNose:
      return ShapePart::kNose;
    case classes::kMouth:
      return ShapePart::kMouth;
    case classes::kContour:
    case classes::kHairFace:
    case classes::kFaceNeck:
    case classes::kFaceCloth:
    case classes::kFaceHat:
    case classes::kFaceEar:
      return ShapePart::kOutline;
    default:
      return std::nullopt;
  }
}

FaceMeasures measure_face(const Drawing& drawing, const FaceShapes& shapes) {
  return Measuring(drawing, shapes).run();
}

std::array<double, kOutlineRays> outline_radii(const Drawing& drawing) {
  return outermost(drawing.strokes, [](int label) {
    return shape_part_of(label) == ShapePart::kOutline;
  });
}

std::array<double, kOutlineRays> hair_radii(
    const std::vector<Stroke>& strokes) {
  return outermost(strokes, [](int label) { return label == classes::kHair; });
}

}  // namespace limner
