#include "train/data/stroke_samples.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sketch/classes.h"
#include "sketch/curves.h"
#include "sketch/point_sequence.h"
#include "sketch/quickdraw.h"
#include "train/data/hand_labels.h"
#include "util/error.h"
#include "util/files.h"

namespace limner::train {
namespace {

// Strokes that go on in a direction turned by more than this are not joined.
constexpr double kSharpest = 75.0;  // degrees

// Labels from here on are sets: the rest of their bits are classes.
constexpr int kSetOfClasses = 1 << 24;

uint32_t bit(int stroke_class) { return 1U << (stroke_class - 1); }

// What is left out together.
struct Group {
  std::vector<int> labels;
  double factor;  // on the probability
};

const std::array<Group, 6>& groups() {
  static const std::array<Group, 6> all = {{{{16, 19}, 1.5},
                                            {{14, 18}, 1.0},
                                            {{14, 16, 18, 19}, 1.5},
                                            {{15}, 0.5},
                                            {{10}, 0.5},
                                            {{11, 12, 21}, 0.5}}};
  return all;
}

int64_t below(int64_t n, Random& random) {
  return std::min(
      static_cast<int64_t>(random.uniform() * static_cast<double>(n)), n - 1);
}

Point first_direction(const std::vector<Point>& points, bool at_end) {
  const size_t n = points.size();
  const size_t reach = std::min<size_t>(n - 1, 3);
  const Point& a = at_end ? points[n - 1 - reach] : points[reach];
  const Point& b = at_end ? points[n - 1] : points[0];
  const float length = std::hypot(b.x - a.x, b.y - a.y);
  if (!(length > 0)) return {};
  return {(b.x - a.x) / length, (b.y - a.y) / length};  // outwards
}

void reverse(MixedStroke& stroke) {
  std::reverse(stroke.points.begin(), stroke.points.end());
  std::reverse(stroke.labels.begin(), stroke.labels.end());
}

// Joins ends that meet, the nearest first, each with probability `chance`.
void join_ends(std::vector<MixedStroke>& strokes, double reach, double chance,
               Random& random) {
  for (size_t i = 0; i < strokes.size(); ++i) {
    for (int side = 0; side < 2; ++side) {
      // A stroke that grew may grow again at its new end.
      while (random.uniform() < chance) {
        MixedStroke& from = strokes[i];
        if (from.points.size() < 2 || is_closed(from.points)) break;
        if (side == 0) reverse(from);
        const Point end = from.points.back();
        const Point out = first_direction(from.points, true);
        double nearest = reach;
        size_t other = i;
        bool at_end = false;
        for (size_t j = 0; j < strokes.size(); ++j) {
          const std::vector<Point>& points = strokes[j].points;
          if (j == i || points.size() < 2 || is_closed(points)) continue;
          for (const bool last : {false, true}) {
            const Point& p = last ? points.back() : points.front();
            const double d = std::hypot(p.x - end.x, p.y - end.y);
            if (d >= nearest) continue;
            const Point in = first_direction(points, last);
            const double turn = out.x * -in.x + out.y * -in.y;
            if (turn < std::cos(kSharpest * M_PI / 180)) continue;
            nearest = d;
            other = j;
            at_end = last;
          }
        }
        if (other != i) {
          MixedStroke& to = strokes[other];
          if (at_end) reverse(to);
          from.points.insert(from.points.end(), to.points.begin(),
                             to.points.end());
          from.labels.insert(from.labels.end(), to.labels.begin(),
                             to.labels.end());
          to.points.clear();
          to.labels.clear();
        }
        if (side == 0) reverse(from);
        if (other == i) break;
      }
    }
  }
  strokes.erase(std::remove_if(strokes.begin(), strokes.end(),
                               [](const MixedStroke& stroke) {
                                 return stroke.points.empty();
                               }),
                strokes.end());
}

MixedStroke part_of(const MixedStroke& stroke, size_t first, size_t last) {
  MixedStroke out;
  out.points.assign(stroke.points.begin() + first,
                    stroke.points.begin() + last);
  out.labels.assign(stroke.labels.begin() + first,
                    stroke.labels.begin() + last);
  return out;
}

void split_some(std::vector<MixedStroke>& strokes, double chance,
                Random& random) {
  const size_t count = strokes.size();
  for (size_t i = 0; i < count; ++i) {
    const size_t n = strokes[i].points.size();
    if (random.uniform() >= chance || n < 6) continue;
    const auto at =
        static_cast<size_t>(2 + below(static_cast<int64_t>(n) - 4, random));
    MixedStroke tail = part_of(strokes[i], at, n);
    strokes[i] = part_of(strokes[i], 0, at + 1);
    strokes.push_back(std::move(tail));
  }
}

void overdraw_some(std::vector<MixedStroke>& strokes, double chance,
                   double unit, Random& random) {
  const size_t count = strokes.size();
  for (size_t i = 0; i < count; ++i) {
    const size_t n = strokes[i].points.size();
    if (random.uniform() >= chance || n < 2) continue;
    const auto first =
        static_cast<size_t>(below(static_cast<int64_t>(n / 2) + 1, random));
    const size_t last = std::min(
        n, first + 2 +
               static_cast<size_t>(below(static_cast<int64_t>(n), random)));
    MixedStroke again = part_of(strokes[i], first, last);
    const double dx = 2.0 * unit * random.normal();
    const double dy = 2.0 * unit * random.normal();
    for (Point& p : again.points) {
      p.x += static_cast<float>(dx + 0.4 * unit * random.normal());
      p.y += static_cast<float>(dy + 0.4 * unit * random.normal());
    }
    strokes.push_back(std::move(again));
  }
}

// Leaves out points as simplify() does, but keeps those where the class
// changes.
void simplify_mixed(MixedStroke& stroke, double tolerance) {
  MixedStroke out;
  size_t first = 0;
  while (first < stroke.points.size()) {
    size_t last = first;
    while (last + 1 < stroke.points.size() &&
           stroke.labels[last + 1] == stroke.labels[first]) {
      ++last;
    }
    const MixedStroke piece = part_of(stroke, first, last + 1);
    for (const Point& p : simplify(piece.points, tolerance)) {
      out.points.push_back(p);
      out.labels.push_back(stroke.labels[first]);
    }
    first = last + 1;
  }
  stroke = std::move(out);
}

void turn_and_stretch(std::vector<MixedStroke>& strokes, double side,
                      const StrokeVariation& variation, Random& random) {
  const bool mirror = random.uniform() < variation.mirror;
  const double angle =
      random.between(-variation.turn, variation.turn) * M_PI / 180;
  const double wide = 1 + random.between(-variation.stretch, variation.stretch);
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  const double half = side / 2;
  for (MixedStroke& stroke : strokes) {
    for (Point& p : stroke.points) {
      double x = (p.x - half) * wide;
      const double y = p.y - half;
      if (mirror) x = -x;
      p.x = static_cast<float>(half + c * x - s * y);
      p.y = static_cast<float>(half + s * x + c * y);
    }
    if (!mirror) continue;
    for (int& label : stroke.labels) label = mirrored_label(label);
  }
}

}  // namespace

uint32_t possible_classes(int label) {
  constexpr uint32_t kHair = 1U << kFacialHair;
  if (label == 10) return bit(10) | kHair;
  if (label >= 1 && label <= kStrokeClasses) return bit(label);
  if (label == kNothingLabel) return 1U << kNothing;
  if (label >= kSetOfClasses) return label - kSetOfClasses;
  switch (label - kFirstHandLabel) {
    case 0:  // eye or brow, perhaps with glasses
      return bit(1) | bit(2) | bit(3) | bit(4) | bit(5);
    case 1:
      return bit(6);
    case 2:
      return bit(7);
    case 3:
      return bit(11) | bit(12);
    case 4:
      return bit(15);
    case 5:
      return kHair;
    case 6:  // the outline of the face, whatever lies beside it
      return bit(10) | bit(17) | bit(18) | bit(19) | bit(20) | bit(21) |
             bit(22);
    default:
      fail("label {} is neither a stroke class nor a part of a hand drawing",
           label);
  }
}

int set_of_classes(std::initializer_list<int> classes) {
  uint32_t bits = 0;
  for (const int one : classes) bits |= bit(one);
  return kSetOfClasses + static_cast<int>(bits);
}

int mirrored_label(int label) {
  if (label < kSetOfClasses) return mirrored_class(label);
  const uint32_t bits = possible_classes(label);
  uint32_t mirrored = 0;
  for (int k = 1; k <= kStrokeClasses; ++k) {
    if ((bits & bit(k)) != 0) mirrored |= bit(mirrored_class(k));
  }
  return kSetOfClasses + static_cast<int>(mirrored);
}

StrokeVariation plain_variation() {
  StrokeVariation variation;
  for (double* amount :
       {&variation.deform.shift, &variation.deform.turn, &variation.deform.size,
        &variation.deform.warp, &variation.deform.stroke_shift,
        &variation.deform.stroke_turn, &variation.deform.stroke_size,
        &variation.deform.wobble, &variation.deform.drop,
        &variation.deform.shorten, &variation.turn, &variation.stretch,
        &variation.omit, &variation.join, &variation.split, &variation.overdraw,
        &variation.simplify}) {
    *amount = 0.0;
  }
  variation.deform.max_detail = usual_variation().deform.max_detail;
  return variation;
}

StrokeVariation usual_variation() {
  StrokeVariation variation;
  variation.deform.shift = 0;  // a drawing is read relative to its own box
  variation.deform.max_detail = 0.7;  // hundreds of strokes are no drawing
  variation.deform.warp = 5.0;
  variation.deform.stroke_shift = 2.5;
  variation.deform.stroke_turn = 3.0;
  variation.deform.stroke_size = 0.04;
  variation.deform.wobble = 1.5;
  return variation;
}

StrokeVariation strong_variation() {
  StrokeVariation variation;
  variation.deform.shift = 0;
  variation.deform.max_detail = 0.7;
  variation.deform.warp = 12.0;
  variation.deform.stroke_shift = 5.0;
  variation.deform.stroke_turn = 6.0;
  variation.deform.stroke_size = 0.1;
  variation.deform.wobble = 3.0;
  variation.deform.drop = 0.12;
  variation.deform.shorten = 0.3;
  variation.turn = 12.0;
  variation.stretch = 0.15;
  variation.omit = 0.15;
  variation.split = 0.25;
  variation.overdraw = 0.15;
  variation.simplify = 4.0;
  return variation;
}

std::vector<MixedStroke> unvaried(const Drawing& drawing) {
  std::vector<MixedStroke> out;
  for (const Stroke& stroke : drawing.strokes) {
    out.push_back(
        {stroke.points, std::vector<int>(stroke.points.size(), stroke.label)});
  }
  return out;
}

std::vector<MixedStroke> vary(const Drawing& drawing,
                              const StrokeVariation& variation,
                              Random& random) {
  const double unit = drawing.side / 512.0;
  std::vector<bool> omitted(kStrokeClasses + 1, false);
  for (const Group& group : groups()) {
    if (random.uniform() >= variation.omit * group.factor) continue;
    for (const int label : group.labels) omitted[label] = true;
  }
  Drawing kept;
  kept.side = drawing.side;
  for (const Stroke& stroke : drawing.strokes) {
    if (stroke.label > kStrokeClasses || !omitted[stroke.label]) {
      kept.strokes.push_back(stroke);
    }
  }
  std::vector<MixedStroke> strokes =
      unvaried(deform(kept, variation.deform, random));
  place_labels(strokes);
  for (size_t i = strokes.size(); i > 1; --i) {
    std::swap(strokes[i - 1], strokes[below(static_cast<int64_t>(i), random)]);
  }
  join_ends(strokes, variation.reach * unit, variation.join * random.uniform(),
            random);
  split_some(strokes, variation.split, random);
  overdraw_some(strokes, variation.overdraw, unit, random);
  const double tolerance = variation.simplify * unit * random.uniform();
  for (MixedStroke& stroke : strokes) {
    simplify_mixed(stroke, tolerance);
    if (random.uniform() < 0.5) reverse(stroke);
  }
  turn_and_stretch(strokes, drawing.side, variation, random);
  return strokes;
}

Drawing plain_drawing(const std::vector<MixedStroke>& strokes) {
  Drawing out;
  for (const MixedStroke& stroke : strokes) {
    Stroke plain;
    plain.points = stroke.points;
    out.strokes.push_back(std::move(plain));
  }
  return out;
}

std::vector<int> labels_at(const std::vector<MixedStroke>& strokes,
                           const std::vector<int>& stroke,
                           const std::vector<double>& along) {
  std::vector<int> out(stroke.size(), -1);
  int now = -1;
  std::vector<double> lengths;
  for (size_t i = 0; i < stroke.size(); ++i) {
    if (stroke[i] < 0) continue;
    const MixedStroke& from = strokes[stroke[i]];
    if (stroke[i] != now) {
      now = stroke[i];
      lengths = lengths_along(from.points);
    }
    const auto after =
        std::lower_bound(lengths.begin(), lengths.end(), along[i]);
    auto k = static_cast<size_t>(after - lengths.begin());
    k = std::min(k, lengths.size() - 1);
    if (k > 0 && along[i] - lengths[k - 1] < lengths[k] - along[i]) --k;
    out[i] = from.labels[k];
  }
  return out;
}

std::vector<Drawing> read_hand_drawings(const std::filesystem::path& file) {
  const std::vector<unsigned char> bytes = read_file(file);
  QuickDrawOptions options;
  options.third = QuickDrawOptions::Third::kParts;
  std::vector<Drawing> out;
  for (QuickDrawing& read :
       read_ndjson(std::string(bytes.begin(), bytes.end()), options)) {
    Drawing drawing = std::move(read.drawing);
    for (size_t i = 0; i < drawing.strokes.size(); ++i) {
      const int part = read.parts[i];
      if (part < 0 || part >= kHandParts) {
        fail("{}: line {}: stroke {} has part {}, expected 0 to {}",
             file.string(), out.size() + 1, i + 1, part, kHandParts - 1);
      }
      drawing.strokes[i].label = kFirstHandLabel + part;
    }
    out.push_back(std::move(drawing));
  }
  return out;
}

}  // namespace limner::train
