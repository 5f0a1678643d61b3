// The other fast layers against their plain-loop twins, over shapes that fill a
// channel block, leave lanes empty and straddle blocks.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>
#include <vector>

#include "nn/conv.h"
#include "nn/elementwise.h"
#include "nn/linear.h"
#include "nn/ref/ref.h"
#include "nn/styled.h"
#include "nn/test_maps.h"
#include "support/compare.h"
#include "util/random.h"

namespace limner {
namespace {

TEST(FeatureMap, PlanarRoundTrip) {
  Workspace workspace;
  for (const int channels : {1, 3, 8, 16, 22, 40}) {
    const ref::Map x = random_map(channels, 5, 7, channels);
    const FeatureMap map = blocked(x, workspace);
    EXPECT_EQ(to_planar(map), x.values);
    expect_clean_padding(map);
  }
}

TEST(FeatureMap, MemoryIsReused) {
  Workspace workspace;
  const float* first = nullptr;
  {
    const FeatureMap map = workspace.take(16, 8, 8);
    first = map.data();
  }
  const FeatureMap again = workspace.take(16, 8, 8);
  EXPECT_EQ(again.data(), first);
  const FeatureMap other = workspace.take(16, 8, 8);
  EXPECT_NE(other.data(), first);
}

TEST(Linear, AgreesWithPlainLoops) {
  for (const int columns : {1, 15, 16, 33, 512}) {
    const auto x = normal_values(1, columns);
    const auto weights = normal_values(2, static_cast<size_t>(columns) * 7);
    const auto bias = normal_values(3, 7);
    const Linear layer(7, columns, weights, 0.5F, bias, 2.0F);
    EXPECT_LT(relative_error(layer.run(x.data()),
                             ref::linear(x, weights, bias, 0.5F, 2.0F)),
              2e-6);
  }
}

TEST(Elementwise, AffinePreluMeans) {
  Workspace workspace;
  for (const int channels : {4, 16, 22}) {
    const ref::Map x = random_map(channels, 6, 9, 1);
    const auto a = normal_values(2, channels);
    const auto b = normal_values(3, channels);
    const std::vector<float> mean(channels, 0.0F);
    const std::vector<float> variance(channels, 1.0F - 1e-5F);
    const FeatureMap y =
        affine(blocked(x, workspace), padded(a), padded(b), workspace);
    const ref::Map normed = ref::batch_norm(x, a, b, mean, variance);
    EXPECT_LT(relative_error(to_planar(y), normed.values), 1e-6);
    prelu(y, padded(a));
    EXPECT_LT(relative_error(to_planar(y), ref::prelu(normed, a).values), 1e-6);
    expect_clean_padding(y);
    std::vector<float> got = channel_means(y);
    got.resize(channels);
    EXPECT_LT(relative_error(got, ref::means(ref::prelu(normed, a))), 1e-6);
  }
}

TEST(Elementwise, AddScaled) {
  Workspace workspace;
  for (const int channels : {4, 16, 22}) {
    const ref::Map x = random_map(channels, 5, 7, 1);
    const ref::Map y = random_map(channels, 5, 7, 2);
    const auto factor = normal_values(3, channels);
    const FeatureMap sum = blocked(y, workspace);
    add_scaled(sum, blocked(x, workspace), padded(factor));
    EXPECT_LT(relative_error(to_planar(sum),
                             ref::add(y, ref::scale(x, factor)).values),
              1e-6);
    expect_clean_padding(sum);
  }
}

TEST(Elementwise, UnitTail) {
  Workspace workspace;
  for (const int step : {1, 2}) {
    const int channels = 20;
    const ref::Map r = random_map(channels, 5, 6, 1);
    const ref::Map shortcut = random_map(channels, 5 * step, 6 * step, 2);
    const auto gate = normal_values(3, channels);
    const auto a = normal_values(4, channels);
    const auto b = normal_values(5, channels);
    const ref::Map expected =
        ref::add(ref::scale(r, gate), ref::subsample(shortcut, step));
    const FeatureMap out = blocked(r, workspace);
    const FeatureMap in = blocked(shortcut, workspace);
    const FeatureMap next = workspace.take(channels, 5, 6);
    const auto gate_padded = padded(gate);
    const auto a_padded = padded(a);
    const auto b_padded = padded(b);
    UnitTail tail;
    tail.gate = &gate_padded;
    tail.shortcut = &in;
    tail.step = step;
    tail.a = &a_padded;
    tail.b = &b_padded;
    tail.next = &next;
    unit_tail(out, tail);
    EXPECT_LT(relative_error(to_planar(out), expected.values), 1e-6);
    const std::vector<float> mean(channels, 0.0F);
    const std::vector<float> variance(channels, 1.0F - 1e-5F);
    EXPECT_LT(
        relative_error(to_planar(next),
                       ref::batch_norm(expected, a, b, mean, variance).values),
        1e-6);
    expect_clean_padding(next);
  }
}

TEST(Elementwise, UpsampleBilinear) {
  Workspace workspace;
  for (const auto& [from, to] :
       {std::tuple{16, 32}, std::tuple{5, 12}, std::tuple{1, 4}}) {
    const ref::Map x = random_map(6, from, from, 1);
    const FeatureMap y =
        upsample_bilinear(blocked(x, workspace), to, to, workspace);
    EXPECT_LT(
        relative_error(to_planar(y), ref::upsample_bilinear(x, to, to).values),
        2e-6);
  }
}

// A 4x4 filter whose taps all differ, so that a flip would show.
const std::vector<float> kFilter = {0.1F, 0.3F, 0.4F, 0.2F,   // vertical
                                    0.5F, 0.2F, 0.6F, 0.7F};  // horizontal

std::vector<float> outer(const std::vector<float>& parts) {
  std::vector<float> kernel(16);
  for (int i = 0; i < 16; ++i) kernel[i] = parts[i / 4] * parts[4 + i % 4];
  return kernel;
}

// The tail as separate steps: returns v and adds the colours to rgb.
ref::Map plain_tail(const ref::Map& y, const std::vector<float>& demodulation,
                    const std::vector<float>& bias,
                    const std::vector<float>& noise, float noise_weight,
                    const std::vector<float>& rgb_weights,
                    std::vector<float>& rgb) {
  ref::Map v = ref::scale(y, demodulation);
  const size_t area = noise.size();
  for (size_t i = 0; i < v.values.size(); ++i) {
    v.values[i] += noise_weight * noise[i % area] + bias[i / area];
  }
  ref::leaky_relu(v.values, 0.2F, std::sqrt(2.0F));
  const ref::Map colours = ref::conv2d(v, rgb_weights, {}, 1, 1, 0);
  for (size_t i = 0; i < rgb.size(); ++i) rgb[i] += colours.values[i];
  return v;
}

class StyledTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    channels = GetParam();
    demodulation = normal_values(1, channels);
    bias = normal_values(2, channels);
    next = normal_values(3, channels);
    demodulation_padded = padded(demodulation);
    bias_padded = padded(bias);
    next_padded = padded(next);
    tail.demodulation = &demodulation_padded;
    tail.bias = &bias_padded;
    tail.next_scale = &next_padded;
    tail.noise_weight = 0.7F;
  }

