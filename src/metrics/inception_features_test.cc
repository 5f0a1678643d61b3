#include "metrics/inception_features.h"

#include <gtest/gtest.h>

namespace limner {
namespace {

// A row [0, 10, 20] in each of three planes, the second 100 higher, ...
std::vector<float> planes(int w) {
  std::vector<float> out;
  for (int c = 0; c < 3; ++c) {
    for (int x = 0; x < w; ++x) {
      out.push_back(static_cast<float>(100 * c + 10 * x));
    }
  }
  return out;
}

TEST(InterpolateTo, PutsMiddlesOnMiddles) {
  // 2 -> 4 pixels: places -0.25 (held at 0), 0.25, 0.75, 1.25 (held at 1).
  const std::vector<float> large = interpolate_to(planes(2), 1, 2, 4);
  ASSERT_EQ(large.size(), 3U * 16);
  for (const int row : {0, 12}) {
    EXPECT_FLOAT_EQ(large[row], 0);
    EXPECT_FLOAT_EQ(large[row + 1], 2.5F);
    EXPECT_FLOAT_EQ(large[row + 2], 7.5F);
    EXPECT_FLOAT_EQ(large[row + 3], 10);
  }
  EXPECT_FLOAT_EQ(large[32 + 1], 202.5F);
}

TEST(InterpolateTo, DoesNotSmoothWhenItReduces) {
  // 6 -> 2 pixels: places 1 and 4, the pixels there alone.
  const std::vector<float> small = interpolate_to(planes(6), 1, 6, 2);
  EXPECT_FLOAT_EQ(small[0], 10);
  EXPECT_FLOAT_EQ(small[1], 40);
  EXPECT_FLOAT_EQ(small[4], 110);
}

TEST(InterpolateTo, LeavesTheSameSizeAlone) {
  std::vector<float> same;
  for (int i = 0; i < 3 * 5 * 5; ++i) same.push_back(static_cast<float>(i * i));
  EXPECT_EQ(interpolate_to(same, 5, 5, 5), same);
}

}  // namespace
}  // namespace limner
