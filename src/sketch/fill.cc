// Even-odd and winding rule along horizontal lines through the samples.
#include "sketch/fill.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sketch/drawing_limits.h"

namespace limner {
namespace {

constexpr int kRegionSide = 1024;  // of two sides of the page

struct Crossing {
  float x;
  int winding;  // +1 down, -1 up
};

// Calls body(from, to) for every edge in pixels (x) and sample lines (y).
template <typename Body>
void each_edge(const std::vector<Polyline>& outlines, const Grid& grid,
               int samples, const Body& body) {
  const auto place = [&](const Point& p) {
    return std::pair((p.x - grid.left) * grid.scale,
                     (p.y - grid.top) * grid.scale * samples);
  };
  for (const Polyline& line : outlines) {
    if (line.size() < 2) continue;
    auto last = place(line.back());
    for (const Point& p : line) {
      const auto here = place(p);
      body(last, here);
      last = here;
    }
  }
}

// Sample lines [first, last) whose middles lie between two heights.
std::pair<int, int> lines_between(double a, double b, int lines) {
  const auto line = [lines](double y) {
    return static_cast<int>(
        std::clamp(std::ceil(y - 0.5), 0.0, static_cast<double>(lines)));
  };
  return {line(std::min(a, b)), line(std::max(a, b))};
}

}  // namespace

int64_t fill_area(const std::vector<Polyline>& outlines, bool even_odd,
                  const Grid& grid, int samples,
                  const std::function<void(int, double, double)>& span) {
  const int lines = grid.height * samples;
  // How many crossings each line has, then where its own begin.
  std::vector<int64_t> begins(static_cast<size_t>(lines) + 1);
  int64_t edges = 0;
  each_edge(outlines, grid, samples, [&](const auto& a, const auto& b) {
    const auto [first, last] = lines_between(a.second, b.second, lines);
    edges += last - first;
    if (edges > kMaxCrossings) {
      fail_limit("an area with more than {} crossings; simplify it",
                 kMaxCrossings);
    }
    for (int line = first; line < last; ++line) ++begins[line + 1];
  });
  for (int line = 0; line < lines; ++line) begins[line + 1] += begins[line];
  std::vector<Crossing> crossings(static_cast<size_t>(edges));
  std::vector<int64_t> next = begins;
  each_edge(outlines, grid, samples, [&](const auto& a, const auto& b) {
    const auto [first, last] = lines_between(a.second, b.second, lines);
    const double slope = (b.first - a.first) / (b.second - a.second);
    for (int line = first; line < last; ++line) {
      const double x = a.first + (line + 0.5 - a.second) * slope;
      crossings[next[line]++] = {static_cast<float>(x),
                                 a.second < b.second ? 1 : -1};
    }
  });
  for (int line = 0; line < lines; ++line) {
    const auto from = crossings.begin() + begins[line];
    const auto to = crossings.begin() + begins[line + 1];
    std::sort(from, to,
              [](const Crossing& a, const Crossing& b) { return a.x < b.x; });
    int winding = 0;
    for (auto at = from; at != to && at + 1 != to; ++at) {
      winding += at->winding;
      const bool inside = even_odd ? (at - from) % 2 == 0 : winding != 0;
      const double left = std::clamp<double>(at->x, 0, grid.width);
      const double right = std::clamp<double>((at + 1)->x, 0, grid.width);
      if (inside && right > left) span(line / samples, left, right);
    }
  }
  return edges;
}

AreaSize size_of_area(const std::vector<Polyline>& outlines) {
  AreaSize size;
  double twice = 0;
  for (const Polyline& line : outlines) {
    if (line.size() < 2) continue;
    Point last = line.back();
    for (const Point& p : line) {
      twice += double{last.x} * p.y - double{p.x} * last.y;
      size.length += std::hypot(double{p.x} - last.x, double{p.y} - last.y);
      last = p;
    }
  }
  size.area = std::abs(twice) / 2;
  return size;
}

Region::Region(double side, bool seen)
    : grid_{kRegionSide, kRegionSide, -side / 2, -side / 2,
            kRegionSide / (2 * side)},
      seen_(size_t{kRegionSide} * kRegionSide, seen) {}

void Region::fill(const std::vector<Polyline>& outlines, bool even_odd,
                  bool seen) {
  crossings_ += fill_area(
      outlines, even_odd, grid_, 1, [&](int y, double from, double to) {
        // Pixels whose middles are inside.
        const auto row = seen_.begin() + static_cast<int64_t>(y) * kRegionSide;
        const auto first = static_cast<int64_t>(std::ceil(from - 0.5));
        const auto last = static_cast<int64_t>(std::ceil(to - 0.5));
        std::fill(row + first, row + last, seen);
      });
}

void Region::draw(const std::vector<Polyline>& lines, double width, bool seen) {
  const double reach = std::max(width / 2, 0.5 / grid_.scale);
  for (const Polyline& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) {
      const Point a = line[i > 0 ? i - 1 : 0];
      const Point b = line[i];
      const double length = std::hypot(b.x - a.x, b.y - a.y);
      const double u = length > 0 ? (b.x - a.x) / length : 1;
      const double v = length > 0 ? (b.y - a.y) / length : 0;
      const auto corner = [&](const Point& p, double s, double t) {
        return Point{static_cast<float>(p.x + reach * (s * u - t * v)),
                     static_cast<float>(p.y + reach * (s * v + t * u))};
      };
      fill({{corner(a, -1, -1), corner(b, 1, -1), corner(b, 1, 1),
             corner(a, -1, 1)}},
           false, seen);
    }
  }
}

