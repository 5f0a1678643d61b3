#include "nn/weight_panels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "util/random.h"

namespace limner {
namespace {

// A matrix for each tap.
WeightPanels plain_panels(int in, int out, int taps,
                          const std::vector<float>& weights) {
  return {in,
          out,
          taps,
          taps,
          weights.data(),
          [taps](const float* from, float* values, int64_t step) {
            for (int tap = 0; tap < taps; ++tap) {
              std::copy_n(from + tap * WeightPanels::width(),
                          WeightPanels::width(), values + tap * step);
            }
          }};
}

// Largest |unpacked - given| of each output and tap, over the largest |given|.
double worst_error(int in, int out, int taps,
                   const std::vector<float>& weights) {
  const WeightPanels panels = plain_panels(in, out, taps, weights);
  const int width = WeightPanels::width();
  std::vector<float> space(static_cast<size_t>(panels.depth()) * width);
  double worst = 0.0;
  for (int tap = 0; tap < taps; ++tap) {
    for (int panel = 0; panel < panels.panels(); ++panel) {
      const float* values = panels.unpack(panel, tap, space.data());
      for (int lane = 0; lane < width; ++lane) {
        const int o = panel * width + lane;
        double off = 0.0, largest = 0.0;
        for (int i = 0; i < panels.depth(); ++i) {
          const bool given = o < out && i < in;
          const double weight =
              given ? weights[(size_t{1} * o * in + i) * taps + tap] : 0.0;
          largest = std::max(largest, std::fabs(weight));
          off = std::max(off, std::fabs(values[i * width + lane] - weight));
        }
        if (largest == 0.0) {
          EXPECT_EQ(off, 0.0) << "output " << o;
        } else {
          worst = std::max(worst, off / largest);
        }
      }
    }
  }
  return worst;
}

TEST(WeightPanels, SmallOnesAreExact) {
  EXPECT_FALSE(WeightPanels::are_narrow(20, 40, 9));
  EXPECT_EQ(worst_error(20, 40, 9, normal_values(1, size_t{20} * 40 * 9)), 0.0);
}

TEST(WeightPanels, LargeOnesAreRounded) {
  // Outputs of very different sizes, one of them zero.
  const int in = 600, out = 250, taps = 9;
  ASSERT_TRUE(WeightPanels::are_narrow(in, out, taps));
  std::vector<float> weights = normal_values(2, size_t{1} * in * out * taps);
  const size_t each = size_t{in} * taps;
  for (int o = 0; o < out; ++o) {
    const float size =
        o == 7 ? 0.0F : std::pow(10.0F, static_cast<float>(o % 40 - 20));
    for (size_t i = 0; i < each; ++i) weights[o * each + i] *= size;
  }
  const double worst = worst_error(in, out, taps, weights);
  EXPECT_GT(worst, 0.0);
  EXPECT_LT(worst, 1.6e-5);
}

TEST(WeightPanels, MultipliesAndAccumulates) {
  const int in = 37, out = 45;
  const auto weights = normal_values(3, size_t{in} * out);
  const WeightPanels panels = plain_panels(in, out, 1, weights);
  const int width = WeightPanels::width();
  const int rows = 2 * WeightPanels::kRows;
  // Rows in disorder, the last two the same.
  std::vector<float> a = normal_values(4, size_t{1} * rows * panels.depth());
  for (int r = 0; r < rows; ++r) {
    std::fill_n(a.begin() + r * panels.depth() + in, panels.depth() - in, 0.0F);
  }
  std::vector<int> offsets(rows);
  for (int r = 0; r < rows; ++r) offsets[r] = (rows - 1 - r) * panels.depth();
  offsets[rows - 1] = offsets[rows - 2];
  std::vector<float> space(static_cast<size_t>(panels.depth()) * width);
  std::vector<float> c(static_cast<size_t>(rows) * width);
  for (int panel = 0; panel < panels.panels(); ++panel) {
    WeightPanels::Product product{};
    product.a = a.data();
    product.offsets = offsets.data();
    product.rows = rows;
    product.panel = panels.unpack(panel, 0, space.data());
    product.c = c.data();
    product.next_a = a.data();
    for (const int times : {1, 2}) {
      product.accumulate = times == 2;
      panels.multiply(product);
      for (int r = 0; r < rows; ++r) {
        for (int lane = 0; lane < width; ++lane) {
          const int o = panel * width + lane;
          double sum = 0.0;
          for (int i = 0; i < in && o < out; ++i) {
            sum += double{a[offsets[r] + i]} * weights[o * in + i];
          }
          EXPECT_NEAR(c[r * width + lane], times * sum, 1e-4);
        }
      }
    }
  }
}

}  // namespace
}  // namespace limner
