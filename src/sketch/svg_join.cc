#include "sketch/svg_join.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "sketch/curves.h"

namespace limner {
namespace {

// In sides of the drawing.
constexpr double kMeet = 1 / 1500.0;   // ends closer than this are one place
constexpr double kBeside = 1 / 100.0;  // doubled lines are not farther apart
constexpr double kClose = 1 / 400.0;   // or covered by one pen
constexpr double kReach = 1 / 60.0;    // of an end's direction
constexpr double kSame = 1 / 20000.0;  // steps in which points are compared
constexpr int kMaxMeeting = 16;        // ends in a place
constexpr int kFewest = 8;             // strokes of a drawing in pieces
constexpr int kSamples = 32;           // along a line

// Cosines of how far a line may turn where it is joined.
constexpr double kStraightOn = 0.85;  // 32 degrees
constexpr double kBend = 0.25;        // 75
constexpr double kCorner = -0.6;      // 127

double distance(const Point& a, const Point& b) {
  return std::hypot(double{a.x} - b.x, double{a.y} - b.y);
}

// Of a line and a number: points evenly along it.
std::array<Point, kSamples> sampled(const Polyline& line) {
  std::array<Point, kSamples> out;
  const double step = length_of(line) / (kSamples - 1);
  double passed = 0;
  size_t i = 1;
  out[0] = line.front();
  for (int k = 1; k < kSamples; ++k) {
    const double wanted = k * step;
    while (i + 1 < line.size() &&
           passed + distance(line[i - 1], line[i]) < wanted) {
      passed += distance(line[i - 1], line[i]);
      ++i;
    }
    const double piece = distance(line[i - 1], line[i]);
    const auto t = static_cast<float>(
        piece > 0 ? std::clamp((wanted - passed) / piece, 0.0, 1.0) : 1.0);
    out[k] = {line[i - 1].x + t * (line[i].x - line[i - 1].x),
              line[i - 1].y + t * (line[i].y - line[i - 1].y)};
  }
  return out;
}

double to_segment(const Point& p, const Point& a, const Point& b) {
  const double dx = double{b.x} - a.x, dy = double{b.y} - a.y;
  const double square = dx * dx + dy * dy;
  double t = 0;
  if (square > 0) {
    t = std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / square, 0.0, 1.0);
  }
  return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

struct Bounds {
  Point low = {INFINITY, INFINITY};
  Point high = {-INFINITY, -INFINITY};
};

Bounds bounds_of(const Polyline& line) {
  Bounds box;
  for (const Point& p : line) {
    box.low = {std::min(box.low.x, p.x), std::min(box.low.y, p.y)};
    box.high = {std::max(box.high.x, p.x), std::max(box.high.y, p.y)};
  }
  return box;
}

// How far two lines that lie beside each other all along are apart at most;
// infinite where they do not.
double max_beside(const Polyline& a, const Polyline& b, double side) {
  if (a.size() < 2 || b.size() < 2) return INFINITY;
  const Bounds one = bounds_of(a);
  const Bounds two = bounds_of(b);
  const double size =
      std::max(distance(one.low, one.high), distance(two.low, two.high));
  const double max = std::min(kBeside * side, 0.15 * size);
  const auto are_near = [max](const Point& p, const Point& q) {
    return distance(p, q) <= max;
  };
  // Lines that are closed in a program's eyes may begin anywhere.
  const bool rings = are_near(a.front(), a.back()) && size > 4 * max;
  const bool ends =
      (are_near(a.front(), b.front()) && are_near(a.back(), b.back())) ||
      (are_near(a.front(), b.back()) && are_near(a.back(), b.front()));
  if (!(rings || ends) || distance(one.low, two.low) > 1.5 * max ||
      distance(one.high, two.high) > 1.5 * max) {
    return INFINITY;
  }
  const auto first = sampled(a);
  const auto second = sampled(b);
  const auto farthest = [](const auto& from, const auto& to) {
    double far = 0;
    for (const Point& p : from) {
      double nearest = INFINITY;
      for (int k = 1; k < kSamples; ++k) {
        nearest = std::min(nearest, to_segment(p, to[k - 1], to[k]));
      }
      far = std::max(far, nearest);
    }
    return far;
  };
  const double far = std::max(farthest(first, second), farthest(second, first));
  return far <= max ? far : INFINITY;
}

// A number for the line's points, the same in both directions.
uint64_t print_of(const Polyline& line, uint32_t colour, double side) {
  const auto mix = [](uint64_t hash, uint64_t value) {
    return (hash ^ (value + 0x9e3779b97f4a7c15ULL)) * 0x100000001b3ULL;
  };
  const double steps = 1 / (kSame * side);
  uint64_t forward = 0xcbf29ce484222325ULL, back = forward;
  const auto key = [&](const Point& p) {
    const auto x = static_cast<int64_t>(std::llround(p.x * steps));
    const auto y = static_cast<int64_t>(std::llround(p.y * steps));
    return static_cast<uint64_t>(x) * 0x1000003ULL + static_cast<uint64_t>(y);
  };
  for (size_t i = 0; i < line.size(); ++i) {
    forward = mix(forward, key(line[i]));
    back = mix(back, key(line[line.size() - 1 - i]));
  }
  return mix(forward ^ back, colour) * 31 + line.size();
}

class Joiner {
 public:
  Joiner(Drawing& drawing, std::vector<SvgOrigin>& origins)
      : drawing_(drawing), origins_(origins), side_(drawing.side) {}

