#include "metrics/inception_features.h"

#include <algorithm>

#include "metrics/planes.h"

namespace limner {
namespace {

// Between which pixels a place lies, and how near the second.
struct Place {
  int first, second;
  float share;
};

std::vector<Place> places(int from, int to) {
  std::vector<Place> out;
  for (int i = 0; i < to; ++i) {
    const double at = std::max(0.0, (i + 0.5) * from / to - 0.5);
    const int first = std::min(static_cast<int>(at), from - 1);
    out.push_back(
        {first, std::min(first + 1, from - 1), static_cast<float>(at - first)});
  }
  return out;
}

}  // namespace

std::vector<float> interpolate_to(const std::vector<float>& planes, int h,
                                  int w, int side) {
  const std::vector<Place> rows = places(h, side), columns = places(w, side);
  std::vector<float> out;
  out.reserve(size_t{3} * side * side);
  for (int c = 0; c < 3; ++c) {
    const float* plane = planes.data() + static_cast<int64_t>(c) * h * w;
    for (const Place& y : rows) {
      const float* upper = plane + static_cast<int64_t>(y.first) * w;
      const float* lower = plane + static_cast<int64_t>(y.second) * w;
      for (const Place& x : columns) {
        const float top =
            upper[x.first] + x.share * (upper[x.second] - upper[x.first]);
        const float bottom =
            lower[x.first] + x.share * (lower[x.second] - lower[x.first]);
        out.push_back(top + y.share * (bottom - top));
      }
    }
  }
  return out;
}

std::vector<float> InceptionFeatures::describe(const Image& picture) {
  return network_.run(interpolate_to(planes_of(picture), picture.height,
                                     picture.width, network_.side()),
                      workspace_);
}

}  // namespace limner
