// How lines that keep their own course move with their part of a face.
#pragma once

#include <array>

#include "sketch/face_shapes.h"
#include "sketch/frame.h"
#include "sketch/stroke.h"

namespace limner {

// From a at 0 to b at 1.
inline double mixed(double a, double b, double t) { return a + t * (b - a); }

PartPlace mixed_place(const PartPlace& a, const PartPlace& b, double t);

// From 0 at `from` to 1 at `to`, without a bend at either.
double smooth_step(double x, double from, double to);

// Takes one box to another. What has no size has none to change, and sizes
// change by no more than a factor of 3.
class BoxMap {
 public:
  BoxMap(const PartPlace& from, const PartPlace& to);

  Point operator()(const Point& p) const;

 private:
  PartPlace from_, to_;
  double wide_, high_;
};

// Moves what lies around the outline of a face with it: distances from
// kOutlineCentre change by a factor that depends on the direction, less and
// less towards the centre.
class OutlineMap {
 public:
  using Rays = std::array<double, kOutlineRays>;

  // Radii along outline_ray(); where `from` is 0 the outline is not known, and
  // what lies there moves as its neighbours do.
  OutlineMap(const Rays& from, const Rays& to);

  Point operator()(const Point& p) const;

  // A place's distance from the centre, the outline's being 1.
  double share(const Point& p) const;

 private:
  Rays radii_;
  Rays ratios_ = {};
};

// Moves what lies around a face from one outline to another: it keeps its
// distance from the outline, times a factor of the direction.
class AroundMap {
 public:
  using Rays = OutlineMap::Rays;

  // All above 0.
  AroundMap(const Rays& from, const Rays& to, const Rays& stretch)
      : from_(from), to_(to), stretch_(stretch) {}

  Point operator()(const Point& p) const;

 private:
  Rays from_, to_, stretch_;
};

// Gaps (0) around the circle of rays get what is between their ends, and all
// get 1 where all is gap.
void fill_gaps(OutlineMap::Rays& values);

}  // namespace limner