  JoinCounts run() {
    measure();
    drop_doubles();
    find_ends();
    match_ends();
    chain();
    return counts_;
  }

 private:
  std::vector<Stroke>& strokes() { return drawing_.strokes; }

  // The longer side of what is drawn.
  void measure() {
    Bounds all;
    for (const Stroke& stroke : strokes()) {
      const Bounds box = bounds_of(stroke.points);
      all.low = {std::min(all.low.x, box.low.x),
                 std::min(all.low.y, box.low.y)};
      all.high = {std::max(all.high.x, box.high.x),
                  std::max(all.high.y, box.high.y)};
    }
    extent_ = std::max(
        {double{all.high.x} - all.low.x, double{all.high.y} - all.low.y, 0.0});
  }

  // A stroke that is its predecessor drawn again.
  struct Double {
    size_t stroke;
    bool close;
  };

  // Neighbours that lie side by side: all of them where the program draws so,
  // else those that one pen's width covers.
  std::unordered_set<size_t> find_doubles() {
    std::vector<Double> found;
    bool dropped = false;  // the one before
    for (size_t i = 1; i < strokes().size(); ++i) {
      const Stroke& before = strokes()[i - 1];
      const Stroke& here = strokes()[i];
      // A line has one double.
      if (std::exchange(dropped, false)) continue;
      const int64_t apart = origins_[i].element - origins_[i - 1].element;
      if (before.label != 0 || here.label != 0 || apart > 1 ||
          origins_[i].colour != origins_[i - 1].colour) {
        continue;
      }
      const double max = max_beside(before.points, here.points, extent_);
      if (max > kBeside * extent_) continue;
      found.push_back({i, max <= kClose * extent_});
      dropped = true;
    }
    const bool usual = 4 * found.size() >= strokes().size();
    std::unordered_set<size_t> doubles;
    for (const Double& one : found) {
      if (usual || one.close) doubles.insert(one.stroke);
    }
    return doubles;
  }

