#include "sketch/face_maps.h"

#include <algorithm>
#include <cmath>

namespace limner {
namespace {

constexpr double kMaxStretch = 3;
constexpr double kMinStretched = 4;  // below it, sizes are noise

double size_ratio(double from, double to) {
  if (from < kMinStretched) return 1;
  return std::clamp(to / from, 1 / kMaxStretch, kMaxStretch);
}

double at_direction(const OutlineMap::Rays& values, double dx, double dy) {
  double place = std::atan2(dy, dx) / (2 * M_PI) * kOutlineRays;
  if (place < 0) place += kOutlineRays;
  const int k = static_cast<int>(place) % kOutlineRays;
  return mixed(values[k], values[(k + 1) % kOutlineRays],
               place - std::floor(place));
}

}  // namespace

PartPlace mixed_place(const PartPlace& a, const PartPlace& b, double t) {
  return {mixed(a.x, b.x, t), mixed(a.y, b.y, t), mixed(a.width, b.width, t),
          mixed(a.height, b.height, t)};
}

double smooth_step(double x, double from, double to) {
  const double t = std::clamp((x - from) / (to - from), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

void fill_gaps(OutlineMap::Rays& values) {
  const OutlineMap::Rays known = values;
  for (int k = 0; k < kOutlineRays; ++k) {
    if (known[k] > 0) continue;
    int before = 0;
    int after = 0;
    while (before < kOutlineRays &&
           !(known[(k + kOutlineRays - before) % kOutlineRays] > 0)) {
      ++before;
    }
    if (before == kOutlineRays) {
      values[k] = 1;
      continue;
    }
    while (!(known[(k + after) % kOutlineRays] > 0)) ++after;
    values[k] = mixed(known[(k + kOutlineRays - before) % kOutlineRays],
                      known[(k + after) % kOutlineRays],
                      static_cast<double>(before) / (before + after));
  }
}

BoxMap::BoxMap(const PartPlace& from, const PartPlace& to)
    : from_(from),
      to_(to),
      wide_(size_ratio(from.width, to.width)),
      high_(size_ratio(from.height, to.height)) {}

Point BoxMap::operator()(const Point& p) const {
  return {static_cast<float>(to_.x + wide_ * (p.x - from_.x)),
          static_cast<float>(to_.y + high_ * (p.y - from_.y))};
}

OutlineMap::OutlineMap(const Rays& from, const Rays& to) : radii_(from) {
  for (int k = 0; k < kOutlineRays; ++k) {
    if (!(from[k] > 0)) continue;
    ratios_[k] = std::clamp(to[k] / from[k], 1 / kMaxStretch, kMaxStretch);
  }
  fill_gaps(ratios_);
  fill_gaps(radii_);
}

Point OutlineMap::operator()(const Point& p) const {
  const double dx = p.x - kOutlineCentre.x;
  const double dy = p.y - kOutlineCentre.y;
  const double ratio =
      mixed(1, at_direction(ratios_, dx, dy), std::min(1.0, share(p)));
  return {static_cast<float>(kOutlineCentre.x + ratio * dx),
          static_cast<float>(kOutlineCentre.y + ratio * dy)};
}

Point AroundMap::operator()(const Point& p) const {
  const double dx = p.x - kOutlineCentre.x;
  const double dy = p.y - kOutlineCentre.y;
  const double r = std::hypot(dx, dy);
  const double from = at_direction(from_, dx, dy);
  const double to = at_direction(to_, dx, dy);
  const double wants = r <= from
                           ? r * to / from
                           : to + (r - from) * at_direction(stretch_, dx, dy);
  const double ratio = wants / std::max(r, 1.0);
  return {static_cast<float>(kOutlineCentre.x + ratio * dx),
          static_cast<float>(kOutlineCentre.y + ratio * dy)};
}

double OutlineMap::share(const Point& p) const {
  const double dx = p.x - kOutlineCentre.x;
  const double dy = p.y - kOutlineCentre.y;
  return std::hypot(dx, dy) / std::max(at_direction(radii_, dx, dy), 1.0);
}

}  // namespace limner
