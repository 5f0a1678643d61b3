#include "sketch/edges.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

namespace limner {
namespace {

using Plane = std::vector<float>;

// Rec. 601.
Plane brightness(const Image& photo) {
  Plane plane(static_cast<size_t>(photo.width) * photo.height);
  const uint8_t* from = photo.pixels.data();
  for (float& value : plane) {
    value = 0.299F * from[0] + 0.587F * from[1] + 0.114F * from[2];
    from += 3;
  }
  return plane;
}

// Binomial weights of 7, a Gaussian of sigma 1.2, along rows and columns.
void blur(Plane& plane, int side) {
  constexpr std::array<float, 7> kWeights = {
      1 / 64.F, 6 / 64.F, 15 / 64.F, 20 / 64.F, 15 / 64.F, 6 / 64.F, 1 / 64.F};
  Plane padded(side + 6);
  for (int y = 0; y < side; ++y) {
    float* row = &plane[static_cast<size_t>(y) * side];
    std::fill_n(padded.begin(), 3, row[0]);
    std::copy(row, row + side, padded.begin() + 3);
    std::fill_n(padded.end() - 3, 3, row[side - 1]);
    for (int x = 0; x < side; ++x) {
      float sum = 0;
      for (int k = 0; k < 7; ++k) sum += kWeights[k] * padded[x + k];
      row[x] = sum;
    }
  }
  const Plane from = plane;
  for (int y = 0; y < side; ++y) {
    float* to = &plane[static_cast<size_t>(y) * side];
    std::fill_n(to, side, 0.0F);
    for (int k = 0; k < 7; ++k) {
      const float* row =
          &from[static_cast<size_t>(std::clamp(y + k - 3, 0, side - 1)) * side];
      for (int x = 0; x < side; ++x) to[x] += kWeights[k] * row[x];
    }
  }
}

struct Ridges {
  Plane strength;          // size of the gradient where it is greatest, else 0
  std::vector<char> free;  // pixels to be joined
};

Ridges find_ridges(const Plane& plane, int side,
                   const std::vector<char>& allowed, float min) {
  const size_t area = plane.size();
  Plane gx(area, 0.0F), gy(area, 0.0F), size(area, 0.0F);
  for (int y = 1; y + 1 < side; ++y) {
    const size_t row = static_cast<size_t>(y) * side;
    for (size_t i = row + 1; i + 1 < row + side; ++i) {
      gx[i] = 0.5F * (plane[i + 1] - plane[i - 1]);
      gy[i] = 0.5F * (plane[i + side] - plane[i - side]);
      size[i] = std::sqrt(gx[i] * gx[i] + gy[i] * gy[i]);
    }
  }
  Ridges ridges = {Plane(area, 0.0F), std::vector<char>(area, 0)};
  for (int y = 1; y + 1 < side; ++y) {
    const size_t row = static_cast<size_t>(y) * side;
    for (size_t i = row + 1; i + 1 < row + side; ++i) {
      if (size[i] < min || !allowed[i]) continue;
      // The gradient's size one pixel on either side along the gradient, by
      // interpolation between the two nearest neighbours.
      const float ax = std::abs(gx[i]);
      const float ay = std::abs(gy[i]);
      const bool flat = ax > ay;
      const int sx = gx[i] > 0 ? 1 : -1;
      const int sy = gy[i] > 0 ? side : -side;
      const int straight = flat ? sx : sy;
      const float t = flat ? ay / ax : ax / ay;
      const float after = (1 - t) * size[i + straight] + t * size[i + sx + sy];
      const float before = (1 - t) * size[i - straight] + t * size[i - sx - sy];
      if (size[i] < before || size[i] <= after) continue;
      ridges.strength[i] = size[i];
      ridges.free[i] = 1;
    }
  }
  return ridges;
}

}  // namespace

std::vector<Edge> find_edges(const Image& photo, const Image& mask,
                             const std::vector<char>& allowed, float min,
                             int shortest) {
  const int side = photo.width;
  Plane plane = brightness(photo);
  blur(plane, side);
  Ridges ridges = find_ridges(plane, side, allowed, min);
  const std::array<int, 8> around = {1,        -1,       side,      -side,
                                     1 + side, 1 - side, -1 + side, -1 - side};
  // From pixel i on, strongest neighbour first, to the end; pixels passed and
  // those beside them are not used again.
  const auto follow = [&](int i, std::vector<int>& path) {
    const uint8_t region = mask.pixels[i];
    for (;;) {
      int next = -1;
      for (const int step : around) {
        const int j = i + step;
        if (!ridges.free[j] || mask.pixels[j] != region) continue;
        if (next < 0 || ridges.strength[j] > ridges.strength[next]) next = j;
      }
      if (next < 0) return;
      for (const int step : around) {
        const int j = i + step;
        const int dx = std::abs(j % side - next % side);
        const int dy = std::abs(j / side - next / side);
        if (std::max(dx, dy) <= 1) ridges.free[j] = 0;
      }
      path.push_back(next);
      i = next;
    }
  };
  std::vector<Edge> edges;
  for (int i = 0; i < side * side; ++i) {
    if (!ridges.free[i]) continue;
    ridges.free[i] = 0;
    std::vector<int> forward = {i};
    std::vector<int> backward;
    follow(i, forward);
    follow(i, backward);
    std::vector<int> path(backward.rbegin(), backward.rend());
    path.insert(path.end(), forward.begin(), forward.end());
    if (static_cast<int>(path.size()) < shortest) continue;
    Edge edge;
    edge.region = mask.pixels[i];
    for (const int j : path) {
      edge.line.push_back({static_cast<float>(j % side) + 0.5F,
                           static_cast<float>(j / side) + 0.5F});
      edge.contrast += ridges.strength[j];
    }
    edge.contrast /= static_cast<float>(path.size());
    edges.push_back(std::move(edge));
  }
  return edges;
}

}  // namespace limner
