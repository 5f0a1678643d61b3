// Corners of pixels are vertices, cracks between unlike pixels are edges. A
// chain is a run of cracks through vertices that have just two.
#include "sketch/borders.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_map>
#include <utility>

namespace limner {
namespace {

enum Direction { kEast, kSouth, kWest, kNorth, kDirections };
constexpr std::array<int, 4> kStepX = {1, 0, -1, 0};
constexpr std::array<int, 4> kStepY = {0, 1, 0, -1};

struct Chain {
  Polyline line;
  int label;
  int ends[2];  // vertices, -1 when closed
  // The chain end that each end goes on with: 2 chain + end, or -1.
  int links[2] = {-1, -1};
};

class Tracer {
 public:
  Tracer(const Image& labels, const std::function<int(int, int)>& border_class)
      : width_(labels.width + 1),
        height_(labels.height + 1),
        across_(static_cast<size_t>(width_) * height_),
        down_(static_cast<size_t>(width_) * height_) {
    const auto class_of = [&](int a, int b) {
      return static_cast<uint8_t>(border_class(a, b));
    };
    for (int y = 0; y < labels.height; ++y) {
      const uint8_t* row = labels.row(y);
      for (int x = 0; x < labels.width; ++x) {
        if (x > 0 && row[x] != row[x - 1]) {
          down_[vertex(x, y)] = class_of(row[x - 1], row[x]);
        }
        if (y > 0 && row[x] != labels.row(y - 1)[x]) {
          across_[vertex(x, y)] = class_of(labels.row(y - 1)[x], row[x]);
        }
      }
    }
  }

  std::vector<Chain> chains() {
    std::vector<Chain> chains;
    const int count = width_ * height_;
    degrees_.resize(count);
    for (int v = 0; v < count; ++v) {
      int degree = 0;
      for (int d = 0; d < kDirections; ++d) degree += crack(v, d) ? 1 : 0;
      degrees_[v] = static_cast<uint8_t>(degree);
    }
    for (int v = 0; v < count; ++v) {
      if (degrees_[v] == 0 || degrees_[v] == 2) continue;
      for (int d = 0; d < kDirections; ++d) {
        if (crack(v, d)) chains.push_back(follow(v, d, false));
      }
    }
    // What is left are loops.
    for (int v = 0; v < count; ++v) {
      if (crack(v, kEast)) chains.push_back(follow(v, kEast, true));
    }
    return chains;
  }

 private:
  int vertex(int x, int y) const { return y * width_ + x; }

  // The crack that leaves v in direction d: its class, 0 once followed.
  uint8_t* slot(int v, int d) {
    const int x = v % width_;
    const int y = v / width_;
    switch (d) {
      case kEast:
        return x + 1 < width_ ? &across_[v] : nullptr;
      case kSouth:
        return y + 1 < height_ ? &down_[v] : nullptr;
      case kWest:
        return x > 0 ? &across_[v - 1] : nullptr;
      default:
        return y > 0 ? &down_[v - width_] : nullptr;
    }
  }
  int crack(int v, int d) {
    const uint8_t* at = slot(v, d);
    return at == nullptr ? 0 : *at;
  }

  Point at(int v) const {
    return {static_cast<float>(v % width_), static_cast<float>(v / width_)};
  }

  // Points: the middles of the cracks, which are nearer to a smooth line than
  // their corners, between the two ends.
  Chain follow(int v, int d, bool loop) {
    Chain chain;
    chain.label = crack(v, d);
    chain.ends[0] = loop ? -1 : v;
    if (!loop) chain.line.push_back(at(v));
    for (;;) {
      *slot(v, d) = 0;
      const Point from = at(v);
      chain.line.push_back(
          {from.x + 0.5F * kStepX[d], from.y + 0.5F * kStepY[d]});
      v += kStepY[d] * width_ + kStepX[d];
      if (degrees_[v] != 2) break;
      int next = 0;
      while (next < kDirections && !crack(v, next)) ++next;
      if (next == kDirections) break;  // round
      d = next;
    }
    chain.ends[1] = loop ? -1 : v;
    chain.line.push_back(loop ? chain.line.front() : at(v));
    return chain;
  }

  int width_;
  int height_;
  std::vector<uint8_t> across_;  // crack from vertex (x,y) to (x+1,y)
  std::vector<uint8_t> down_;    // crack from vertex (x,y) to (x,y+1)
  std::vector<uint8_t> degrees_;
};

// Links the chains of one class that meet at a vertex where there are just two
// of them.
void link(std::vector<Chain>& chains) {
  // By vertex and class: the chain ends there, the first two.
  struct Meeting {
    int count = 0;
    int ends[2];
  };
  std::unordered_map<int64_t, Meeting> meetings;
  for (size_t i = 0; i < chains.size(); ++i) {
    for (int end = 0; end < 2; ++end) {
      if (chains[i].ends[end] < 0) continue;
      Meeting& meeting =
          meetings[int64_t{chains[i].ends[end]} * 256 + chains[i].label];
      if (meeting.count < 2) {
        meeting.ends[meeting.count] = static_cast<int>(2 * i) + end;
      }
      ++meeting.count;
    }
  }
  for (const auto& entry : meetings) {
    const Meeting& meeting = entry.second;
    if (meeting.count != 2) continue;
    const auto [a, b] = meeting.ends;
    chains[a / 2].links[a % 2] = b;
    chains[b / 2].links[b % 2] = a;
  }
}

}  // namespace

std::vector<Border> trace_borders(
    const Image& labels, const std::function<int(int, int)>& border_class) {
  std::vector<Chain> chains = Tracer(labels, border_class).chains();
  link(chains);
  std::vector<Border> borders;
  std::vector<char> used(chains.size(), 0);
  // Walks from `end` (2 chain + end) on through the links.
  const auto walk = [&](int end) {
    Border border;
    border.label = chains[end / 2].label;
    while (end >= 0 && !used[end / 2]) {
      Chain& chain = chains[end / 2];
      used[end / 2] = 1;
      if (end % 2 == 1) std::reverse(chain.line.begin(), chain.line.end());
      // The vertex where two meet stands in both.
      if (!border.line.empty()) border.line.pop_back();
      border.line.insert(border.line.end(), chain.line.begin(),
                         chain.line.end());
      end = chain.links[1 - end % 2];
    }
    borders.push_back(std::move(border));
  };
  for (size_t i = 0; i < chains.size(); ++i) {
    for (int end = 0; end < 2; ++end) {
      if (!used[i] && chains[i].links[end] < 0) {
        walk(static_cast<int>(2 * i) + end);
      }
    }
  }
  for (size_t i = 0; i < chains.size(); ++i) {
    if (!used[i]) walk(static_cast<int>(2 * i));
  }
  return borders;
}

}  // namespace limner
