#include "metrics/kernel_distance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "util/error.h"
#include "util/random.h"

namespace limner {
namespace {

FeatureTable table(int width, std::vector<float> values) {
  FeatureTable result;
  result.width = width;
  result.values = std::move(values);
  return result;
}

// `rows` normal vectors whose mean is `mean` everywhere.
FeatureTable cloud(int rows, int width, float mean, uint64_t seed) {
  Random random(seed);
  FeatureTable result;
  for (int i = 0; i < rows; ++i) {
    std::vector<float> row(width);
    for (float& value : row) value = mean + static_cast<float>(random.normal());
    result.add(row);
  }
  return result;
}

TEST(SquaredMmd, ByHand) {
  // One number a picture: k(a, b) = (a b + 1)^3.
  // Within {0, 1}: k(0, 1) = 1. Within {2, 3}: 7^3 = 343. Between: 1, 1, 3^3,
  // 4^3, of mean 93 / 4.
  EXPECT_DOUBLE_EQ(squared_mmd(table(1, {0, 1}), table(1, {2, 3})),
                   1 + 343 - 2 * 93.0 / 4);
}

TEST(SquaredMmd, DividesByTheWidth) {
  const FeatureTable x = table(2, {1, 0, 0, 1});
  const FeatureTable y = table(2, {0, 0, 2, 1});
  // k(x0,x1) = 1; k(y0,y1) = 1; between: k(x0,y0) = 1, k(x0,y1) = 2^3,
  // k(x1,y0) = 1, k(x1,y1) = 1.5^3.
  EXPECT_DOUBLE_EQ(squared_mmd(x, y), 1 + 1 - 2 * (1 + 8 + 1 + 3.375) / 4);
}

// In one dimension (x y + 1)^3 = x^3 y^3 + 3 x^2 y^2 + 3 x y + 1, so that the
// sums over pairs follow from sums of powers.
TEST(SquaredMmd, MatchesTheMoments) {
  const FeatureTable x = cloud(40, 1, 0, 1), y = cloud(70, 1, 1, 2);
  const auto power = [](const FeatureTable& rows, int exponent) {
    double sum = 0;
    for (const float value : rows.values) sum += std::pow(value, exponent);
    return sum;
  };
  const double binomial[] = {1, 3, 3, 1};
  double within_x = 0, within_y = 0, between = 0;
  const auto pairs = [&](const FeatureTable& rows, int p) {
    const double sum = power(rows, p), n = rows.rows();
    return (sum * sum - power(rows, 2 * p)) / (n * (n - 1));
  };
  for (int p = 0; p <= 3; ++p) {
    within_x += binomial[p] * pairs(x, p);
    within_y += binomial[p] * pairs(y, p);
    between += binomial[p] * power(x, p) / 40 * power(y, p) / 70;
  }
  const double expected = within_x + within_y - 2 * between;
  EXPECT_NEAR(squared_mmd(x, y), expected, 1e-9 * std::fabs(expected));
}

TEST(KernelDistance, IsUnbiasedAndTellsSetsApart) {
  KernelDistanceOptions options;
  options.subset = 50;
  const auto of = [&](float mean) {
    return kernel_distance(cloud(400, 16, 0, 1), cloud(400, 16, mean, 2),
                           options);
  };
  const KernelDistance same = of(0);
  EXPECT_EQ(same.subset, 50);
  EXPECT_EQ(same.subsets, 100);
  EXPECT_GT(same.deviation, 0);
  // The mean of 100 subsets lies within some of its standard errors of 0.
  EXPECT_LT(std::fabs(same.mean), same.deviation);
  const KernelDistance near = of(0.3F), far = of(1);
  EXPECT_GT(near.mean, 3 * std::fabs(same.mean));
  EXPECT_GT(far.mean, 3 * near.mean);
}

TEST(KernelDistance, SmallSetsAreTakenWhole) {
  const FeatureTable x = cloud(5, 3, 0, 1), y = cloud(5, 3, 1, 2);
  const KernelDistance got = kernel_distance(x, y);
  EXPECT_EQ(got.subset, 5);
  EXPECT_NEAR(got.mean, squared_mmd(x, y), 1e-9 * std::fabs(got.mean));
  EXPECT_NEAR(got.deviation, 0, 1e-6 * std::fabs(got.mean));
}

TEST(KernelDistance, DependsOnItsSeedAlone) {
  const FeatureTable x = cloud(60, 3, 0, 1), y = cloud(60, 3, 1, 2);
  KernelDistanceOptions options;
  options.subset = 20;
  options.subsets = 5;
  const double first = kernel_distance(x, y, options).mean;
  EXPECT_EQ(kernel_distance(x, y, options).mean, first);
  options.seed = 1;
  EXPECT_NE(kernel_distance(x, y, options).mean, first);
}

TEST(KernelDistance, RefusesWhatDoesNotFit) {
  const FeatureTable two = table(1, {0, 1});
  EXPECT_THROW(squared_mmd(two, table(1, {1})), Error);
  EXPECT_THROW(squared_mmd(two, table(2, {1, 2, 3, 4})), Error);
  KernelDistanceOptions options;
  options.subset = 1;
  EXPECT_THROW(kernel_distance(two, two, options), Error);
  FeatureTable rows;
  rows.add({1, 2});
  EXPECT_THROW(rows.add({1}), Error);
  EXPECT_THROW(rows.add({}), Error);
  EXPECT_EQ(rows.rows(), 1);
}

}  // namespace
}  // namespace limner