  void drop_doubles() {
    const std::unordered_set<size_t> doubles = find_doubles();
    std::unordered_set<uint64_t> prints;
    std::vector<Stroke> kept;
    std::vector<SvgOrigin> origins;
    for (size_t i = 0; i < strokes().size(); ++i) {
      Stroke& stroke = strokes()[i];
      const SvgOrigin origin = origins_[i];
      const bool again =
          stroke.label == 0 && stroke.points.size() > 1 &&
          !prints.insert(print_of(stroke.points, origin.colour, side_)).second;
      const bool beside = doubles.count(i) > 0;
      if (beside) doubled_.insert(origin.element);
      if (again || beside) {
        ++counts_.doubles;
        continue;
      }
      kept.push_back(std::move(stroke));
      origins.push_back(origin);
    }
    strokes() = std::move(kept);
    origins_ = std::move(origins);
  }

  bool may_join(size_t stroke) {
    const Stroke& s = strokes()[stroke];
    return s.label == 0 && s.points.size() > 1 && !is_closed(s.points);
  }

  // End 2 i is where stroke i begins, 2 i + 1 where it ends.
  const Point& end(size_t e) {
    const Polyline& line = strokes()[e / 2].points;
    return e % 2 == 0 ? line.front() : line.back();
  }

  // Of unit length, from an end into the line.
  std::pair<double, double> inward(size_t e) {
    const Polyline& line = strokes()[e / 2].points;
    const Point from = end(e);
    const double reach = kReach * side_;
    Point to = from;
    constexpr size_t kMaxLooks = 64;
    for (size_t k = 1; k < std::min(line.size(), kMaxLooks); ++k) {
      to = e % 2 == 0 ? line[k] : line[line.size() - 1 - k];
      if (distance(from, to) >= reach) break;
    }
    const double length = distance(from, to);
    if (length == 0) return {0, 0};
    return {(double{to.x} - from.x) / length, (double{to.y} - from.y) / length};
  }

  // How straight a line goes on from one end into another: 1, straight on.
  double straightness(size_t a, size_t b) {
    const auto one = inward(a);
    const auto two = inward(b);
    return -(one.first * two.first + one.second * two.second);
  }

  struct Meeting {
    size_t a, b;  // ends
    bool neighbours;
    double cosine;
  };

  void add_meeting(size_t a, size_t b) {
    const size_t i = a / 2, j = b / 2;
    if (i == j || origins_[i].colour != origins_[j].colour) return;
    meetings_.push_back(
        {a, b, (i > j ? i - j : j - i) == 1, straightness(a, b)});
  }

  void find_ends() {
    const double cell = kMeet * side_;
    const auto key = [](int64_t x, int64_t y) { return x * 73'856'093 ^ y; };
    std::unordered_map<int64_t, std::vector<size_t>> cells;
    const auto cell_of = [cell](float v) {
      return static_cast<int64_t>(std::floor(v / cell));
    };
    for (size_t e = 0; e < 2 * strokes().size(); ++e) {
      if (!may_join(e / 2)) continue;
      ++free_ends_;
      const Point p = end(e);
      const int64_t x = cell_of(p.x), y = cell_of(p.y);
      for (int64_t dy = -1; dy <= 1; ++dy) {
        for (int64_t dx = -1; dx <= 1; ++dx) {
          const auto found = cells.find(key(x + dx, y + dy));
          if (found == cells.end()) continue;
          for (const size_t other : found->second) {
            if (distance(end(other), p) <= cell) add_meeting(other, e);
          }
        }
      }
      auto& here = cells[key(x, y)];
      // In a crowd the latest are the likeliest to go on.
      if (here.size() >= kMaxMeeting) here.erase(here.begin());
      here.push_back(e);
    }
    add_near_ends();
  }

  // The lines that rough.js draws twice meet only about.
  void add_near_ends() {
    for (size_t i = 0; i + 1 < strokes().size(); ++i) {
      const int64_t element = origins_[i].element;
      if (origins_[i + 1].element != element || doubled_.count(element) == 0 ||
          !may_join(i) || !may_join(i + 1)) {
        continue;
      }
      const size_t a = 2 * i + 1, b = 2 * i + 2;
      const double gap = distance(end(a), end(b));
      if (gap > kMeet * side_ && gap <= 2 * kBeside * side_ &&
          straightness(a, b) > kBend) {
        add_meeting(a, b);
      }
    }
  }

