#include "sketch/lines.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace limner {
namespace {

constexpr int kNone = -1;

// Pixels in a row, with a junction at either end, or kNone at a free end. The
// junction's own pixels are not among them.
struct Branch {
  std::vector<int> path;
  std::array<int, 2> junction = {kNone, kNone};
  bool dropped = false;
  // The half of another branch (2 branch + end) with which it goes on.
  std::array<int, 2> next = {kNone, kNone};
};

struct Junction {
  double x = 0;  // middle, in pixels
  double y = 0;
  int pixels = 0;
  std::vector<int> halves;  // of the branches that end here
};

class Tracer {
 public:
  Tracer(const Image& skeleton, const LineOptions& options)
      : options_(options),
        stride_(skeleton.width + 2),
        on_(static_cast<size_t>(stride_) * (skeleton.height + 2)),
        around_({1, stride_, -1, -stride_, 1 + stride_, stride_ - 1,
                 -1 - stride_, 1 - stride_}) {
    for (int y = 0; y < skeleton.height; ++y) {
      for (int x = 0; x < skeleton.width; ++x) {
        if (skeleton.row(y)[x] == 0) continue;
        const int at = (y + 1) * stride_ + x + 1;
        on_[at] = 1;
        pixels_.push_back(at);
      }
    }
  }

  std::vector<Polyline> lines() {
    find_junctions();
    find_branches();
    drop_spurs();
    merge_crossings();
    pair_branches();
    return chains();
  }

 private:
  // Straight neighbours, and slanting ones that no straight one leads to.
  int neighbours(int at, std::array<int, 8>& to) const {
    int count = 0;
    for (int k = 0; k < 4; ++k) {
      if (on_[at + around_[k]] != 0) to[count++] = at + around_[k];
    }
    for (int k = 4; k < 8; ++k) {
      const int next = at + around_[k];
      if (on_[next] == 0) continue;
      const int across = around_[k - 4];
      if (on_[at + across] == 0 && on_[next - across] == 0) to[count++] = next;
    }
    return count;
  }

  Point point(int at) const {
    return {static_cast<float>(at % stride_) - 0.5F,
            static_cast<float>(at / stride_) - 0.5F};
  }

  // Pixels with three neighbours or more; those beside each other are one
  // junction.
  void find_junctions() {
    owner_.assign(on_.size(), kNone);
    std::array<int, 8> next;
    std::vector<char> many(on_.size(), 0);
    for (const int at : pixels_) many[at] = neighbours(at, next) >= 3 ? 1 : 0;
    std::vector<int> open;
    for (const int first : pixels_) {
      if (!many[first] || owner_[first] != kNone) continue;
      const int id = static_cast<int>(junctions_.size());
      Junction junction;
      owner_[first] = id;
      open = {first};
      while (!open.empty()) {
        const int at = open.back();
        open.pop_back();
        const Point p = point(at);
        junction.x += p.x;
        junction.y += p.y;
        ++junction.pixels;
        const int count = neighbours(at, next);
        for (int k = 0; k < count; ++k) {
          if (!many[next[k]] || owner_[next[k]] != kNone) continue;
          owner_[next[k]] = id;
          open.push_back(next[k]);
        }
      }
      junction.x /= junction.pixels;
      junction.y /= junction.pixels;
      junctions_.push_back(std::move(junction));
    }
  }

  // From `at`, reached from `from`, over pixels that have two neighbours.
  Branch walk(int from, int at) {
    Branch branch;
    branch.junction[0] = from == kNone ? kNone : owner_[from];
    std::array<int, 8> next;
    for (;;) {
      used_[at] = 1;
      branch.path.push_back(at);
      const int count = neighbours(at, next);
      int to = kNone;
      for (int k = 0; k < count; ++k) {
        if (next[k] == from || used_[next[k]]) continue;
        // Of a branch of one pixel both ends may lie in one junction.
        if (to == kNone || owner_[next[k]] != kNone) to = next[k];
      }
      if (to == kNone) return branch;
      if (owner_[to] != kNone) {
        branch.junction[1] = owner_[to];
        return branch;
      }
      from = at;
      at = to;
    }
  }

  void add(Branch branch) {
    const int id = static_cast<int>(branches_.size());
    for (int end = 0; end < 2; ++end) {
      if (branch.junction[end] == kNone) continue;
      junctions_[branch.junction[end]].halves.push_back(2 * id + end);
    }
    branches_.push_back(std::move(branch));
  }

