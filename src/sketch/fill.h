// Areas inside of outlines, as pixels.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sketch/curves.h"

namespace limner {

// Places where outlines cross rows of pixels, of one area: more are no drawing
// by hand.
constexpr int64_t kMaxCrossings = 4'000'000;

// A grid of width x height pixels whose pixel (0, 0) begins at `left`, `top`
// and which has `scale` pixels to a unit of the points.
struct Grid {
  int width = 0;
  int height = 0;
  double left = 0;
  double top = 0;
  double scale = 1;
};

// The area inside of `outlines`, each closed by a straight line, by the
// even-odd rule or the one of windings. Rows of pixels are cut into `samples`
// lines; calls span(y, from, to) for each piece of one inside, from < to in
// pixels (0..width, between pixels too) and y the row of pixels. Returns how
// many crossings there are; throws LimitError beyond kMaxCrossings.
int64_t fill_area(const std::vector<Polyline>& outlines, bool even_odd,
                  const Grid& grid, int samples,
                  const std::function<void(int, double, double)>& span);

// Area (0 or more, holes left out by the rule of windings, where outlines of
// holes run the other way) and length of outlines.
struct AreaSize {
  double area = 0;
  double length = 0;
};
AreaSize size_of_area(const std::vector<Polyline>& outlines);

// Which places of a square page and half of it around are seen, in steps of
// 1/512 of its side.
class Region {
 public:
  // Everything is, or nothing.
  Region(double side, bool seen);

  // Sets what lies in an area to `seen`.
  void fill(const std::vector<Polyline>& outlines, bool even_odd, bool seen);
  // The same along lines of `width`.
  void draw(const std::vector<Polyline>& lines, double width, bool seen);
  // Leaves what both see.
  void cut_by(const Region& other);
  bool sees(Point p) const;
  bool sees_nothing() const;
  // Of all areas that were filled.
  int64_t crossings() const { return crossings_; }

 private:
  Grid grid_;
  std::vector<bool> seen_;
  int64_t crossings_ = 0;
};

// The pieces of `line` that `region` sees.
std::vector<Polyline> seen_pieces(const Polyline& line, const Region& region,
                                  double step);

}  // namespace limner
