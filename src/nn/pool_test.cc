#include "nn/pool.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/compare.h"
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
        float max = x[(c * height + i) * width + j];
        for (int u = 0; u < kernel; ++u) {
          for (int v = 0; v < kernel; ++v) {
            max = std::max(max, x[(c * height + i + u) * width + j + v]);
          }
        }
        y.push_back(max);
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

TEST(MaxPool, LastWindowsMayHangOver) {
  Workspace workspace;
  for (const int side : {7, 8}) {
    std::vector<float> x = normal_values(9, size_t{1} * side * side);
    for (float& value : x) value -= 5;
    const std::vector<float> got =
        to_planar(max_pool(from_planar(x.data(), 1, side, side, workspace), 3,
                           2, workspace, /*overhang=*/true));
    // 7 px: three windows that fit exactly. 8 px: a fourth, of two pixels.
    const int windows = side == 7 ? 3 : 4;
    ASSERT_EQ(got.size(), static_cast<size_t>(windows) * windows);
    for (int i = 0; i < windows; ++i) {
      for (int j = 0; j < windows; ++j) {
        float max = x[2 * i * side + 2 * j];
        for (int u = 2 * i; u < std::min(side, 2 * i + 3); ++u) {
          for (int v = 2 * j; v < std::min(side, 2 * j + 3); ++v) {
            max = std::max(max, x[u * side + v]);
          }
        }
        EXPECT_EQ(got[i * windows + j], max) << side << " " << i << " " << j;
      }
    }
  }
}

TEST(PoolAround, EqualsThePlainLoop) {
  for (const int channels : {1, 16, 19}) {
    for (const int side : {1, 2, 5, 8}) {
      std::vector<float> x =
          normal_values(7, size_t{1} * channels * side * side);
      for (float& value : x) value -= 5;
      std::vector<float> max, mean;
      for (int c = 0; c < channels; ++c) {
        for (int i = 0; i < side; ++i) {
          for (int j = 0; j < side; ++j) {
            float largest = -1e9F, sum = 0, count = 0;
            for (int v = i - 1; v <= i + 1; ++v) {
              for (int u = j - 1; u <= j + 1; ++u) {
                if (v < 0 || v >= side || u < 0 || u >= side) continue;
                const float value = x[(c * side + v) * side + u];
                largest = std::max(largest, value);
                sum += value;
                count += 1;
              }
            }
            max.push_back(largest);
            mean.push_back(sum / count);
          }
        }
      }
      Workspace workspace;
      const FeatureMap map =
          from_planar(x.data(), channels, side, side, workspace);
      EXPECT_EQ(to_planar(max_pool_around(map, 3, workspace)), max);
      EXPECT_LT(
          relative_error(to_planar(mean_pool_around(map, 3, workspace)), mean),
          1e-6);
    }
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
