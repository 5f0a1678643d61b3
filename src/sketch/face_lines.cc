#include "sketch/face_lines.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "sketch/classes.h"
#include "sketch/curves.h"

namespace limner {
namespace {

constexpr int kBetween = 4;      // points of a curve for one of the shape
constexpr float kFrameEdge = 4;  // lines end at the frame's border
// Of the eye's opening: the iris.
constexpr double kIris = 0.62;
constexpr float kClosedLips = 3;  // units between lips that touch

// A curve through points (Catmull and Rom, 1974).
Polyline curve_through(const Polyline& points, bool closed) {
  const auto n = static_cast<int>(points.size());
  if (n < 3) return points;
  const auto at = [&](int i) {
    return points[closed ? (i + n) % n : std::clamp(i, 0, n - 1)];
  };
  Polyline out;
  for (int i = 0; i < (closed ? n : n - 1); ++i) {
    const std::array<Point, 4> p = {at(i - 1), at(i), at(i + 1), at(i + 2)};
    for (int k = 0; k < kBetween; ++k) {
      const float t = static_cast<float>(k) / kBetween;
      const auto blend = [t](float a, float b, float c, float d) {
        return 0.5F *
               (2 * b + t * (c - a) + t * t * (2 * a - 5 * b + 4 * c - d) +
                t * t * t * (3 * b - a - 3 * c + d));
      };
      out.push_back({blend(p[0].x, p[1].x, p[2].x, p[3].x),
                     blend(p[0].y, p[1].y, p[2].y, p[3].y)});
    }
  }
  out.push_back(closed ? out.front() : points.back());
  return out;
}

Polyline points_of(const ShapePoints& points, int first, int count) {
  return {points.begin() + first, points.begin() + first + count};
}

Stroke stroke_of(Polyline line, int label) {
  Stroke stroke;
  stroke.points = std::move(line);
  stroke.label = label;
  return stroke;
}

// Upper and lower lid: two curves that meet in corners.
Stroke ring_stroke(const ShapePoints& points, const ShapeRange& range,
                   int label) {
  Polyline over =
      curve_through(points_of(points, range.first, range.upper), false);
  Polyline under =
      points_of(points, range.right(), range.count - range.upper + 1);
  under.push_back(points[range.left()]);
  under = curve_through(under, false);
  over.insert(over.end(), under.begin() + 1, under.end());
  over.back() = over.front();
  return stroke_of(std::move(over), label);
}

// Height of a chain of points, left to right, at x.
float chain_height(const Polyline& chain, float x) {
  for (size_t i = 1; i < chain.size(); ++i) {
    if (x > chain[i].x && i + 1 < chain.size()) continue;
    const Point& a = chain[i - 1];
    const Point& b = chain[i];
    const float t =
        b.x > a.x ? std::clamp((x - a.x) / (b.x - a.x), 0.0F, 1.0F) : 0.0F;
    return a.y + t * (b.y - a.y);
  }
  return chain.empty() ? 0 : chain.front().y;
}

// The sides of a circle between the lids.
void add_iris(const ShapePoints& points, const ShapeRange& range, int label,
              std::vector<Stroke>& strokes) {
  const Polyline over = points_of(points, range.first, range.upper);
  Polyline under =
      points_of(points, range.right(), range.count - range.upper + 1);
  under.push_back(points[range.left()]);
  std::reverse(under.begin(), under.end());
  const Point top = points[range.top()];
  const Point bottom = points[range.bottom()];
  const double radius = kIris * (bottom.y - top.y);
  if (!(radius > 2)) return;
  const float x = 0.5F * (points[range.left()].x + points[range.right()].x);
  const float y = 0.5F * (top.y + bottom.y);
  constexpr int kSteps = 24;
  for (const int side : {-1, 1}) {
    Polyline arc;
    for (int k = 0; k <= kSteps; ++k) {
      const double angle = M_PI * (static_cast<double>(k) / kSteps - 0.5);
      const Point p = {static_cast<float>(x + side * radius * std::cos(angle)),
                       static_cast<float>(y + radius * std::sin(angle))};
      if (p.y > chain_height(over, p.x) && p.y < chain_height(under, p.x)) {
        arc.push_back(p);
      }
    }
    if (arc.size() > 1) strokes.push_back(stroke_of(std::move(arc), label));
  }
}

void add_lip_lines(const ShapePoints& points, std::vector<Stroke>& strokes) {
  const ShapeRange mouth = shape_range(ShapePart::kMouth);
  const ShapeRange lips = shape_range(ShapePart::kLips);
  const int half = lips.count / 2;
  Polyline upper = points_of(points, lips.first, half);
  Polyline lower = points_of(points, lips.first + half, half);
  float gap = 0;
  for (int i = 0; i < half; ++i) gap = std::max(gap, lower[i].y - upper[i].y);
  if (gap < kClosedLips) {
    for (int i = 0; i < half; ++i) {
      upper[i].y = 0.5F * (upper[i].y + lower[i].y);
    }
    lower.clear();
  }
  for (Polyline* line : {&upper, &lower}) {
    if (line->empty()) continue;
    line->insert(line->begin(), points[mouth.left()]);
    line->push_back(points[mouth.right()]);
    strokes.push_back(stroke_of(curve_through(*line, false), classes::kMouth));
  }
}

// Pieces of the outline, each with its class.
void add_outline_pieces(const ShapePoints& points,
                        const std::vector<float>& borders,
                        std::vector<Stroke>& strokes) {
  const ShapeRange range = shape_range(ShapePart::kOutline);
  const Polyline line =
      curve_through(points_of(points, range.first, range.count), true);
  const auto label_at = [&](size_t i) {
    // The nearest ray's.
    const size_t ray = (i + kBetween / 2) / kBetween;
    return static_cast<int>(borders[ray % borders.size()]);
  };
  // From a change on, so that no piece is cut at the first ray.
  const size_t n = line.size() - 1;
  size_t start = 0;
  while (start < n && label_at(start) == label_at((start + n - 1) % n)) ++start;
  start %= n;
  for (size_t i = 0; i < n;) {
    const int label = label_at((start + i) % n);
    Polyline piece;
    size_t k = i;
    while (k < n && label_at((start + k) % n) == label) {
      piece.push_back(line[(start + k) % n]);
      ++k;
    }
    piece.push_back(line[(start + k) % n]);
    strokes.push_back(stroke_of(std::move(piece), label));
    i = k;
  }
}

// Runs of a line that do not follow the frame's border.
void add_inside_frame(const Polyline& line, int label,
                      std::vector<Stroke>& strokes) {
  Polyline piece;
  const auto close = [&] {
    if (piece.size() > 1) strokes.push_back(stroke_of(std::move(piece), label));
    piece.clear();
  };
  for (const Point& p : line) {
    if (p.x < kFrameEdge || p.y < kFrameEdge || p.x > kFrameSide - kFrameEdge ||
        p.y > kFrameSide - kFrameEdge) {
      close();
    } else {
      piece.push_back(p);
    }
  }
  close();
}

// From the jaw down to the frame's border.
void add_neck_lines(const ShapePoints& points, std::vector<Stroke>& strokes) {
  const ShapeRange range = shape_range(ShapePart::kNeck);
  const ShapeRange outline = shape_range(ShapePart::kOutline);
  const int half = range.count / 2;
  for (const bool right : {false, true}) {
    Polyline line = points_of(points, range.first + (right ? half : 0), half);
    // The lower quarter of the outline on that side, chin left out.
    Point jaw = line.front();
    float nearest = HUGE_VALF;
    for (int i = 2; i <= kOutlineRays / 4; ++i) {
      const int ray = right ? kOutlineRays / 4 - i : kOutlineRays / 4 + i;
      const Point& p = points[outline.first + ray];
      const float distance =
          std::hypot(p.x - line.front().x, p.y - line.front().y);
      if (distance < nearest) {
        nearest = distance;
        jaw = p;
      }
    }
    line.insert(line.begin(), jaw);
    line.push_back({line.back().x, kFrameSide});
    strokes.push_back(stroke_of(curve_through(line, false), classes::kNeck));
  }
}

}  // namespace

std::vector<Stroke> part_strokes(ShapePart part, const ShapePoints& points,
                                 const std::vector<float>& borders) {
  const ShapeRange range = shape_range(part);
  std::vector<Stroke> strokes;
  const auto add_ring = [&](int label) {
    strokes.push_back(ring_stroke(points, range, label));
  };
  switch (part) {
    case ShapePart::kEyeRight:
    case ShapePart::kEyeLeft: {
      const int label =
          part == ShapePart::kEyeRight ? classes::kRightEye : classes::kLeftEye;
      add_ring(label);
      add_iris(points, range, label, strokes);
      break;
    }
    case ShapePart::kBrowRight:
      add_ring(classes::kRightBrow);
      break;
    case ShapePart::kBrowLeft:
      add_ring(classes::kLeftBrow);
      break;
    case ShapePart::kNose:
      add_ring(classes::kNose);
      break;
    case ShapePart::kMouth:
      add_ring(classes::kMouth);
      add_lip_lines(points, strokes);
      break;
    case ShapePart::kLips:
      break;
    case ShapePart::kOutline:
      add_outline_pieces(points, borders, strokes);
      break;
    case ShapePart::kHair:
      add_inside_frame(
          curve_through(points_of(points, range.first, range.count), false),
          classes::kHair, strokes);
      break;
    case ShapePart::kNeck:
      add_neck_lines(points, strokes);
      break;
  }
  return strokes;
}

}  // namespace limner
