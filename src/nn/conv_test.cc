// Convolutions by each algorithm against plain loops, over shapes that fill a
// channel block, leave lanes empty and straddle blocks.
#include "nn/conv.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "nn/isa.h"
#include "nn/phase_winograd.h"
#include "nn/ref/ref.h"
#include "nn/test_maps.h"
#include "nn/weight_panels.h"
#include "nn/winograd.h"
#include "support/compare.h"
#include "util/random.h"

namespace limner {
namespace {

// What an algorithm may be off by: its rounding of floats, or what weights in
// 16 bits cost (nn/weight_panels.h).
double bound(ConvAlgorithm algorithm, int in, int out, int kernel = 3) {
  constexpr double kDirectSums = 2e-6;
  constexpr double kWinogradSums = 5e-6;
  constexpr double kNarrowWeights = 3e-4;
  constexpr int kWinogradMatrices = 36;  // of both of ours
  switch (algorithm) {
    case ConvAlgorithm::kDirect:
      return kDirectSums;
    case ConvAlgorithm::kLibraryWinograd:
      return kWinogradSums;
    case ConvAlgorithm::kSmall:
      return WeightPanels::are_narrow(in, out, kernel * kernel) ? kNarrowWeights
                                                                : kDirectSums;
    default:
      return WeightPanels::are_narrow(in, out, kWinogradMatrices)
                 ? kNarrowWeights
                 : kWinogradSums;
  }
}

// The largest of what may be chosen for a shape.
double bound_of_any(const ConvShape& shape) {
  double largest = 0.0;
  for (const ConvAlgorithm algorithm : conv_algorithms(shape)) {
    largest =
        std::max(largest, bound(algorithm, shape.in, shape.out, shape.kernel));
  }
  return largest;
}

struct ConvCase {
  int in, out, kernel, stride, pad, side;
};

class ConvTest : public testing::TestWithParam<ConvCase> {};

TEST_P(ConvTest, AgreesWithPlainLoops) {
  const ConvCase c = GetParam();
  Workspace workspace;
  const ref::Map x = random_map(c.in, c.side, c.side, 1);
  const auto weights =
      normal_values(2, static_cast<size_t>(c.out) * c.in * c.kernel * c.kernel);
  const auto bias = normal_values(3, c.out);
  const ref::Map expected =
      ref::conv2d(x, weights, bias, c.kernel, c.stride, c.pad);
  const ConvShape shape{c.in, c.out, c.kernel, c.stride, c.pad, c.side, c.side};
  const FeatureMap in = blocked(x, workspace);
  const auto check = [&](const ConvOptions& options, double tolerance) {
    const Conv conv(shape, weights.data(), bias.data(), options);
    const FeatureMap out = conv.run(in, workspace);
    EXPECT_EQ(out.height(), expected.height);
    EXPECT_LT(relative_error(to_planar(out), expected.values), tolerance)
        << conv.implementation();
    expect_clean_padding(out);
  };
  ConvOptions options;
  check(options, 2e-6);
  options.bf16 = true;
  check(options, computes_bf16() ? 6e-3 : 2e-6);
  options.bf16 = false;
  options.fast = true;
  check(options, bound_of_any(shape));
  for (const ConvAlgorithm algorithm : conv_algorithms(shape)) {
    options.algorithm = algorithm;
    check(options, bound(algorithm, c.in, c.out, c.kernel));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ConvTest,
    testing::Values(ConvCase{22, 64, 3, 1, 1, 24}, ConvCase{3, 4, 3, 1, 1, 16},
                    ConvCase{32, 32, 3, 1, 1, 20}, ConvCase{40, 24, 3, 1, 1, 9},
                    ConvCase{32, 48, 3, 2, 1, 16},
                    ConvCase{16, 24, 3, 2, 1, 64}, ConvCase{4, 4, 3, 2, 1, 32},
                    ConvCase{32, 32, 3, 2, 1, 2},
                    ConvCase{512, 250, 3, 2, 1, 6},
                    ConvCase{512, 256, 3, 1, 1, 5},
                    ConvCase{16, 32, 1, 1, 0, 8}, ConvCase{16, 32, 1, 2, 0, 8},
                    ConvCase{5, 7, 1, 1, 0, 3}));

TEST(Conv, AccumulatesAndActivates) {
  Workspace workspace;
  const ref::Map x = random_map(20, 8, 8, 1);
  const ref::Map start = random_map(12, 8, 8, 2);
  const auto weights = normal_values(3, size_t{12} * 20);
  const auto bias = normal_values(4, 12);
  ref::Map expected = ref::add(ref::conv2d(x, weights, bias, 1, 1, 0), start);
  ref::leaky_relu(expected.values, 0.01F, 1.0F);
  ConvOptions options;
  options.accumulate = true;
  options.leaky_slope = 0.01F;
  const Conv conv({20, 12, 1, 1, 0, 8, 8}, weights.data(), bias.data(),
                  options);
  const FeatureMap out = blocked(start, workspace);
  conv.run(blocked(x, workspace), out, workspace);
  EXPECT_LT(relative_error(to_planar(out), expected.values), 2e-6);
}

TEST(Conv, SlopesOfEachChannel) {
  Workspace workspace;
  const ref::Map x = random_map(20, 12, 12, 1);
  const auto weights = normal_values(2, size_t{22} * 20 * 9);
  const auto slopes = normal_values(3, 22);
  const ref::Map expected =
      ref::prelu(ref::conv2d(x, weights, {}, 3, 1, 1), slopes);
  for (const bool fast : {false, true}) {
    ConvOptions options;
    options.fast = fast;
    options.slopes = slopes.data();
    const ConvShape shape{20, 22, 3, 1, 1, 12, 12};
    const Conv conv(shape, weights.data(), nullptr, options);
    const FeatureMap out = conv.run(blocked(x, workspace), workspace);
    EXPECT_LT(relative_error(to_planar(out), expected.values),
              bound_of_any(shape));
    expect_clean_padding(out);
  }
}

struct TileCase {
  int in, out, height, width;
};

class WinogradTest : public testing::TestWithParam<TileCase> {};

TEST_P(WinogradTest, AgreesWithPlainLoops) {
  const TileCase c = GetParam();
  Workspace workspace;
  const ref::Map x = random_map(c.in, c.height, c.width, 1);
  const auto weights = normal_values(2, static_cast<size_t>(c.out) * c.in * 9);
  const auto bias = normal_values(3, c.out);
  const FeatureMap in = blocked(x, workspace);
  const ref::Map direct = ref::conv2d(x, weights, bias, 3, 1, 1);
  const ref::Map start = random_map(c.out, c.height, c.width, 4);
  const ConvShape shape{c.in, c.out, 3, 1, 1, c.height, c.width};
  const auto plain = winograd_conv(shape, weights.data(), bias.data(), {});
  const FeatureMap out = workspace.take(c.out, c.height, c.width);
  plain->run(in, out, workspace);
  const double allowed = bound(ConvAlgorithm::kWinograd, c.in, c.out);
  EXPECT_LT(relative_error(to_planar(out), direct.values), allowed);
  expect_clean_padding(out);
  ConvOptions options;
  options.accumulate = true;
  options.leaky_slope = 0.3F;
  const auto adding =
      winograd_conv(shape, weights.data(), bias.data(), options);
  ref::Map expected = ref::add(direct, start);
  ref::leaky_relu(expected.values, 0.3F, 1.0F);
  const FeatureMap sum = blocked(start, workspace);
  adding->run(in, sum, workspace);
  EXPECT_LT(relative_error(to_planar(sum), expected.values), allowed);
  expect_clean_padding(sum);
}

// A band with its neighbours gives the inner rows of the padded result.
TEST_P(WinogradTest, WithoutRowPadding) {
  const TileCase c = GetParam();
  if (c.height < 3) return;
  Workspace workspace;
  const ref::Map x = random_map(c.in, c.height, c.width, 1);
  const auto weights = normal_values(2, static_cast<size_t>(c.out) * c.in * 9);
  const ref::Map whole = ref::conv2d(x, weights, {}, 3, 1, 1);
  ref::Map expected(c.out, c.height - 2, c.width);
  for (int o = 0; o < c.out; ++o) {
    for (int i = 0; i < expected.height * c.width; ++i) {
      expected.at(o, i / c.width, i % c.width) =
          whole.at(o, i / c.width + 1, i % c.width);
    }
  }
  ConvShape shape{c.in, c.out, 3, 1, 1, c.height, c.width};
  shape.pad_rows = false;
  const auto band = winograd_conv(shape, weights.data(), nullptr, {});
  const FeatureMap out = workspace.take(c.out, c.height - 2, c.width);
  band->run(blocked(x, workspace), out, workspace);
  EXPECT_LT(relative_error(to_planar(out), expected.values),
            bound(ConvAlgorithm::kWinograd, c.in, c.out));
}

// One pixel, ragged edges, several panels, weights in 16 bits (512 channels),
// chunks shared and separate.
INSTANTIATE_TEST_SUITE_P(
    Shapes, WinogradTest,
    testing::Values(TileCase{4, 4, 1, 1}, TileCase{40, 24, 9, 7},
                    TileCase{3, 70, 5, 13}, TileCase{512, 64, 9, 9},
                    TileCase{64, 32, 34, 60}, TileCase{20, 20, 101, 93}));

// Both ways to keep weights are among the shapes above and below.
TEST(Winograd, IsTestedWithFloatsAndWith16Bits) {
  EXPECT_FALSE(WeightPanels::are_narrow(64, 32, 36));
  EXPECT_TRUE(WeightPanels::are_narrow(512, 64, 36));
}

TEST(TransposedConv, AgreesWithPlainLoops) {
  Workspace workspace;
  for (const auto& [in, out, side] :
       {std::tuple{32, 16, 8}, std::tuple{4, 4, 5}, std::tuple{40, 20, 4}}) {
    const ref::Map x = random_map(in, side, side, 1);
    const auto weights = normal_values(2, static_cast<size_t>(out) * in * 9);
    const ref::Map expected = ref::conv_transpose2d(x, weights, out);
    for (const ConvAlgorithm algorithm : transposed_conv_algorithms()) {
      const TransposedConv conv(in, out, side, side, weights.data(), false,
                                algorithm);
      const FeatureMap got = conv.run(blocked(x, workspace), workspace);
      EXPECT_EQ(got.height(), 2 * side + 1);
      EXPECT_LT(relative_error(to_planar(got), expected.values),
                bound(algorithm, in, out));
      expect_clean_padding(got);
    }
  }
}

class PhaseWinogradTest : public testing::TestWithParam<TileCase> {};

TEST_P(PhaseWinogradTest, Strided) {
  const TileCase c = GetParam();
  Workspace workspace;
  const ref::Map x = random_map(c.in, 2 * c.height, 2 * c.width, 1);
  const auto weights = normal_values(2, static_cast<size_t>(c.out) * c.in * 9);
  const auto bias = normal_values(3, c.out);
  ref::Map expected = ref::conv2d(x, weights, bias, 3, 2, 1);
  ref::leaky_relu(expected.values, 0.01F, 1.0F);
  const auto conv =
      phase_winograd(PhaseKind::kStrided, c.in, c.out, 2 * c.height,
                     2 * c.width, weights.data(), bias.data(), 0.01F);
  const FeatureMap got = workspace.take(c.out, c.height, c.width);
  conv->run(blocked(x, workspace), got, workspace);
  EXPECT_LT(relative_error(to_planar(got), expected.values),
            bound(ConvAlgorithm::kPhaseWinograd, c.in, c.out));
  expect_clean_padding(got);
}

TEST_P(PhaseWinogradTest, Transposed) {
  const TileCase c = GetParam();
  Workspace workspace;
  const ref::Map x = random_map(c.in, c.height, c.width, 1);
  const auto weights = normal_values(2, static_cast<size_t>(c.out) * c.in * 9);
  const ref::Map expected = ref::conv_transpose2d(x, weights, c.out);
  const auto conv = phase_winograd(PhaseKind::kTransposed, c.in, c.out,
                                   c.height, c.width, weights.data(), nullptr);
  const FeatureMap got = workspace.take(c.out, expected.height, expected.width);
  conv->run(blocked(x, workspace), got, workspace);
  EXPECT_LT(relative_error(to_planar(got), expected.values),
            bound(ConvAlgorithm::kPhaseWinograd, c.in, c.out));
  expect_clean_padding(got);
}

// Whole tiles, ragged edges, weights in 16 bits, several chunks shared, many
// chunks separate.
INSTANTIATE_TEST_SUITE_P(Shapes, PhaseWinogradTest,
                         testing::Values(TileCase{32, 64, 8, 8},
                                         TileCase{4, 20, 5, 7},
                                         TileCase{512, 64, 5, 5},
                                         TileCase{16, 40, 40, 36},
                                         TileCase{3, 4, 110, 90}));

}  // namespace
}  // namespace limner
