#include "sketch/face_neighbours.h"

#include <algorithm>
#include <cmath>

#include "sketch/classes.h"
#include "sketch/face_maps.h"

namespace limner {
namespace {

using Rays = std::array<double, kOutlineRays>;

constexpr size_t kMaxNeighbours = 4;
// Weights of neighbours fall to 1/e where the square of the distance has grown
// by this share of the nearest's and by this.
constexpr double kFallShare = 0.35;
constexpr double kFall = 0.05;
constexpr double kMinWeight = 1e-6;
// Shares of the outline's radius: a difference of hair that counts as one
// deviation, and where hair ends at most.
constexpr double kHairDeviation = 0.12;
constexpr double kMaxHair = 1.9;
// How much the outline counts where hair is drawn, and an ear that the hair
// would hide.
constexpr double kOutlineBesideHair = 0.3;
constexpr double kHiddenEar = 1.0;
// Hair that nobody drew is not to be seen first: where it reaches higher than
// this, and how much higher counts as one deviation.
constexpr double kUsualHair = 1.3;
constexpr double kHighHair = 0.1;
// Rays of the outline below the ears, where only long hair reaches.
constexpr int kFirstLow = 3;
constexpr int kLastLow = 17;
constexpr int kMaxLow = 1;  // of them that short hair may reach
// Hair this much beyond the outline can be stretched, and by how much.
constexpr double kBeyondOutline = 1.02;
constexpr double kMinStretch = 0.4;
constexpr double kMaxStretched = 2.2;
constexpr int kSmoothings = 3;
// Rays above the ears, and the share of them that hair along the head crosses.
constexpr double kAbove = -0.2;
constexpr double kOutlined = 0.8;
// The sides of a head, where bald people have hair: the height of directions,
// and shares of the outline's radius.
constexpr double kHighestSide = -0.65;
constexpr double kLowestSide = 0.35;
constexpr double kMaxAtSides = 1.35;

double value_of(const ShapeMeasure& measure, const ShapePoints& points) {
  double sum = 0;
  for (const ShapeTerm& term : measure) {
    const Point& p = points[static_cast<size_t>(term.coordinate / 2)];
    sum += term.factor * (term.coordinate % 2 == 0 ? p.x : p.y);
  }
  return sum;
}

using Seen = std::vector<const ShapeObservation*>;

// What was observed on the parts; of parts that are not drawn, on the outline,
// or on all. So a change of one part leaves the others' neighbours alone.
Seen seen_of(const FaceMeasures& measures,
             std::initializer_list<ShapePart> parts) {
  Seen own, outline, all;
  for (size_t i = 0; i < measures.observed.size(); ++i) {
    const ShapePart on = measures.observed_on[i];
    all.push_back(&measures.observed[i]);
    if (on == ShapePart::kOutline) outline.push_back(&measures.observed[i]);
    if (std::find(parts.begin(), parts.end(), on) != parts.end()) {
      own.push_back(&measures.observed[i]);
    }
  }
  return !own.empty() ? own : !outline.empty() ? outline : all;
}

// Mean square of differences to what was observed, in deviations.
double distance_to(const ShapePoints& points, const Seen& observed) {
  double sum = 0;
  for (const ShapeObservation* seen : observed) {
    const double off =
        (seen->value - value_of(seen->measure, points)) / seen->sigma;
    sum += off * off;
  }
  return sum / std::max<double>(static_cast<double>(observed.size()), 1);
}

// Where an example's hair ends, over where its face ends.
Rays hair_of(const FaceExample& example) {
  Rays hair = hair_radii(example.around);
  const Rays face = face_radii(example.points);
  for (int k = 0; k < kOutlineRays; ++k) hair[k] /= face[k];
  return hair;
}

// Long hair shows beside the face, where it is not in front of clothes, or
// borders on the cheeks.
bool is_short(const FaceExample& example, const Rays& hair) {
  int low = 0;
  for (int k = kFirstLow; k <= kLastLow; ++k) {
    if (hair[k] > kBeyondOutline || example.borders[k] == classes::kHairFace) {
      ++low;
    }
  }
  return low <= kMaxLow;
}

// How unusually high hair reaches above the face.
double height_distance(const Rays& hair) {
  const double top = *std::max_element(hair.begin(), hair.end());
  const double off = std::max(0.0, top - kUsualHair) / kHighHair;
  return off * off;
}

double hair_distance(const Rays& a, const Rays& b) {
  double sum = 0;
  for (int k = 0; k < kOutlineRays; ++k) {
    const double off =
        (std::clamp(a[k], 1.0, kMaxHair) - std::clamp(b[k], 1.0, kMaxHair)) /
        kHairDeviation;
    sum += off * off;
  }
  return sum / kOutlineRays;
}

bool has_class(const FaceExample& example, std::initializer_list<int> labels) {
  return std::any_of(
      example.around.begin(), example.around.end(), [&](const Stroke& stroke) {
        return std::find(labels.begin(), labels.end(), stroke.label) !=
               labels.end();
      });
}

// How much farther than the example's hair the drawn hair reaches, by ray.
Rays stretches(const Rays& example, const Rays& drawn) {
  Rays out = {};
  for (int k = 0; k < kOutlineRays; ++k) {
    if (example[k] > kBeyondOutline && drawn[k] > kBeyondOutline) {
      out[k] = std::clamp((drawn[k] - 1) / (example[k] - 1), kMinStretch,
                          kMaxStretched);
    }
  }
  fill_gaps(out);
  for (int pass = 0; pass < kSmoothings; ++pass) {
    const Rays before = out;
    for (int k = 0; k < kOutlineRays; ++k) {
      out[k] = 0.5 * before[k] +
               0.25 * (before[(k + 1) % kOutlineRays] +
                       before[(k + kOutlineRays - 1) % kOutlineRays]);
    }
  }
  return out;
}

}  // namespace

std::vector<Neighbour> nearest_examples(
    const FaceShapes& shapes, const FaceMeasures& measures,
    std::initializer_list<ShapePart> parts) {
  const Seen seen = seen_of(measures, parts);
  std::vector<Neighbour> all;
  for (const FaceExample& example : shapes.examples()) {
    all.push_back({&example, distance_to(example.points, seen)});
  }
  // One more than there are, whose weight would be 0: as another takes its
  // place, nothing jumps.
  const size_t count = std::min(kMaxNeighbours + 1, all.size());
  const auto nearer = [](const Neighbour& a, const Neighbour& b) {
    return a.weight < b.weight;
  };
  std::partial_sort(all.begin(),
                    all.begin() + static_cast<std::ptrdiff_t>(count), all.end(),
                    nearer);
  all.resize(count);
  if (all.empty()) return all;
  const double min = all.front().weight;
  const auto weigh = [&](double distance) {
    return std::exp(-(distance - min) / (kFallShare * min + kFall));
  };
  double last = 0;
  if (count > kMaxNeighbours) {
    last = weigh(all.back().weight);
    all.pop_back();
  }
  double sum = 0;
  for (Neighbour& one : all) {
    // Where all are as near, they count alike.
    one.weight = std::max(weigh(one.weight) - last, kMinWeight);
    sum += one.weight;
  }
  for (Neighbour& one : all) one.weight /= sum;
  return all;
}

std::array<double, kOutlineRays> face_radii(const ShapePoints& points) {
  const ShapeRange range = shape_range(ShapePart::kOutline);
  Rays radii;
  for (int k = 0; k < kOutlineRays; ++k) {
    const Point& p = points[static_cast<size_t>(range.first + k)];
    radii[k] = std::max(
        std::hypot(p.x - kOutlineCentre.x, p.y - kOutlineCentre.y), 1.0);
  }
  return radii;
}

PartPlace place_of_points(const ShapePoints& points, const ShapeRange& range) {
  double left = HUGE_VAL, right = -HUGE_VAL, top = HUGE_VAL, bottom = -HUGE_VAL;
  for (int i = range.first; i < range.end(); ++i) {
    left = std::min<double>(left, points[i].x);
    right = std::max<double>(right, points[i].x);
    top = std::min<double>(top, points[i].y);
    bottom = std::max<double>(bottom, points[i].y);
  }
  return {(left + right) / 2, (top + bottom) / 2, right - left, bottom - top};
}

void blend_part(const std::vector<Neighbour>& neighbours, ShapePart part,
                ShapePoints& points) {
  if (neighbours.empty()) return;
  const ShapeRange range = shape_range(part);
  std::vector<int> moved;
  for (int i = range.first; i < range.end(); ++i) moved.push_back(i);
  if (part == ShapePart::kMouth) {
    const ShapeRange lips = shape_range(ShapePart::kLips);
    for (int i = lips.first; i < lips.end(); ++i) moved.push_back(i);
  }
  // Points in boxes of size 1, and the logarithms of the boxes' sizes.
  std::vector<ShapeVector> blended(moved.size());
  double wide = 0;
  double high = 0;
  for (const Neighbour& one : neighbours) {
    const PartPlace at = place_of_points(one.face->points, range);
    const double width = std::max(at.width, 1.0);
    const double height = std::max(at.height, 1.0);
    wide += one.weight * std::log(width);
    high += one.weight * std::log(height);
    for (size_t i = 0; i < moved.size(); ++i) {
      const Point& p = one.face->points[static_cast<size_t>(moved[i])];
      blended[i].x += one.weight * (p.x - at.x) / width;
      blended[i].y += one.weight * (p.y - at.y) / height;
    }
  }
  const PartPlace own = place_of_points(points, range);
  const double width =
      std::exp(0.5 * (wide + std::log(std::max(own.width, 1.0))));
  const double height =
      std::exp(0.5 * (high + std::log(std::max(own.height, 1.0))));
  for (size_t i = 0; i < moved.size(); ++i) {
    points[static_cast<size_t>(moved[i])] = {
        static_cast<float>(own.x + width * blended[i].x),
        static_cast<float>(own.y + height * blended[i].y)};
  }
}

DrawnAround drawn_around(const Drawing& drawing, const FaceMeasures& measures) {
  DrawnAround drawn;
  for (const Stroke& stroke : drawing.strokes) {
    drawn.has_hair = drawn.has_hair || stroke.label == classes::kHair;
    drawn.has_ears = drawn.has_ears || stroke.label == classes::kRightEar ||
                     stroke.label == classes::kLeftEar;
  }
  drawn.hair = hair_radii(drawing.strokes);
  Rays face = measures.radii;
  fill_gaps(face);
  for (int k = 0; k < kOutlineRays; ++k)
    drawn.hair[k] /= std::max(face[k], 1.0);
  return drawn;
}

bool has_outlined_hair(const DrawnAround& drawn) {
  int around = 0;
  int above = 0;
  for (int k = 0; k < kOutlineRays; ++k) {
    if (!(outline_ray(k).y < kAbove)) continue;
    ++above;
    if (drawn.hair[k] > kBeyondOutline) ++around;
  }
  return around > kOutlined * above;
}

bool has_bald_top(const DrawnAround& drawn) {
  bool left = false;
  bool right = false;
  for (int k = 0; k < kOutlineRays; ++k) {
    if (!(drawn.hair[k] > 0)) continue;
    const ShapeVector ray = outline_ray(k);
    if (ray.y < kHighestSide || ray.y > kLowestSide ||
        drawn.hair[k] > kMaxAtSides) {
      return false;
    }
    (ray.x > 0 ? right : left) = true;
  }
  return left && right;
}

const FaceExample* nearest_around(const FaceShapes& shapes,
                                  const FaceMeasures& measures,
                                  const DrawnAround& drawn) {
  const FaceExample* best = nullptr;
  bool best_suits = false;
  double min = HUGE_VAL;
  const Seen seen = seen_of(measures, {ShapePart::kOutline});
  for (const FaceExample& example : shapes.examples()) {
    const Rays hair = hair_of(example);
    double distance = distance_to(example.points, seen);
    const bool suits = drawn.has_hair || is_short(example, hair);
    if (drawn.has_hair) {
      distance =
          kOutlineBesideHair * distance + hair_distance(hair, drawn.hair);
    } else {
      distance += height_distance(hair);
    }
    if (drawn.has_ears &&
        !has_class(example, {classes::kRightEar, classes::kLeftEar})) {
      distance += kHiddenEar;
    }
    if (suits < best_suits || (suits == best_suits && distance >= min)) {
      continue;
    }
    best = &example;
    best_suits = suits;
    min = distance;
  }
  return best;
}

void take_hairline(const FaceExample& example, Rays& radii) {
  const Rays own = face_radii(example.points);
  double size = 0;
  double rays = 0;
  Rays hairline = {};
  for (int k = 0; k < kOutlineRays; ++k) {
    if (example.borders[k] == classes::kHairFace && outline_ray(k).y < 0) {
      hairline[k] = 1;
    } else {
      size += radii[k] / own[k];
      ++rays;
    }
  }
  size = rays > 0 ? size / rays : 1;
  for (int k = 0; k < kOutlineRays; ++k) {
    const double share =
        0.5 * hairline[k] +
        0.25 * (hairline[(k + 1) % kOutlineRays] +
                hairline[(k + kOutlineRays - 1) % kOutlineRays]);
    radii[k] = mixed(radii[k], size * own[k], share);
  }
}

std::vector<Stroke> lines_around(const FaceExample& example, const Rays& radii,
                                 const DrawnAround& drawn,
                                 std::initializer_list<int> wanted) {
  const Rays from = face_radii(example.points);
  Rays plain;
  plain.fill(1);
  const AroundMap others(from, radii, plain);
  const AroundMap hair(
      from, radii,
      drawn.has_hair ? stretches(hair_of(example), drawn.hair) : plain);
  std::vector<Stroke> out;
  for (const Stroke& stroke : example.around) {
    if (std::find(wanted.begin(), wanted.end(), stroke.label) == wanted.end()) {
      continue;
    }
    const bool is_hair = stroke.label == classes::kHair;
    // Locks are those that were drawn.
    if (is_hair && drawn.has_hair && stroke.detail > 0) continue;
    Stroke moved = stroke;
    for (Point& p : moved.points) p = is_hair ? hair(p) : others(p);
    moved.detail = 0;
    out.push_back(std::move(moved));
  }
  return out;
}

}  // namespace limner