  int channels = 0;
  std::vector<float> demodulation, bias, next;
  std::vector<float> demodulation_padded, bias_padded, next_padded;
  StyledTail tail;
  Workspace workspace;
};

TEST_P(StyledTest, TailWithColour) {
  const int height = 6;
  const int width = 70;  // longer than a strip
  const ref::Map y = random_map(channels, height, width, 4);
  const auto noise = normal_values(5, static_cast<size_t>(height) * width);
  const auto rgb_weights = normal_values(6, static_cast<size_t>(channels) * 3);
  auto rgb = normal_values(7, noise.size() * 3);
  std::vector<float> expected_rgb = rgb;
  const ref::Map v =
      plain_tail(y, demodulation, bias, noise, 0.7F, rgb_weights, expected_rgb);
  std::vector<float> rgb_padded;
  for (int c = 0; c < 3; ++c) {
    const auto part = pad_channels(rgb_weights.data() + c * channels, channels);
    rgb_padded.insert(rgb_padded.end(), part.begin(), part.end());
  }
  tail.noise = noise.data();
  tail.rgb_weights = &rgb_padded;
  tail.rgb = rgb.data();
  const FeatureMap out = blocked(y, workspace);
  styled_tail(out, tail);
  EXPECT_LT(relative_error(to_planar(out), ref::scale(v, next).values), 1e-6);
  EXPECT_LT(relative_error(rgb, expected_rgb), 1e-6);
}

TEST_P(StyledTest, BlurWithTail) {
  const ref::Map t = random_map(channels, 9, 13, 4);
  const auto noise = normal_values(5, size_t{8} * 12);
  const ref::Map blurred = ref::upfirdn2d(t, outer(kFilter), 1, 1, 1);
  std::vector<float> no_rgb(noise.size() * 3);
  const ref::Map v =
      plain_tail(blurred, demodulation, bias, noise, 0.7F,
                 std::vector<float>(static_cast<size_t>(channels) * 3), no_rgb);
  tail.noise = noise.data();
  const FeatureMap out =
      blur_styled_tail(blocked(t, workspace), kFilter.data(), tail, workspace);
  EXPECT_LT(relative_error(to_planar(out), ref::scale(v, next).values), 2e-6);
}

