#include "util/random.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

namespace limner {
namespace {

using ::testing::ElementsAre;

// The known answers that the Random123 distribution lists for philox4x32 10.
TEST(Philox, KnownAnswers) {
  EXPECT_THAT(philox4x32_10({0, 0, 0, 0}, {0, 0}),
              ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
  constexpr uint32_t kOnes = 0xffffffff;
  EXPECT_THAT(philox4x32_10({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
              ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
  EXPECT_THAT(philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                            {0xa4093822, 0x299f31d0}),
              ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
}

TEST(Random, TakesBlocksInOrder) {
  Random random(0x299f31d0a4093822, 0x0370734413198a2e);
  for (uint32_t block = 0; block < 3; ++block) {
    for (const uint32_t word : philox4x32_10({block, 0, 0x13198a2e, 0x03707344},
                                             {0xa4093822, 0x299f31d0})) {
      EXPECT_EQ(random.next(), word);
    }
  }
}

TEST(Random, SeedsAndStreamsDiffer) {
  EXPECT_EQ(Random(1).next(), Random(1).next());
  EXPECT_NE(Random(1).next(), Random(2).next());
  EXPECT_NE(Random(1, 0).next(), Random(1, 1).next());
}

TEST(Random, UniformFillsItsRange) {
  Random random(5);
  double low = 1;
  double high = 0;
  double sum = 0;
  constexpr int kCount = 100'000;
  for (int i = 0; i < kCount; ++i) {
    const double x = random.uniform();
    low = std::min(low, x);
    high = std::max(high, x);
    sum += x;
  }
  EXPECT_GE(low, 0);
  EXPECT_LT(low, 1e-3);
  EXPECT_LT(high, 1);
  EXPECT_GT(high, 1 - 1e-3);
  EXPECT_NEAR(sum / kCount, 0.5, 0.005);
}

// Moments, and the distribution function at some points.
TEST(Random, NormalIsNormal) {
  Random random(7, 3);
  constexpr int kCount = 400'000;
  double moments[5] = {};
  const double points[] = {-2, -1, 0, 0.5, 1.5, 3};
  int below[6] = {};
  for (int i = 0; i < kCount; ++i) {
    const double x = random.normal();
    double power = 1;
    for (double& moment : moments) {
      moment += power / kCount;
      power *= x;
    }
    for (int k = 0; k < 6; ++k) below[k] += x < points[k] ? 1 : 0;
  }
  EXPECT_NEAR(moments[1], 0, 0.006);
  EXPECT_NEAR(moments[2], 1, 0.01);
  EXPECT_NEAR(moments[3], 0, 0.03);
  EXPECT_NEAR(moments[4], 3, 0.06);
  for (int k = 0; k < 6; ++k) {
    const double expected = 0.5 * std::erfc(-points[k] / std::sqrt(2.0));
    EXPECT_NEAR(below[k] / double{kCount}, expected, 0.003) << points[k];
  }
}

// The bits must not change: seeds stand in people's notes.
TEST(Random, NormalKeepsItsBits) {
  Random random(1);
  EXPECT_EQ(random.normal(), 0x1.d99b86f3834b9p-1);
  EXPECT_EQ(random.normal(), 0x1.a0236df832d9ap-3);
  EXPECT_EQ(random.normal(), 0x1.049a85d64094ap+1);
  uint64_t hash = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double x = random.normal();
    hash = hash * 31 +
           static_cast<uint64_t>(static_cast<int64_t>(std::ldexp(x, 48)));
  }
  EXPECT_EQ(hash, 11858844276703734139U);
}

// Against the C library's logarithm, which may differ in the last bits only.
TEST(Random, NormalFollowsThePolarMethod) {
  Random random(9);
  Random words(9);
  for (int i = 0; i < 1000; ++i) {
    double u;
    double v;
    double s;
    do {
      u = 2 * words.uniform() - 1;
      v = 2 * words.uniform() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s == 0);
    const double scale = std::sqrt(-2 * std::log(s) / s);
    EXPECT_NEAR(random.normal(), u * scale, 1e-14 * (1 + std::abs(u * scale)));
    EXPECT_NEAR(random.normal(), v * scale, 1e-14 * (1 + std::abs(v * scale)));
  }
}

TEST(NormalValues, AreTheGenerators) {
  const std::vector<float> values = normal_values(11, 5);
  Random random(11);
  ASSERT_EQ(values.size(), 5);
  for (const float value : values) {
    EXPECT_EQ(value, static_cast<float>(random.normal()));
  }
  EXPECT_TRUE(normal_values(11, 0).empty());
}

}  // namespace
}  // namespace limner