  void find_branches() {
    used_.assign(on_.size(), 0);
    std::array<int, 8> next;
    const auto free = [&](int at) { return !used_[at] && owner_[at] == kNone; };
    for (const int at : pixels_) {
      if (owner_[at] == kNone) continue;
      const int count = neighbours(at, next);
      for (int k = 0; k < count; ++k) {
        if (free(next[k])) add(walk(at, next[k]));
      }
    }
    for (const int at : pixels_) {
      if (free(at) && neighbours(at, next) < 2) add(walk(kNone, at));
    }
    // What is left are loops without a junction.
    for (const int at : pixels_) {
      if (!free(at)) continue;
      Branch loop = walk(kNone, at);
      const int id = static_cast<int>(branches_.size());
      loop.next = {2 * id + 1, 2 * id};
      branches_.push_back(std::move(loop));
    }
  }

  // Whether each branch of junction a goes straight on, over the bridge, in one
  // of b. What joins two lines across is none: the ring of an iris between two
  // lids.
  bool crosses(int bridge, const Junction& a, const Junction& b) const {
    constexpr double kStraight = -0.87;  // cosine between them: 30 degrees
    constexpr double kAlong = 0.8;       // of lines and bridge: 37 degrees
    const auto beyond = [&](const Junction& junction) {
      std::vector<std::array<double, 2>> directions;
      for (const int half : junction.halves) {
        if (half / 2 == bridge) continue;
        directions.push_back(direction(junction, half));
      }
      return directions;
    };
    const auto p = beyond(a);
    const auto q = beyond(b);
    if (p.size() != 2 || q.size() != 2) return false;
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    const auto goes_on = [&](const auto& u, const auto& v) {
      if (u[0] * v[0] + u[1] * v[1] >= kStraight) return false;
      const double x = v[0] - u[0];
      const double y = v[1] - u[1];
      return x * (b.x - a.x) + y * (b.y - a.y) >
             kAlong * std::hypot(x, y) * length;
    };
    return (goes_on(p[0], q[0]) && goes_on(p[1], q[1])) ||
           (goes_on(p[0], q[1]) && goes_on(p[1], q[0]));
  }

  void merge_crossings() {
    std::vector<char> merged(junctions_.size(), 0);
    for (size_t i = 0; i < branches_.size(); ++i) {
      Branch& bridge = branches_[i];
      const auto [a, b] = bridge.junction;
      if (a == kNone || b == kNone || a == b) continue;
      const auto length = static_cast<int>(bridge.path.size());
      if (length > options_.long_bridge || merged[a] || merged[b]) continue;
      Junction& to = junctions_[a];
      Junction& from = junctions_[b];
      if (to.halves.size() != 3 || from.halves.size() != 3) continue;
      const int id = static_cast<int>(i);
      if (length > options_.bridge && !crosses(id, to, from)) continue;
      merged[a] = merged[b] = 1;
      bridge.dropped = true;
      to.x = (to.x + from.x) / 2;
      to.y = (to.y + from.y) / 2;
      for (const int half : from.halves) {
        branches_[half / 2].junction[half % 2] = a;
        to.halves.push_back(half);
      }
      from.halves.clear();
      forget_dropped(to);
    }
  }

  void forget_dropped(Junction& junction) {
    auto& halves = junction.halves;
    const auto gone = [&](int half) { return branches_[half / 2].dropped; };
    halves.erase(std::remove_if(halves.begin(), halves.end(), gone),
                 halves.end());
  }

  void drop_spurs() {
    std::vector<std::pair<size_t, int>> spurs;
    for (size_t i = 0; i < branches_.size(); ++i) {
      Branch& branch = branches_[i];
      const auto [a, b] = branch.junction;
      if (branch.dropped) continue;
      if (static_cast<int>(branch.path.size()) > options_.spur) continue;
      // A small ring at a junction is none either.
      if (a == b && a != kNone) branch.dropped = true;
      if ((a == kNone) == (b == kNone)) continue;
      spurs.emplace_back(branch.path.size(), static_cast<int>(i));
    }
    std::sort(spurs.begin(), spurs.end());
    for (const auto& [length, i] : spurs) {
      Branch& branch = branches_[i];
      Junction& at =
          junctions_[std::max(branch.junction[0], branch.junction[1])];
      // With two left, the shorter may be a line's end.
      if (at.halves.size() < 3) continue;
      branch.dropped = true;
      forget_dropped(at);
    }
  }

