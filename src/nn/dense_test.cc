// The layers of transformers against their plain-loop twins.
#include "nn/dense.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "nn/ref/ref.h"
#include "support/compare.h"
#include "util/error.h"
#include "util/random.h"

namespace limner {
namespace {

// A weight and a bias under the names that the layers read.
TensorMap layer_tensors(const std::string& prefix, Shape shape,
                        const std::vector<float>& weight,
                        const std::vector<float>& bias) {
  TensorMap tensors;
  const auto size = static_cast<int64_t>(bias.size());
  tensors.tensors.emplace(prefix + "weight",
                          make_tensor(std::move(shape), weight));
  tensors.tensors.emplace(prefix + "bias", make_tensor({size}, bias));
  return tensors;
}

struct MatrixCase {
  int rows, in, out;
};

class DenseTest : public testing::TestWithParam<MatrixCase> {
 protected:
  void make(int in) {
    const MatrixCase c = GetParam();
    weights = normal_values(1, size_t{1} * c.out * in);
    bias = normal_values(2, c.out);
    layer =
        Dense(layer_tensors("a.", {c.out, in}, weights, bias), "a.", -1, in);
    y.assign(size_t{1} * c.rows * c.out, -1.0F);
  }

  std::vector<float> weights, bias, y;
  Dense layer;
};

TEST_P(DenseTest, AgreesWithPlainLoops) {
  const MatrixCase c = GetParam();
  make(c.in);
  EXPECT_EQ(layer.in(), c.in);
  EXPECT_EQ(layer.out(), c.out);
  const auto x = normal_values(3, size_t{1} * c.rows * c.in);
  layer.run(x.data(), c.rows, y.data());
  EXPECT_LT(relative_error(y, ref::dense(x, c.rows, weights, bias)), 1e-6);
}

TEST_P(DenseTest, OverWindows) {
  const MatrixCase c = GetParam();
  for (const int reach : {0, 1, 2}) {
    make(c.in * (2 * reach + 1));
    const auto x = normal_values(3, size_t{1} * c.rows * c.in);
    layer.run_windows(x.data(), c.rows, reach, y.data());
    const auto wide = ref::windows(x, c.rows, reach);
    EXPECT_LT(relative_error(y, ref::dense(wide, c.rows, weights, bias)), 1e-6)
        << "reach " << reach;
  }
}

// One row, fewer rows than a tile and than a window, columns that fill vectors
// and leave some over, several shares of work.
INSTANTIATE_TEST_SUITE_P(Shapes, DenseTest,
                         testing::Values(MatrixCase{1, 1, 1},
                                         MatrixCase{2, 5, 3},
                                         MatrixCase{7, 16, 32},
                                         MatrixCase{9, 33, 49},
                                         MatrixCase{300, 24, 40}));

TEST(Dense, RefusesOtherShapes) {
  const TensorMap tensors =
      layer_tensors("a.", {2, 3}, normal_values(1, 6), normal_values(2, 2));
  EXPECT_THROW(Dense(tensors, "a.", 3, 3), Error);
  EXPECT_THROW(Dense(tensors, "a.", 2, 2), Error);
  EXPECT_THROW(Dense(tensors, "b.", 2, 3), Error);
}

TEST(LayerNorm, AgreesWithPlainLoops) {
  for (const int width : {1, 7, 16, 48}) {
    constexpr int kRows = 5;
    const auto weight = normal_values(1, width);
    const auto bias = normal_values(2, width);
    auto x = normal_values(3, size_t{kRows} * width);
    for (int i = 0; i < width; ++i) x[i] = 2.0F;  // a row without variance
    for (int i = 0; i < width; ++i) x[width + i] += 30.0F;
    const auto expected = ref::layer_norm(x, kRows, weight, bias);
    const LayerNorm layer(layer_tensors("n.", {width}, weight, bias), "n.",
                          width);
    std::vector<float> y(x.size());
    layer.run(x.data(), kRows, y.data());
    // Differences from a mean of 30 lose some bits.
    EXPECT_LT(relative_error(y, expected), 1e-5) << width;
    layer.run(x.data(), kRows, x.data());
    EXPECT_EQ(x, y) << "in place";
  }
}

// Two heads side by side in rows of queries, keys and values, as the labeler
// has them.
TEST(Attend, AgreesWithPlainLoops) {
  constexpr int kHeads = 2;
  for (const auto& [rows, width] :
       {std::pair{1, 4}, std::pair{5, 3}, std::pair{20, 16}}) {
    const int token = kHeads * width;
    const int stride = 3 * token;
    const auto all = normal_values(1, size_t{1} * rows * stride);
    std::vector<bool> away(rows, false);
    for (int r = 1; r < rows; r += 3) away[r] = true;
    std::vector<float> y(size_t{1} * rows * token, -1.0F);
    std::vector<float> scores(size_t{1} * rows * rows);
    for (int head = 0; head < kHeads; ++head) {
      const auto column = [&, w = width, n = rows](int first) {
        std::vector<float> part;
        for (int r = 0; r < n; ++r) {
          const float* from = all.data() + r * stride + first + head * w;
          part.insert(part.end(), from, from + w);
        }
        return part;
      };
      const float* from = all.data() + head * width;
      attend(from, from + token, from + 2 * token, rows, width, stride, away,
             y.data() + head * width, token, scores.data());
      std::vector<float> got;
      for (int r = 0; r < rows; ++r) {
        const float* row = y.data() + r * token + head * width;
        got.insert(got.end(), row, row + width);
      }
      EXPECT_LT(relative_error(got, ref::attend(column(0), column(token),
                                                column(2 * token), rows, away)),
                2e-6)
          << rows << " rows";
    }
  }
}

}  // namespace
}  // namespace limner