  void match_ends() {
    // Ends that meet their neighbour's: of a drawing in pieces nearly all do.
    std::vector<bool> meets(2 * strokes().size());
    for (const Meeting& m : meetings_) {
      if (m.neighbours) meets[m.a] = meets[m.b] = true;
    }
    const auto count = std::count(meets.begin(), meets.end(), true);
    const bool in_pieces = free_ends_ >= 2 * kFewest && 2 * count > free_ends_;
    std::stable_sort(meetings_.begin(), meetings_.end(),
                     [](const Meeting& a, const Meeting& b) {
                       return a.neighbours != b.neighbours
                                  ? a.neighbours
                                  : a.cosine > b.cosine;
                     });
    partner_.assign(2 * strokes().size(), kNone);
    for (const Meeting& m : meetings_) {
      const double min = !in_pieces     ? kStraightOn
                         : m.neighbours ? kCorner
                                        : kBend;
      if (m.cosine < min || (!in_pieces && !m.neighbours)) continue;
      if (partner_[m.a] != kNone || partner_[m.b] != kNone) continue;
      partner_[m.a] = m.b;
      partner_[m.b] = m.a;
    }
  }

  // Puts the strokes that hang together in a row, from the end that is free or,
  // in a ring, from the first of them.
  void chain() {
    std::vector<Stroke> out;
    std::vector<SvgOrigin> origins;
    std::vector<bool> done(strokes().size());
    for (size_t i = 0; i < strokes().size(); ++i) {
      if (done[i]) continue;
      // Go back to where the line begins.
      size_t start = 2 * i;
      while (partner_[start] != kNone) {
        start = partner_[start] ^ 1;
        if (start == 2 * i) break;
      }
      Stroke stroke = strokes()[start / 2];
      if (start % 2 == 1) reverse(stroke);
      done[start / 2] = true;
      size_t at = partner_[start ^ 1];
      while (at != kNone && !done[at / 2]) {
        done[at / 2] = true;
        append(strokes()[at / 2], at % 2 == 1, stroke);
        ++counts_.joined;
        at = partner_[at ^ 1];
      }
      // A ring closes.
      if (at != kNone && at == start) {
        stroke.points.back() = stroke.points.front();
      }
      out.push_back(std::move(stroke));
      origins.push_back(origins_[i]);
    }
    strokes() = std::move(out);
    origins_ = std::move(origins);
  }

  static void reverse(Stroke& stroke) {
    std::reverse(stroke.points.begin(), stroke.points.end());
    std::reverse(stroke.pressure.begin(), stroke.pressure.end());
  }

  void append(Stroke piece, bool from_end, Stroke& stroke) {
    if (from_end) reverse(piece);
    const bool pressure = !stroke.pressure.empty() && !piece.pressure.empty();
    // The place where they meet is one point.
    const size_t skip =
        distance(stroke.points.back(), piece.points.front()) <= kMeet * side_;
    stroke.points.insert(stroke.points.end(), piece.points.begin() + skip,
                         piece.points.end());
    if (!pressure) return stroke.pressure.clear();
    stroke.pressure.insert(stroke.pressure.end(), piece.pressure.begin() + skip,
                           piece.pressure.end());
  }

  static constexpr size_t kNone = SIZE_MAX;

  Drawing& drawing_;
  std::vector<SvgOrigin>& origins_;
  double side_;
  double extent_ = 0;
  std::unordered_set<int64_t> doubled_;  // elements
  std::vector<Meeting> meetings_;
  int64_t free_ends_ = 0;
  std::vector<size_t> partner_;
  JoinCounts counts_;
};

}  // namespace

JoinCounts join_pieces(Drawing& drawing, std::vector<SvgOrigin>& origins) {
  return Joiner(drawing, origins).run();
}

}  // namespace limner