  // Unit vector out of the junction along a half.
  std::array<double, 2> direction(const Junction& junction, int half) const {
    const std::vector<int>& path = branches_[half / 2].path;
    const int count = static_cast<int>(path.size());
    const auto pixel = [&](int i) {
      return point(half % 2 == 0 ? path[i] : path[count - 1 - i]);
    };
    const int far = std::min(options_.reach + options_.trim, count) - 1;
    // Beyond the part that is bent, where there is enough of it.
    const int near = options_.trim;
    double x = pixel(far).x;
    double y = pixel(far).y;
    if (far - near >= 3) {
      x -= pixel(near).x;
      y -= pixel(near).y;
    } else {
      x -= junction.x;
      y -= junction.y;
    }
    const double length = std::hypot(x, y);
    if (length == 0) return {0, 0};
    return {x / length, y / length};
  }

  void pair_branches() {
    struct Pair {
      double cosine;
      int a, b;
    };
    std::vector<Pair> pairs;
    for (Junction& junction : junctions_) {
      forget_dropped(junction);
      const auto& halves = junction.halves;
      pairs.clear();
      const double turn =
          halves.size() == 3 ? options_.fork_turn : options_.crossing_turn;
      const double max_cosine = -std::cos(turn * M_PI / 180);
      for (size_t i = 0; i < halves.size(); ++i) {
        const auto a = direction(junction, halves[i]);
        for (size_t j = i + 1; j < halves.size(); ++j) {
          const auto b = direction(junction, halves[j]);
          const double cosine = a[0] * b[0] + a[1] * b[1];
          if (cosine > max_cosine && halves.size() > 2) continue;
          pairs.push_back({cosine, halves[i], halves[j]});
        }
      }
      std::stable_sort(
          pairs.begin(), pairs.end(),
          [](const Pair& p, const Pair& q) { return p.cosine < q.cosine; });
      for (const Pair& pair : pairs) {
        int& a = branches_[pair.a / 2].next[pair.a % 2];
        int& b = branches_[pair.b / 2].next[pair.b % 2];
        if (a != kNone || b != kNone) continue;
        a = pair.b;
        b = pair.a;
      }
    }
  }

  // Appends a branch entered at `end`, in that direction.
  void append(const Branch& branch, int end, Polyline& line) const {
    const int count = static_cast<int>(branch.path.size());
    // Neither where it ends in a junction, nor of a ring, which has none.
    const auto bent = [&](int e) {
      const bool goes_on = branch.next[e] != kNone;
      const bool at_junction = branch.junction[e] != kNone;
      return goes_on == at_junction ? options_.trim : 0;
    };
    int first = bent(end);
    int last = count - 1 - bent(1 - end);
    if (first > last) {
      // Of a short one only what joins its ends.
      first = branch.next[end] != kNone ? count / 2 : 0;
      last = branch.next[1 - end] != kNone ? count / 2 : count - 1;
    }
    for (int i = first; i <= last; ++i) {
      line.push_back(point(branch.path[end == 0 ? i : count - 1 - i]));
    }
  }

  // A line that ends in a junction reaches its middle.
  void end_in(int junction, Polyline& line) const {
    if (junction == kNone) return;
    const Junction& at = junctions_[junction];
    line.push_back({static_cast<float>(at.x), static_cast<float>(at.y)});
  }

  Polyline chain_from(int half) {
    Polyline line;
    const Branch& first = branches_[half / 2];
    if (first.next[half % 2] == kNone) {
      end_in(first.junction[half % 2], line);
    }
    const int start = half;
    for (;;) {
      Branch& branch = branches_[half / 2];
      branch.dropped = true;
      append(branch, half % 2, line);
      const int out = 1 - half % 2;
      half = branch.next[out];
      if (half == kNone) {
        end_in(branch.junction[out], line);
        return line;
      }
      if (half == start) {
        line.push_back(line.front());
        return line;
      }
    }
  }

  std::vector<Polyline> chains() {
    std::vector<Polyline> lines;
    const int halves = static_cast<int>(2 * branches_.size());
    for (const bool open : {true, false}) {
      for (int half = 0; half < halves; ++half) {
        const Branch& branch = branches_[half / 2];
        if (branch.dropped) continue;
        if (open && branch.next[half % 2] != kNone) continue;
        lines.push_back(chain_from(half));
      }
    }
    return lines;
  }

  LineOptions options_;
  int stride_;  // with a margin of one pixel
  std::vector<uint8_t> on_;
  std::array<int, 8> around_;
  std::vector<int> pixels_;
  std::vector<int> owner_;  // junction of a pixel
  std::vector<char> used_;
  std::vector<Junction> junctions_;
  std::vector<Branch> branches_;
};

}  // namespace

std::vector<Polyline> follow_lines(const Image& skeleton,
                                   const LineOptions& options) {
  return Tracer(skeleton, options).lines();
}

}  // namespace limner
