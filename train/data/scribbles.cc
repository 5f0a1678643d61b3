#include "train/data/scribbles.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace limner::train {
namespace {

constexpr double kSide = 512;
constexpr double kStep = 4;  // between points
constexpr int kMaxStrokes = 40;

Point anywhere(Random& random) {
  const double x = kSide * random.uniform();
  const double y = kSide * random.uniform();
  return {static_cast<float>(x), static_cast<float>(y)};
}

Point moved(Point from, double angle, double distance) {
  return {static_cast<float>(from.x + distance * std::cos(angle)),
          static_cast<float>(from.y + distance * std::sin(angle))};
}

// A line whose direction drifts.
std::vector<Point> curve(Random& random) {
  std::vector<Point> points = {anywhere(random)};
  double angle = random.between(0, 2 * M_PI);
  double bend = 0;
  const double wild = random.between(0, 0.08);
  const int steps = static_cast<int>(random.between(5, 150));
  for (int i = 0; i < steps; ++i) {
    bend = 0.9 * bend + wild * random.normal();
    angle += bend;
    points.push_back(moved(points.back(), angle, kStep));
  }
  return points;
}

void line_to(std::vector<Point>& points, Point end) {
  const Point start = points.back();
  const double length = std::hypot(end.x - start.x, end.y - start.y);
  const int steps = std::max(1, static_cast<int>(length / kStep));
  for (int i = 1; i <= steps; ++i) {
    const float t = static_cast<float>(i) / static_cast<float>(steps);
    points.push_back(
        {start.x + t * (end.x - start.x), start.y + t * (end.y - start.y)});
  }
}

// Open or closed, upright rectangles among them.
std::vector<Point> polygon(Random& random) {
  const Point first = anywhere(random);
  std::vector<Point> points = {first};
  if (random.uniform() < 0.4) {
    const auto w = static_cast<float>(random.between(20, 300));
    const auto h = static_cast<float>(random.between(20, 300));
    line_to(points, {first.x + w, first.y});
    line_to(points, {first.x + w, first.y + h});
    line_to(points, {first.x, first.y + h});
    line_to(points, first);
    return points;
  }
  const double reach = random.between(40, 400);
  const int corners = static_cast<int>(random.between(1, 7));
  for (int i = 0; i < corners; ++i) {
    const double angle = random.between(0, 2 * M_PI);
    line_to(points, moved(first, angle, reach * random.uniform()));
  }
  if (random.uniform() < 0.5) line_to(points, first);
  return points;
}

// An arc of an ellipse, or of a spiral.
std::vector<Point> round_shape(Random& random) {
  const Point middle = anywhere(random);
  const double a = random.between(5, 200);
  const double b = a * random.between(0.4, 1.0);
  const double grow = random.uniform() < 0.3 ? random.between(0.05, 0.3) : 0.0;
  const double turns =
      grow > 0 ? random.between(1, 5) : std::min(1.0, random.between(0.3, 1.6));
  const double start = random.between(0, 2 * M_PI);
  const int steps = std::max(8, static_cast<int>(2 * M_PI * a / kStep));
  std::vector<Point> points;
  for (int i = 0; i <= static_cast<int>(steps * turns); ++i) {
    const double angle = 2 * M_PI * i / steps;
    const double size = 1 + grow * angle / (2 * M_PI);
    points.push_back(
        {static_cast<float>(middle.x + a * size * std::cos(start + angle)),
         static_cast<float>(middle.y + b * size * std::sin(start + angle))});
  }
  return points;
}

// `points` turned by any angle and moved anywhere.
std::vector<Point> scattered(const std::vector<Point>& points, Random& random) {
  const Point to = anywhere(random);
  const double angle = random.between(0, 2 * M_PI);
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  const Point middle = points[points.size() / 2];
  std::vector<Point> out;
  for (const Point& p : points) {
    const double x = p.x - middle.x;
    const double y = p.y - middle.y;
    out.push_back({static_cast<float>(to.x + c * x - s * y),
                   static_cast<float>(to.y + s * x + c * y)});
  }
  return out;
}

}  // namespace

Drawing scribble(const Drawing& face, int label, Random& random) {
  Drawing out;
  // Few strokes are as likely as many.
  const int count =
      static_cast<int>(std::exp(random.between(0, std::log(kMaxStrokes))));
  // A drawing is mostly of one kind, as a house is of lines.
  const double shares[3] = {random.uniform(), random.uniform(),
                            random.uniform()};
  const bool scatter = random.uniform() < 0.25 && !face.strokes.empty();
  for (int i = 0; i < count; ++i) {
    Stroke stroke;
    stroke.label = label;
    if (scatter) {
      const auto k = static_cast<size_t>(
          random.uniform() * static_cast<double>(face.strokes.size()));
      const std::vector<Point>& from =
          face.strokes[std::min(k, face.strokes.size() - 1)].points;
      if (!from.empty()) stroke.points = scattered(from, random);
    } else {
      const double pick =
          random.uniform() * (shares[0] + shares[1] + shares[2]);
      stroke.points = pick < shares[0]               ? curve(random)
                      : pick < shares[0] + shares[1] ? polygon(random)
                                                     : round_shape(random);
    }
    if (!stroke.points.empty()) out.strokes.push_back(std::move(stroke));
  }
  return out;
}

}  // namespace limner::train
