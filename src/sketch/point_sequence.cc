#include "sketch/point_sequence.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "util/error.h"

namespace limner {
namespace {

constexpr size_t kMaxStrokes = 50'000;
// Empty slots after a stroke: the reach of a window of five to one side.
constexpr int kGap = 2;
// Octaves of the sines and cosines of a place.
constexpr int kOctaves = 4;
// Strokes whose ends are this near, in steps, count as closed.
constexpr double kClosing = 1.0;

struct Box {
  double left = std::numeric_limits<double>::max();
  double top = std::numeric_limits<double>::max();
  double right = std::numeric_limits<double>::lowest();
  double bottom = std::numeric_limits<double>::lowest();

  void add(const Point& p) {
    left = std::min<double>(left, p.x);
    right = std::max<double>(right, p.x);
    top = std::min<double>(top, p.y);
    bottom = std::max<double>(bottom, p.y);
  }
  void add(const Box& other) {
    add(Point{static_cast<float>(other.left), static_cast<float>(other.top)});
    add(Point{static_cast<float>(other.right),
              static_cast<float>(other.bottom)});
  }
  // Whether it touches `other`, whose sides are moved out by `margin`.
  bool within(const Box& other, double margin) const {
    return right >= other.left - margin && left <= other.right + margin &&
           bottom >= other.top - margin && top <= other.bottom + margin;
  }
  double width() const { return right - left; }
  double height() const { return bottom - top; }
  double x() const { return 0.5 * (left + right); }
  double y() const { return 0.5 * (top + bottom); }
};

// A short mark that lies apart from all else, in shares of the drawing's size
// and of its length: a speck, or what is left of a broken line. Where there are
// more, the drawing is of short marks.
constexpr double kShort = 0.045;
constexpr double kApart = 0.04;
constexpr double kLittle = 0.02;

// The box of the drawing, without a short mark that lies apart and makes little
// of it: it says nothing about where the face is.
Box box_of(const Drawing& drawing,
           const std::vector<std::vector<double>>& along) {
  std::vector<Box> boxes(drawing.strokes.size());
  Box all;
  double total = 0;
  for (size_t s = 0; s < boxes.size(); ++s) {
    for (const Point& p : drawing.strokes[s].points) boxes[s].add(p);
    if (drawing.strokes[s].points.empty()) continue;
    all.add(boxes[s]);
    total += along[s].back();
  }
  const double side = std::max(all.width(), all.height());
  Box bulk;
  double little = 0;
  int apart = 0;
  std::vector<size_t> marks;
  for (size_t s = 0; s < boxes.size(); ++s) {
    if (drawing.strokes[s].points.empty()) continue;
    if (std::max(boxes[s].width(), boxes[s].height()) < kShort * side) {
      marks.push_back(s);
    } else {
      bulk.add(boxes[s]);
    }
  }
  if (bulk.left > bulk.right) return all;
  const Box core = bulk;
  for (const size_t s : marks) {
    if (boxes[s].within(core, kApart * side)) {
      bulk.add(boxes[s]);
    } else {
      little = along[s].back();
      ++apart;
    }
  }
  return apart == 1 && little < kLittle * total ? bulk : all;
}

// `count` points at even steps from the first to the last of `points`.
std::vector<Point> even_points(const std::vector<Point>& points,
                               const std::vector<double>& along, int count) {
  std::vector<Point> out(count);
  size_t k = 0;
  for (int i = 0; i < count; ++i) {
    const double at = along.back() * i / (count - 1);
    while (k + 2 < points.size() && along[k + 1] < at) ++k;
    if (points.size() == 1) {
      out[i] = points[0];
      continue;
    }
    const double length = along[k + 1] - along[k];
    const double t =
        length > 0 ? std::clamp((at - along[k]) / length, 0.0, 1.0) : 0.0;
    out[i].x =
        static_cast<float>(points[k].x + t * (points[k + 1].x - points[k].x));
    out[i].y =
        static_cast<float>(points[k].y + t * (points[k + 1].y - points[k].y));
  }
  return out;
}

// The unit vector from a to b, or zero.
Point direction(const Point& a, const Point& b) {
  const float x = b.x - a.x;
  const float y = b.y - a.y;
  const float length = std::hypot(x, y);
  return length > 0 ? Point{x / length, y / length} : Point{};
}

// Writes the features of one stroke's points to rows of kPointFeatures.
void describe(const std::vector<Point>& points, double length, double step,
              const Box& all, float* row) {
  const double half = 0.5 * std::max(all.width(), all.height());
  const double unit = half > 0 ? 1.0 / half : 1.0;
  Box box;
  for (const Point& p : points) box.add(p);
  const auto count = static_cast<int>(points.size());
  const double chord = std::hypot(points.back().x - points.front().x,
                                  points.back().y - points.front().y);
  const bool closed = count > 3 && length > 4 * step && chord < kClosing * step;
  for (int i = 0; i < count; ++i, row += kPointFeatures) {
    const Point before = points[i > 0 ? i - 1 : (closed ? count - 2 : i)];
    const Point after = points[i + 1 < count ? i + 1 : (closed ? 1 : i)];
    const Point in = direction(before, points[i]);
    const Point out = direction(points[i], after);
    const Point through = direction(before, after);
    const double x = (points[i].x - all.x()) * unit;
    const double y = (points[i].y - all.y()) * unit;
    const double done = static_cast<double>(i) / (count - 1);
    const double values[kPointFeatures - 4 * kOctaves] = {
        x,
        y,
        through.x,
        through.y,
        in.x * out.y - in.y * out.x,
        in.x * out.x + in.y * out.y,
        done,
        closed ? 1.0 : std::min(done, 1 - done) * length * unit,
        std::log1p(4 * length * unit),
        closed ? 1.0 : 0.0,
        (box.x() - points[i].x) * unit,
        (box.y() - points[i].y) * unit,
        box.width() * unit,
        box.height() * unit,
        length > 0 ? chord / length : 0.0,
        all.height() > 0 ? all.width() / (all.width() + all.height()) : 1.0};
    float* to = row;
    for (const double value : values) *to++ = static_cast<float>(value);
    for (int k = 0; k < kOctaves; ++k) {
      const double turn = M_PI * (1 << k) * 0.5;
      *to++ = static_cast<float>(std::sin(turn * x));
      *to++ = static_cast<float>(std::cos(turn * x));
      *to++ = static_cast<float>(std::sin(turn * y));
      *to++ = static_cast<float>(std::cos(turn * y));
    }
  }
}

}  // namespace

std::vector<double> lengths_along(const std::vector<Point>& points) {
  std::vector<double> along(points.size(), 0.0);
  for (size_t i = 1; i < points.size(); ++i) {
    along[i] =
        along[i - 1] + std::hypot(static_cast<double>(points[i].x) -
                                      static_cast<double>(points[i - 1].x),
                                  static_cast<double>(points[i].y) -
                                      static_cast<double>(points[i - 1].y));
  }
  return along;
}

PointSequence sample_points(const Drawing& drawing,
                            const SampleOptions& options) {
  if (drawing.strokes.size() > kMaxStrokes) {
    fail("a drawing of {} strokes, at most {} can be labelled",
         drawing.strokes.size(), kMaxStrokes);
  }
  double total = 0;
  bool any = false;
  std::vector<std::vector<double>> along(drawing.strokes.size());
  for (size_t s = 0; s < drawing.strokes.size(); ++s) {
    const std::vector<Point>& points = drawing.strokes[s].points;
    for (const Point& p : points) {
      if (!std::isfinite(p.x) || !std::isfinite(p.y)) {
        fail("stroke {} has a point that is not finite", s + 1);
      }
    }
    along[s] = lengths_along(points);
    if (points.empty()) continue;
    any = true;
    total += along[s].back();
  }
  if (!any) fail("the drawing has no points");
  const Box all = box_of(drawing, along);

  double step = std::max(all.width(), all.height()) / options.steps;
  step = std::max(step, total / options.max);

  PointSequence out;
  for (size_t s = 0; s < drawing.strokes.size(); ++s) {
    const std::vector<Point>& points = drawing.strokes[s].points;
    if (points.empty()) continue;
    const double length = along[s].back();
    const int count =
        step > 0 ? std::max(options.min,
                            static_cast<int>(std::lround(length / step)) + 1)
                 : options.min;
    const auto first = static_cast<size_t>(out.slots());
    const size_t slots =
        (count + kGap + kSlotGroup - 1) / kSlotGroup * kSlotGroup;
    out.features.resize((first + slots) * kPointFeatures, 0.0F);
    out.used.resize(first + slots, 0);
    out.stroke.resize(first + slots, -1);
    out.along.resize(first + slots, 0.0);
    for (int i = 0; i < count; ++i) {
      out.used[first + i] = 1;
      out.stroke[first + i] = static_cast<int>(s);
      out.along[first + i] = length * i / (count - 1);
    }
    describe(even_points(points, along[s], count), length, step, all,
             &out.features[first * kPointFeatures]);
  }
  return out;
}

}  // namespace limner