void Region::cut_by(const Region& other) {
  for (size_t i = 0; i < seen_.size(); ++i) {
    if (!other.seen_[i]) seen_[i] = false;
  }
}

bool Region::sees(Point p) const {
  const double x = std::floor((p.x - grid_.left) * grid_.scale);
  const double y = std::floor((p.y - grid_.top) * grid_.scale);
  if (!(x >= 0) || !(y >= 0) || x >= grid_.width || y >= grid_.height) {
    return false;
  }
  return seen_[static_cast<size_t>(y) * kRegionSide + static_cast<size_t>(x)];
}

bool Region::sees_nothing() const {
  return std::find(seen_.begin(), seen_.end(), true) == seen_.end();
}

std::vector<Polyline> seen_pieces(const Polyline& line, const Region& region,
                                  double step) {
  // Steps between points, all together: more are no drawing by hand.
  int64_t steps_left = 4'000'000;
  std::vector<Polyline> out;
  bool open = false;
  const auto add = [&](const Point& p) {
    if (!region.sees(p)) {
      open = false;
      return;
    }
    if (!open) out.emplace_back();
    open = true;
    out.back().push_back(p);
  };
  for (size_t i = 0; i < line.size(); ++i) {
    if (i > 0) {
      const Point a = line[i - 1], b = line[i];
      const double length = std::hypot(b.x - a.x, b.y - a.y);
      const auto count = static_cast<int>(
          std::clamp(length / step, 1.0, steps_left > 0 ? 2048.0 : 1.0));
      steps_left -= count;
      const auto between = [&](int k) {
        const float t = static_cast<float>(k) / static_cast<float>(count);
        return Point{a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
      };
      // A piece that is seen from end to end, or nowhere, needs no more points.
      const bool first = region.sees(a);
      bool changes = region.sees(b) != first;
      for (int k = 1; k < count && !changes; ++k) {
        changes = region.sees(between(k)) != first;
      }
      for (int k = 1; k < count && changes; ++k) add(between(k));
    }
    add(line[i]);
  }
  // Whole lines stay as they are; single points where a piece ends are none.
  out.erase(std::remove_if(out.begin(), out.end(),
                           [&](const Polyline& piece) {
                             return piece.size() < 2 && line.size() > 1;
                           }),
            out.end());
  return out;
}

}  // namespace limner
