#include "sketch/flatten.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sketch/drawing_limits.h"
#include "util/error.h"

namespace limner {
namespace {

// Length of a - 2b + c.
double bend(Vec a, Vec b, Vec c) {
  return std::hypot(a.x - 2 * b.x + c.x, a.y - 2 * b.y + c.y);
}

}  // namespace

Affine operator*(const Affine& outer, const Affine& inner) {
  const Vec x = outer({inner.a, inner.b});
  const Vec y = outer({inner.c, inner.d});
  const Vec o = outer({inner.e, inner.f});
  return {x.x - outer.e, x.y - outer.f, y.x - outer.e, y.y - outer.f, o.x, o.y};
}

Pen::Pen(const Affine& map, double tolerance, int64_t points_left)
    : map_(map), tolerance_(tolerance), points_left_(points_left) {}

void Pen::move_to(Vec to) {
  open_ = false;
  at_ = start_ = to;
}

void Pen::add(Vec to) {
  if (!(std::abs(to.x) <= kMaxCoordinate) ||
      !(std::abs(to.y) <= kMaxCoordinate)) {
    fail("a point lies at {:.6g},{:.6g}, expected numbers within {}", to.x,
         to.y, kMaxCoordinate);
  }
  if (--points_left_ < 0) {
    fail_limit("more than {} points; simplify the drawing", kMaxDrawingPoints);
  }
  lines_.back().push_back({static_cast<float>(to.x), static_cast<float>(to.y)});
}

void Pen::begin() {
  if (open_) return;
  open_ = true;
  start_ = at_;
  lines_.emplace_back();
  add(map_(at_));
}

void Pen::line_to(Vec to) {
  begin();
  add(map_(to));
  at_ = to;
}

int64_t Pen::checked(double steps) const {
  // Also where the map has made it infinite or not a number.
  if (!(steps <= static_cast<double>(kMaxDrawingPoints))) {
    fail_limit("a curve of more than {} points; simplify the drawing",
               kMaxDrawingPoints);
  }
  return std::max<int64_t>(1, static_cast<int64_t>(std::ceil(steps)));
}

int64_t Pen::steps(double bound) const {
  return checked(std::sqrt(bound / tolerance_));
}

void Pen::quadratic_to(Vec control, Vec to) {
  begin();
  const Vec p0 = map_(at_), p1 = map_(control), p2 = map_(to);
  const int64_t count = steps(bend(p0, p1, p2) / 4);
  for (int64_t i = 1; i < count; ++i) {
    const double t = static_cast<double>(i) / static_cast<double>(count);
    const double s = 1 - t;
    const double a = s * s, b = 2 * s * t, c = t * t;
    add({a * p0.x + b * p1.x + c * p2.x, a * p0.y + b * p1.y + c * p2.y});
  }
  add(p2);
  at_ = to;
}

void Pen::cubic_to(Vec first, Vec second, Vec to) {
  begin();
  const Vec p0 = map_(at_), p1 = map_(first), p2 = map_(second), p3 = map_(to);
  const int64_t count =
      steps(std::max(bend(p0, p1, p2), bend(p1, p2, p3)) * 3 / 4);
  for (int64_t i = 1; i < count; ++i) {
    const double t = static_cast<double>(i) / static_cast<double>(count);
    const double s = 1 - t;
    const double a = s * s * s, b = 3 * s * s * t, c = 3 * s * t * t,
                 d = t * t * t;
    add({a * p0.x + b * p1.x + c * p2.x + d * p3.x,
         a * p0.y + b * p1.y + c * p2.y + d * p3.y});
  }
  add(p3);
  at_ = to;
}

void Pen::arc_to(const Ellipse& ellipse, double from, double sweep, Vec to) {
  begin();
  const double u = std::cos(ellipse.turn), v = std::sin(ellipse.turn);
  const Affine place =
      map_ * Affine{ellipse.rx * u, ellipse.rx * v,   -ellipse.ry * v,
                    ellipse.ry * u, ellipse.centre.x, ellipse.centre.y};
  // No radius of the mapped ellipse is longer than this. A chord over an angle
  // w strays from a circle by r (1 - cos(w / 2)), about r w^2 / 8.
  const double radius =
      std::hypot(std::hypot(place.a, place.b), std::hypot(place.c, place.d));
  const int64_t count =
      checked(std::abs(sweep) * std::sqrt(radius / (8 * tolerance_)));
  for (int64_t i = 1; i < count; ++i) {
    const double angle =
        from + sweep * (static_cast<double>(i) / static_cast<double>(count));
    add(place({std::cos(angle), std::sin(angle)}));
  }
  add(map_(to));
  at_ = to;
}

void Pen::close() {
  if (!open_) {
    // "M x y Z": what a drawing program makes of a tap.
    begin();
  } else {
    const Point first = lines_.back().front();
    const Point last = lines_.back().back();
    if (first.x != last.x || first.y != last.y) add(map_(start_));
  }
  open_ = false;
  at_ = start_;
}

std::vector<Polyline> Pen::finish() {
  open_ = false;
  at_ = start_ = {};
  return std::exchange(lines_, {});
}

}  // namespace limner