// A map worked on in bands equals the same map in one piece.
TEST_P(StyledTest, Bands) {
  constexpr int kRows = 4;
  const ref::Map t = random_map(channels, 13, 11, 4);
  const auto noise = normal_values(5, size_t{12} * 10);
  const auto weights =
      normal_values(6, static_cast<size_t>(channels) * channels * 9);
  tail.noise = noise.data();
  const FeatureMap wide = blocked(t, workspace);
  const FeatureMap whole =
      blur_styled_tail(wide, kFilter.data(), tail, workspace);
  const Conv conv({channels, channels, 3, 1, 1, 12, 10}, weights.data(),
                  nullptr);
  const FeatureMap expected = conv.run(whole, workspace);
  std::vector<float> colour_weights(demodulation_padded.size() * 3, 0.5F);
  std::vector<float> expected_rgb(noise.size() * 3, 1.0F);
  tail.rgb_weights = &colour_weights;
  tail.rgb = expected_rgb.data();
  styled_tail(expected, tail);

  ConvShape shape{channels, channels, 3, 1, 1, kRows + 2, 10};
  shape.pad_rows = false;
  const Conv band(shape, weights.data(), nullptr);
  const FeatureMap out = workspace.take(channels, 12, 10);
  const FeatureMap in = workspace.take(channels, kRows + 2, 10);
  std::vector<float> rgb(noise.size() * 3, 1.0F);
  for (int row = 0; row < 12; row += kRows) {
    tail.rgb = nullptr;
    blur_styled_tail(wide, kFilter.data(), tail, row - 1, in);
    const FeatureMap y = band.run(in, workspace);
    tail.rgb = rgb.data();
    styled_tail(y, tail, {row, 12}, &out);
  }
  EXPECT_LT(relative_error(to_planar(out), to_planar(expected)), 1e-6);
  EXPECT_LT(relative_error(rgb, expected_rgb), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Channels, StyledTest, testing::Values(4, 16, 32, 40));

TEST(Styled, Modulate) {
  Workspace workspace;
  const ref::Map x = random_map(20, 4, 4, 1);
  const auto s = normal_values(2, 20);
  const FeatureMap out = modulate(blocked(x, workspace), padded(s), workspace);
  EXPECT_EQ(to_planar(out), ref::scale(x, s).values);
}

TEST(Styled, UpsampleSkip) {
  const ref::Map x = random_map(3, 5, 7, 1);
  const std::vector<float> bias = {0.5F, -1.0F, 2.0F};
  ref::Map expected = ref::upfirdn2d(x, outer(kFilter), 2, 2, 1);
  ASSERT_EQ(expected.height, 10);
  for (size_t i = 0; i < expected.values.size(); ++i) {
    expected.values[i] += bias[i / 140];
  }
  EXPECT_LT(relative_error(
                upsample_skip(x.values, 3, 5, 7, kFilter.data(), bias.data()),
                expected.values),
            1e-6);
}

TEST(Styled, Sharpen) {
  const int height = 5, width = 7;
  const ref::Map x = random_map(3, height, width, 1);
  const auto at = [&](size_t c, int y, int column) {
    return x.values[(c * height + std::clamp(y, 0, height - 1)) * width +
                    std::clamp(column, 0, width - 1)];
  };
  constexpr std::array<float, 3> kTaps = {0.25F, 0.5F, 0.25F};
  std::vector<float> expected = x.values;
  for (size_t i = 0; i < expected.size(); ++i) {
    const int y = static_cast<int>(i / width % height);
    const int column = static_cast<int>(i % width);
    for (int dy = -1; dy <= 1; ++dy) {
      for (int dx = -1; dx <= 1; ++dx) {
        expected[i] +=
            0.7F * kTaps[dy + 1] * kTaps[dx + 1] *
            (x.values[i] - at(i / (height * width), y + dy, column + dx));
      }
    }
  }
  std::vector<float> got = x.values;
  sharpen(got, 3, height, width, 0.7F);
  EXPECT_LT(relative_error(got, expected), 1e-6);
  // The finest checks grow by 1 + amount; what is even stays.
  std::vector<float> checks(64), even(64, 0.3F);
  for (int i = 0; i < 64; ++i) checks[i] = (i + i / 8) % 2 == 0 ? 1.0F : -1.0F;
  sharpen(checks, 1, 8, 8, 0.5F);
  EXPECT_NEAR(checks[27], (27 + 3) % 2 == 0 ? 1.5F : -1.5F, 1e-6);
  sharpen(even, 1, 8, 8, 0.5F);
  EXPECT_EQ(even, std::vector<float>(64, 0.3F));
}

}  // namespace
}  // namespace limner
