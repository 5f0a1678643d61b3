#include "nn/pool.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "util/error.h"
#include "util/random.h"

namespace limner {
namespace {

// The same as a plain loop over planar [channels, height, width].
std::vector<float> plain_max_pool(const std::vector<float>& x, int channels,
                                  int height, int width, int kernel,
                                  int stride) {
  std::vector<float> y;
  for (int c = 0; c < channels; ++c) {
    for (int i = 0; i + kernel <= height; i += stride) {
      for (int j = 0; j + kernel <= width; j += stride) {
        float most = x[(c * height + i) * width + j];
        for (int u = 0; u < kernel; ++u) {
          for (int v = 0; v < kernel; ++v) {
            most = std::max(most, x[(c * height + i + u) * width + j + v]);
          }
        }
        y.push_back(most);
      }
    }
  }
  return y;
}

TEST(MaxPool, EqualsThePlainLoop) {
  struct Case {
    int channels, height, width, kernel, stride;
  };
  for (const Case& c :
       {Case{3, 7, 9, 3, 2}, Case{17, 15, 15, 3, 2}, Case{64, 8, 8, 2, 2},
        Case{5, 6, 6, 3, 1}, Case{1, 3, 3, 3, 2}}) {
    // Below zero too: padding must not win.
    std::vector<float> x =
        normal_values(c.channels, size_t{1} * c.channels * c.height * c.width);
    for (float& value : x) value -= 5;
    Workspace workspace;
    const FeatureMap map =
        from_planar(x.data(), c.channels, c.height, c.width, workspace);
    const FeatureMap pooled = max_pool(map, c.kernel, c.stride, workspace);
    EXPECT_EQ(to_planar(pooled), plain_max_pool(x, c.channels, c.height,
                                                c.width, c.kernel, c.stride));
    // Lanes past the channels stay zero.
    EXPECT_EQ(pooled.channels(), c.channels);
  }
}

TEST(MaxPool, RefusesSmallMaps) {
  Workspace workspace;
  const FeatureMap map =
      from_planar(std::vector<float>(4).data(), 1, 2, 2, workspace);
  EXPECT_THROW(max_pool(map, 3, 2, workspace), Error);
}

}  // namespace
}  // namespace limner
