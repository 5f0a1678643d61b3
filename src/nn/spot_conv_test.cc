// Spots against plain loops over the whole map.
#include "nn/spot_conv.h"

#include <gtest/gtest.h>

#include <cmath>

#include "nn/ref/ref.h"
#include "nn/test_maps.h"
#include "support/compare.h"
#include "util/error.h"
#include "util/random.h"

namespace limner {
namespace {

struct SpotCase {
  int in, out, height, width;
  double share;  // of the map that is spots
  bool everywhere;
};

class SpotConvTest : public testing::TestWithParam<SpotCase> {};

TEST_P(SpotConvTest, AgreesWithPlainLoops) {
  const SpotCase c = GetParam();
  const int layers = c.everywhere ? c.in - 1 : c.in;
  Random random(5);
  SpotMap spots;
  spots.channels = c.in;
  spots.height = c.height;
  spots.width = c.width;
  spots.has_everywhere = c.everywhere;
  spots.everywhere = 0.3F;
  ref::Map plain(c.in, c.height, c.width);
  for (int y = 0; y < c.height; ++y) {
    spots.rows.push_back(static_cast<int>(spots.spots.size()));
    for (int x = 0; x < c.width; ++x) {
      for (int i = 0; i < layers; ++i) {
        if (random.uniform() >= c.share) continue;
        spots.spots.push_back({x, i});
        plain.at(i, y, x) = 1;
      }
      if (c.everywhere) plain.at(c.in - 1, y, x) = spots.everywhere;
    }
  }
  spots.rows.push_back(static_cast<int>(spots.spots.size()));

  const auto weights = normal_values(2, size_t{9} * c.out * c.in);
  const auto bias = normal_values(3, c.out);
  auto slopes = normal_values(4, c.out);
  const SpotConv conv(c.in, c.out, weights.data(), bias.data(), slopes.data());
  Workspace workspace;
  const FeatureMap got = conv.run(spots, workspace);
  const ref::Map expected =
      ref::prelu(ref::conv2d(plain, weights, bias, 3, 1, 1), slopes);
  EXPECT_LT(relative_error(to_planar(got), expected.values), 2e-6);
  expect_clean_padding(got);
}

INSTANTIATE_TEST_SUITE_P(Shapes, SpotConvTest,
                         testing::Values(SpotCase{89, 16, 64, 64, 0.003, true},
                                         SpotCase{22, 64, 32, 48, 0.02, false},
                                         SpotCase{3, 20, 7, 5, 0.5, true},
                                         SpotCase{2, 3, 1, 1, 0.5, true},
                                         SpotCase{2, 9, 1, 6, 1.0, false},
                                         SpotCase{4, 8, 5, 2, 0.0, true}));

TEST(SpotConv, RefusesAnotherCountOfChannels) {
  const std::vector<float> values(36, 1.0F);
  const SpotConv conv(2, 2, values.data(), values.data(), values.data());
  SpotMap map;
  map.channels = 3;
  Workspace workspace;
  EXPECT_THROW(conv.run(map, workspace), Error);
}

}  // namespace
}  // namespace limner
