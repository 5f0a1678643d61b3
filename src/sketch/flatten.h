// Curves to polylines.
#pragma once

#include <cstdint>
#include <vector>

#include "sketch/curves.h"

namespace limner {

// A place or a direction, in double: positions of relative path commands add
// up.
struct Vec {
  double x = 0;
  double y = 0;
};

// (x, y) -> (a x + c y + e, b x + d y + f), SVG's matrix(a b c d e f).
struct Affine {
  double a = 1, b = 0, c = 0, d = 1, e = 0, f = 0;

  Vec operator()(Vec p) const {
    return {a * p.x + c * p.y + e, b * p.x + d * p.y + f};
  }
};

// First `inner`, then `outer`.
Affine operator*(const Affine& outer, const Affine& inner);

// An ellipse whose first axis is turned by `turn` radians.
struct Ellipse {
  Vec centre;
  double rx = 0;
  double ry = 0;
  double turn = 0;
};

// Draws lines and curves in a shape's own units and collects them as polylines
// in the drawing's.
class Pen {
 public:
  // `map` leads from the shape's units to the drawing's, `tolerance` (above 0,
  // in the drawing's units) is how far a polyline may stray from its curve,
  // `points_left` how many points may still be made.
  Pen(const Affine& map, double tolerance, int64_t points_left);

  // All throw Error when a point lies outside kMaxCoordinate or there are more
  // points than may be. What is drawn before any move_to() starts at (0, 0).
  void move_to(Vec to);
  void line_to(Vec to);
  void quadratic_to(Vec control, Vec to);
  void cubic_to(Vec first, Vec second, Vec to);
  // Along `ellipse` from the angle `from` over `sweep` radians (each measured
  // from the first axis), ending at exactly `to`.
  void arc_to(const Ellipse& ellipse, double from, double sweep, Vec to);
  // Ends where the last move_to() was; drawing goes on from there. After a
  // move_to() alone it makes a dot of one point.
  void close();

  Vec at() const { return at_; }        // the last place, in the shape's units
  Vec start() const { return start_; }  // the last move_to()
  // The lines, in order. A move_to() that nothing follows makes none. The pen
  // is then as new.
  std::vector<Polyline> finish();

 private:
  void begin();
  void add(Vec to);
  // Steps that keep a curve within the tolerance, given the largest second
  // difference of its control points times a factor (Wang, 1984).
  int64_t steps(double bound) const;
  int64_t checked(double steps) const;

  Affine map_;
  double tolerance_;
  int64_t points_left_;
  Vec at_;
  Vec start_;
  bool open_ = false;  // the last of lines_ is being drawn
  std::vector<Polyline> lines_;
};

}  // namespace limner
