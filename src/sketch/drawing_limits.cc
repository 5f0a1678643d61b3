#include "sketch/drawing_limits.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "sketch/classes.h"
#include "util/error.h"

namespace limner {
namespace {

// False for NaN, too.
bool is_share(float value) { return value >= 0 && value <= 1; }

void check_stroke(const Stroke& stroke, size_t index) {
  if (stroke.points.empty()) fail("stroke {} has no points", index);
  if (stroke.label < 0 || stroke.label > kStrokeClasses) {
    fail("stroke {} has class {}, expected 1 to {}, or 0 for not known", index,
         stroke.label, kStrokeClasses);
  }
  for (const Point& point : stroke.points) {
    if (!(std::abs(point.x) <= kMaxCoordinate) ||
        !(std::abs(point.y) <= kMaxCoordinate)) {
      fail("stroke {} has a point at {},{}, expected numbers within {}", index,
           point.x, point.y, kMaxCoordinate);
    }
  }
  if (!is_share(stroke.detail)) {
    fail("stroke {} has detail {}, expected 0 to 1", index, stroke.detail);
  }
  if (!is_share(stroke.confidence)) {
    fail("stroke {} has confidence {}, expected 0 to 1", index,
         stroke.confidence);
  }
  if (!stroke.pressure.empty() &&
      stroke.pressure.size() != stroke.points.size()) {
    fail("stroke {} has {} numbers of pressure for {} points", index,
         stroke.pressure.size(), stroke.points.size());
  }
  if (!std::all_of(stroke.pressure.begin(), stroke.pressure.end(), is_share)) {
    fail("stroke {} has a pressure outside 0 to 1", index);
  }
}

}  // namespace

void check_drawing(const Drawing& drawing) {
  if (!(drawing.side >= kMinDrawingSide) || !(drawing.side <= kMaxCoordinate)) {
    fail("the side is {}, expected {} to {}", drawing.side, kMinDrawingSide,
         kMaxCoordinate);
  }
  const auto strokes = static_cast<int64_t>(drawing.strokes.size());
  if (strokes > kMaxDrawingStrokes) {
    fail("the drawing has {} strokes, at most {} are accepted", strokes,
         kMaxDrawingStrokes);
  }
  int64_t points = 0;
  for (size_t i = 0; i < drawing.strokes.size(); ++i) {
    check_stroke(drawing.strokes[i], i);
    points += static_cast<int64_t>(drawing.strokes[i].points.size());
  }
  if (points > kMaxDrawingPoints) {
    fail("the drawing has {} points, at most {} are accepted", points,
         kMaxDrawingPoints);
  }
}

void crop_to_strokes(Drawing& drawing) {
  Point low = {INFINITY, INFINITY};
  Point high = {-INFINITY, -INFINITY};
  for (const Stroke& stroke : drawing.strokes) {
    for (const Point& p : stroke.points) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
  }
  for (Stroke& stroke : drawing.strokes) {
    for (Point& p : stroke.points) p = {p.x - low.x, p.y - low.y};
  }
  const float side = std::max(high.x - low.x, high.y - low.y);
  drawing.side = side >= kMinDrawingSide ? side : 1;
}

int decimals_for(double side) {
  // Rounding to d decimals moves a number by at most 0.5 / 10^d.
  const double wanted = std::ceil(-std::log10(side / 512 * 0.002));
  return static_cast<int>(std::clamp(wanted, 0.0, 9.0));
}

void append_number(std::string& out, double value, int decimals) {
  const size_t start = out.size();
  fmt::format_to(std::back_inserter(out), "{:.{}f}", value, decimals);
  if (decimals > 0) {
    while (out.back() == '0') out.pop_back();
    if (out.back() == '.') out.pop_back();
  }
  if (out.compare(start, std::string::npos, "-0") == 0) out.erase(start, 1);
}

}  // namespace limner
