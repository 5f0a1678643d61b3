#include "sketch/eye_parts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace limner {
namespace {

using Kind = EyePart::Kind;
using Side = EyePart::Side;

// Shares of the face's width.
constexpr float kOneEye = 0.22F;    // narrower than this is a single eye
constexpr float kBothEyes = 0.4F;   // wider than this may go over both
constexpr float kTouching = 0.06F;  // a bridge's end and a frame
constexpr float kMinFrame = 0.15F;  // width of a lens
constexpr float kLidGap = 0.01F;    // of its height: a lid above its eye
// Share of a line's length that must lie on each side of one over both eyes.
constexpr double kMinShare = 0.25;
// Of its diagonal: the gap of a line that closes.
constexpr float kClosingGap = 0.4F;

// How much of the gap between two frames a bridge spans at least, and how high
// it is at most beside them; one that joins them, and beside its own width.
constexpr float kBridgeSpan = 0.5F, kBridgeHeight = 0.5F;
constexpr float kJoinSpan = 0.8F, kJoinHeight = 0.4F;

float distance(const Point& a, const Point& b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

float nearest(const Polyline& line, const Point& p) {
  float best = distance(line.front(), p);
  for (const Point& q : line) best = std::min(best, distance(q, p));
  return best;
}

float overlap(float a, float b, float c, float d) {
  return std::min(b, d) - std::max(a, c);
}

bool inside(const StrokeBox& inner, const StrokeBox& outer, float slack) {
  return inner.left >= outer.left - slack &&
         inner.right <= outer.right + slack && inner.top >= outer.top - slack &&
         inner.bottom <= outer.bottom + slack;
}

struct Line {
  const Polyline* points;
  StrokeBox box;
  bool closed;
};

// Two means of the lines' middles; the value between them.
float split(const std::vector<Line>& lines, const StrokeBox& face) {
  StrokeBox all;
  std::vector<float> x;
  for (const Line& line : lines) {
    all.add(line.box);
    x.push_back(line.box.x());
  }
  if (all.width() < kOneEye * face.width()) return face.x();
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  // All above each other: one that goes over both eyes, or one eye alone.
  if (*high - *low < 0.5F * kOneEye * face.width()) {
    return all.width() > kBothEyes * face.width() ? all.x() : face.x();
  }
  float a = *low;
  float b = *high;
  for (int round = 0; round < 20; ++round) {
    float sums[2] = {0, 0};
    int counts[2] = {0, 0};
    for (const float value : x) {
      const int k = std::abs(value - a) <= std::abs(value - b) ? 0 : 1;
      sums[k] += value;
      ++counts[k];
    }
    a = sums[0] / static_cast<float>(std::max(counts[0], 1));
    b = sums[1] / static_cast<float>(std::max(counts[1], 1));
  }
  return 0.5F * (a + b);
}

Side side_of(const Line& line, float middle, const StrokeBox& face) {
  if (line.box.width() > kBothEyes * face.width()) {
    double left = 0;
    double all = 0;
    for (size_t i = 1; i < line.points->size(); ++i) {
      const Point& a = (*line.points)[i - 1];
      const Point& b = (*line.points)[i];
      all += distance(a, b);
      if (0.5F * (a.x + b.x) < middle) left += distance(a, b);
    }
    if (left > kMinShare * all && left < (1 - kMinShare) * all) {
      return Side::kBoth;
    }
  }
  return line.box.x() < middle ? Side::kLeft : Side::kRight;
}

// Lines of one side that are one thing, an eye with its pupil for example, as
// groups of indices, the upper ones first.
std::vector<std::vector<int>> stacked(const std::vector<Line>& lines,
                                      const std::vector<int>& own,
                                      const StrokeBox& face) {
  std::vector<int> root(lines.size());
  std::iota(root.begin(), root.end(), 0);
  const auto find = [&](int i) {
    while (root[i] != i) i = root[i];
    return i;
  };
  for (const int i : own) {
    for (const int j : own) {
      if (i == j) continue;
      const StrokeBox& a = lines[i].box;
      const StrokeBox& b = lines[j].box;
      const float lower =
          std::max(std::min(a.height(), b.height()), 0.02F * face.height());
      // A pupil lies in its eye whether the eye's line closes or not.
      const float size = std::max(b.width(), b.height());
      const bool small = std::max(a.width(), a.height()) < 0.5F * size;
      const bool within = lines[j].closed ? inside(a, b, 0.1F * size)
                                          : small && inside(a, b, 0);
      if (within || overlap(a.top, a.bottom, b.top, b.bottom) > 0.5F * lower) {
        root[find(i)] = find(j);
      }
    }
  }
  std::vector<std::vector<int>> groups;
  for (const int i : own) {
    if (find(i) != i) continue;
    groups.emplace_back();
    for (const int j : own) {
      if (find(j) == i) groups.back().push_back(j);
    }
  }
  const auto height = [&](const std::vector<int>& group) {
    StrokeBox box;
    for (const int i : group) box.add(lines[i].box);
    return box.y();
  };
  std::sort(groups.begin(), groups.end(), [&](const auto& a, const auto& b) {
    return height(a) < height(b);
  });
  return groups;
}

StrokeBox box_of(const std::vector<Line>& lines, const std::vector<int>& group,
                 bool* closed) {
  StrokeBox box;
  *closed = false;
  for (const int i : group) {
    box.add(lines[i].box);
    *closed = *closed || lines[i].closed;
  }
  return box;
}

// Which of the things above each other is the brow.
void tell_brows(const std::vector<Line>& lines,
                const std::vector<std::vector<int>>& groups,
                const StrokeBox& face, std::vector<EyePart>& parts) {
  if (groups.size() < 2) return;
  bool upper_closed = false;
  bool lower_closed = false;
  const StrokeBox upper = box_of(lines, groups[0], &upper_closed);
  StrokeBox lower = box_of(lines, groups[1], &lower_closed);
  for (size_t k = 2; k < groups.size(); ++k) {
    bool closed = false;
    lower.add(box_of(lines, groups[k], &closed));
    lower_closed = lower_closed || closed;
  }
  const bool flat = upper.height() < upper.width();
  const bool small = std::max(upper.width(), upper.height()) <
                     0.35F * std::max(lower.width(), lower.height());
  // An eye with something under it, or lashes on one.
  if (upper_closed && !lower_closed && !flat) {
    for (const auto& group : groups) {
      for (const int i : group) parts[i].sure = false;
    }
    return;
  }
  const bool lashes = small && upper.bottom > lower.top - 0.3F * lower.height();
  // The upper lid of an eye drawn as two arcs.
  const bool lid = upper.bottom > lower.top - kLidGap * face.height() &&
                   upper.width() < 1.25F * lower.width();
  const bool sure = lid || (!upper_closed && (flat || lower_closed) && !small);
  for (const int i : groups[0]) {
    if (!lashes && !lid) parts[i].kind = Kind::kBrow;
    parts[i].sure = sure;
  }
  for (size_t k = 1; k < groups.size(); ++k) {
    for (const int i : groups[k]) parts[i].sure = k == 1;
  }
}

// Frames: closed lines of both sides that a short line joins, or that go on to
// a bar towards the ear.
void tell_glasses(const std::vector<Line>& lines, const StrokeBox& face,
                  std::vector<EyePart>& parts) {
  const float reach = kTouching * face.width();
  for (size_t k = 0; k < lines.size(); ++k) {
    const Line& bridge = lines[k];
    if (bridge.closed || bridge.box.width() < bridge.box.height() ||
        bridge.box.width() > kBothEyes * face.width()) {
      continue;
    }
    const Point& a = bridge.points->front();
    const Point& b = bridge.points->back();
    int left = -1;
    int right = -1;
    for (size_t i = 0; i < lines.size(); ++i) {
      if (i == k || !lines[i].closed ||
          lines[i].box.width() < kMinFrame * face.width()) {
        continue;
      }
      const float to_a = nearest(*lines[i].points, a);
      const float to_b = nearest(*lines[i].points, b);
      if (std::min(to_a, to_b) > reach) continue;
      if (lines[i].box.x() < bridge.box.x()) left = static_cast<int>(i);
      if (lines[i].box.x() > bridge.box.x()) right = static_cast<int>(i);
    }
    if (left < 0 || right < 0) continue;
    for (const int i : {left, right, static_cast<int>(k)}) {
      parts[i].kind = Kind::kGlasses;
    }
  }
}

}  // namespace

void StrokeBox::add(const Point& p) {
  if (empty) {
    left = right = p.x;
    top = bottom = p.y;
    empty = false;
    return;
  }
  left = std::min(left, p.x);
  right = std::max(right, p.x);
  top = std::min(top, p.y);
  bottom = std::max(bottom, p.y);
}

void StrokeBox::add(const Polyline& line) {
  for (const Point& p : line) add(p);
}

void StrokeBox::add(const StrokeBox& other) {
  if (other.empty) return;
  add(Point{other.left, other.top});
  add(Point{other.right, other.bottom});
}

bool goes_around(const Polyline& line) {
  StrokeBox box;
  box.add(line);
  const float size = std::hypot(box.width(), box.height());
  if (!(size > 0) || length_of(line) < 1.7 * size) return false;
  // Ends often cross or overshoot: either end near any point of the other
  // half will do.
  const size_t n = line.size();
  float gap = distance(line.front(), line.back());
  for (size_t i = 0; i < n; ++i) {
    if (3 * i < n) gap = std::min(gap, distance(line.back(), line[i]));
    if (3 * i > 2 * n) gap = std::min(gap, distance(line.front(), line[i]));
  }
  return gap < kClosingGap * size;
}

bool bridges(const StrokeBox& line, const StrokeBox& a, const StrokeBox& b) {
  const float gap = b.left - a.right;
  return gap > 0 && line.width() >= kBridgeSpan * gap && line.left > a.x() &&
         line.right < b.x() && line.top > std::max(a.top, b.top) &&
         line.bottom < std::min(a.bottom, b.bottom) &&
         line.height() <= kBridgeHeight * std::min(a.height(), b.height());
}

bool joins(const StrokeBox& line, const StrokeBox& a, const StrokeBox& b) {
  return bridges(line, a, b) &&
         line.width() >= kJoinSpan * (b.left - a.right) &&
         line.height() <= kJoinHeight * line.width();
}

int eye_class(const EyePart& part, float x, float middle) {
  if (part.kind == Kind::kGlasses) return 3;
  const bool right =
      part.side == Side::kBoth ? x > middle : part.side == Side::kRight;
  if (part.kind == Kind::kBrow) return right ? 4 : 5;
  return right ? 1 : 2;
}

EyeParts tell_eye_parts(const std::vector<const Polyline*>& lines,
                        const StrokeBox& face) {
  EyeParts out;
  out.parts.resize(lines.size());
  out.middle = face.x();
  if (lines.empty()) return out;
  std::vector<Line> all;
  for (const Polyline* points : lines) {
    Line line{points, {}, goes_around(*points)};
    line.box.add(*points);
    all.push_back(line);
  }
  out.middle = split(all, face);
  std::vector<int> left;
  std::vector<int> right;
  for (size_t i = 0; i < all.size(); ++i) {
    out.parts[i].side = side_of(all[i], out.middle, face);
    const int index = static_cast<int>(i);
    if (out.parts[i].side != Side::kRight) left.push_back(index);
    if (out.parts[i].side != Side::kLeft) right.push_back(index);
  }
  tell_brows(all, stacked(all, left, face), face, out.parts);
  tell_brows(all, stacked(all, right, face), face, out.parts);
  tell_glasses(all, face, out.parts);
  return out;
}

}  // namespace limner
