#include "sketch/parallel_lines.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "sketch/curves.h"

namespace limner {
namespace {

constexpr size_t kMinLines = 5;
constexpr double kMinLength = 5;
constexpr double kMaxLength = 90;
constexpr double kStraight = 0.85;  // chord over length
constexpr double kMinCosine = 0.866;
constexpr double kMaxRatio = 2;  // of the lengths of two beside each other
// Of the longer line: how far two lie apart at most, and how far one is pushed
// along the other.
constexpr double kMaxGap = 1.2;
constexpr double kMaxPush = 0.7;
constexpr double kMaxDistance = 26;

struct Line {
  size_t stroke = 0;
  double x = 0, y = 0;    // middle
  double dx = 0, dy = 0;  // direction, of length 1
  double length = 0;
};

std::vector<Line> straight_lines(const Drawing& drawing, int label) {
  std::vector<Line> lines;
  for (size_t s = 0; s < drawing.strokes.size(); ++s) {
    const Polyline& points = drawing.strokes[s].points;
    if (drawing.strokes[s].label != label || points.size() < 2) continue;
    const Point& a = points.front();
    const Point& b = points.back();
    const double chord = std::hypot(b.x - a.x, b.y - a.y);
    const double length = length_of(points);
    if (length < kMinLength || length > kMaxLength ||
        chord < kStraight * length) {
      continue;
    }
    lines.push_back({s, 0.5 * (a.x + b.x), 0.5 * (a.y + b.y),
                     (b.x - a.x) / chord, (b.y - a.y) / chord, length});
  }
  return lines;
}

bool are_neighbours(const Line& a, const Line& b) {
  if (std::abs(a.dx * b.dx + a.dy * b.dy) < kMinCosine) return false;
  const double x = b.x - a.x;
  const double y = b.y - a.y;
  const double longer = std::max(a.length, b.length);
  if (longer > kMaxRatio * std::min(a.length, b.length)) return false;
  return std::hypot(x, y) <= std::min(kMaxDistance, kMaxGap * longer) &&
         std::abs(x * a.dx + y * a.dy) <= kMaxPush * longer;
}

}  // namespace

std::vector<std::vector<size_t>> parallel_rows(const Drawing& drawing,
                                               int label) {
  std::vector<Line> lines = straight_lines(drawing, label);
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return a.x < b.x; });
  std::vector<size_t> root(lines.size());
  std::iota(root.begin(), root.end(), size_t{0});
  const auto root_of = [&root](size_t i) {
    while (root[i] != i) i = root[i] = root[root[i]];
    return i;
  };
  for (size_t i = 0; i < lines.size(); ++i) {
    for (size_t j = i + 1;
         j < lines.size() && lines[j].x - lines[i].x <= kMaxDistance; ++j) {
      if (are_neighbours(lines[i], lines[j])) root[root_of(j)] = root_of(i);
    }
  }
  std::map<size_t, std::vector<size_t>> rows;
  for (size_t i = 0; i < lines.size(); ++i) {
    rows[root_of(i)].push_back(lines[i].stroke);
  }
  std::vector<std::vector<size_t>> out;
  for (auto& [first, row] : rows) {
    if (row.size() >= kMinLines) out.push_back(std::move(row));
  }
  return out;
}

Polyline outline_of_row(const Drawing& drawing, const std::vector<size_t>& row,
                        float height) {
  Polyline outline;
  Polyline back;
  for (const size_t s : row) {
    Point a = drawing.strokes[s].points.front();
    Point b = drawing.strokes[s].points.back();
    if (a.y > b.y) std::swap(a, b);
    const float x = 0.5F * (a.x + b.x);
    const float y = 0.5F * (a.y + b.y);
    outline.push_back({x + height * (a.x - x), y + height * (a.y - y)});
    back.push_back({x + height * (b.x - x), y + height * (b.y - y)});
  }
  outline.insert(outline.end(), back.rbegin(), back.rend());
  if (!outline.empty()) outline.push_back(outline.front());
  return outline;
}

}  // namespace limner
