#include "model/inception.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "support/compare.h"
#include "util/error.h"
#include "util/random.h"

namespace limner {
namespace {

// planar [channels, side, side].
struct Square {
  int channels = 0, side = 0;
  std::vector<float> values;

  float at(int c, int y, int x) const {
    return values[(static_cast<size_t>(c) * side + y) * side + x];
  }
};

// The network as plain loops, block by block as the paper and PyTorch's code
// state it; weights are drawn when they are first named.
class Plain {
 public:
  TensorMap tensors;

  std::vector<float> run(Square x) {
    x = conv("Conv2d_1a_3x3", x, 32, 3, 3, 2, false);
    x = conv("Conv2d_2a_3x3", x, 32, 3, 3, 1, false);
    x = conv("Conv2d_2b_3x3", x, 64, 3, 3);
    x = halve(x);
    x = conv("Conv2d_3b_1x1", x, 80, 1, 1);
    x = conv("Conv2d_4a_3x3", x, 192, 3, 3, 1, false);
    x = halve(x);
    x = a("Mixed_5b.", x, 32);
    x = a("Mixed_5c.", x, 64);
    x = a("Mixed_5d.", x, 64);
    x = join({conv("Mixed_6a.branch3x3", x, 384, 3, 3, 2, false),
              conv("Mixed_6a.branch3x3dbl_3",
                   conv("Mixed_6a.branch3x3dbl_2",
                        conv("Mixed_6a.branch3x3dbl_1", x, 64, 1, 1), 96, 3, 3),
                   96, 3, 3, 2, false),
              halve(x)});
    x = c("Mixed_6b.", x, 128);
    x = c("Mixed_6c.", x, 160);
    x = c("Mixed_6d.", x, 160);
    x = c("Mixed_6e.", x, 192);
    Square seven = conv("Mixed_7a.branch7x7x3_1", x, 192, 1, 1);
    seven = conv("Mixed_7a.branch7x7x3_2", seven, 192, 1, 7);
    seven = conv("Mixed_7a.branch7x7x3_3", seven, 192, 7, 1);
    seven = conv("Mixed_7a.branch7x7x3_4", seven, 192, 3, 3, 2, false);
    x = join(
        {conv("Mixed_7a.branch3x3_2",
              conv("Mixed_7a.branch3x3_1", x, 192, 1, 1), 320, 3, 3, 2, false),
         seven, halve(x)});
    x = e("Mixed_7b.", x, false);
    x = e("Mixed_7c.", x, true);
    std::vector<float> means;
    const int area = x.side * x.side;
    for (int k = 0; k < x.channels; ++k) {
      double sum = 0;
      for (int i = 0; i < area; ++i) sum += x.values[k * area + i];
      means.push_back(static_cast<float>(sum / area));
    }
    return means;
  }

 private:
  Square a(const std::string& name, const Square& x, int pooled) {
    const Square five = conv(name + "branch5x5_1", x, 48, 1, 1);
    Square three = conv(name + "branch3x3dbl_1", x, 64, 1, 1);
    three = conv(name + "branch3x3dbl_2", three, 96, 3, 3);
    return join({conv(name + "branch1x1", x, 64, 1, 1),
                 conv(name + "branch5x5_2", five, 64, 5, 5),
                 conv(name + "branch3x3dbl_3", three, 96, 3, 3),
                 conv(name + "branch_pool", around(x, false), pooled, 1, 1)});
  }

  Square c(const std::string& name, const Square& x, int width) {
    Square once = conv(name + "branch7x7_1", x, width, 1, 1);
    once = conv(name + "branch7x7_2", once, width, 1, 7);
    once = conv(name + "branch7x7_3", once, 192, 7, 1);
    Square twice = conv(name + "branch7x7dbl_1", x, width, 1, 1);
    twice = conv(name + "branch7x7dbl_2", twice, width, 7, 1);
    twice = conv(name + "branch7x7dbl_3", twice, width, 1, 7);
    twice = conv(name + "branch7x7dbl_4", twice, width, 7, 1);
    twice = conv(name + "branch7x7dbl_5", twice, 192, 1, 7);
    return join({conv(name + "branch1x1", x, 192, 1, 1), once, twice,
                 conv(name + "branch_pool", around(x, false), 192, 1, 1)});
  }

  Square e(const std::string& name, const Square& x, bool maxima) {
    const Square three = conv(name + "branch3x3_1", x, 384, 1, 1);
    const Square twice =
        conv(name + "branch3x3dbl_2",
             conv(name + "branch3x3dbl_1", x, 448, 1, 1), 384, 3, 3);
    return join({conv(name + "branch1x1", x, 320, 1, 1),
                 conv(name + "branch3x3_2a", three, 384, 1, 3),
                 conv(name + "branch3x3_2b", three, 384, 3, 1),
                 conv(name + "branch3x3dbl_3a", twice, 384, 1, 3),
                 conv(name + "branch3x3dbl_3b", twice, 384, 3, 1),
                 conv(name + "branch_pool", around(x, maxima), 192, 1, 1)});
  }

  const std::vector<float>& draw(const std::string& name, const Shape& shape,
                                 double mean, double spread) {
    auto& known = values_[name];
    if (!known.empty()) return known;
    int64_t count = 1;
    for (const int64_t size : shape) count *= size;
    Random random(++seed_);
    for (int64_t i = 0; i < count; ++i) {
      known.push_back(
          static_cast<float>(mean + spread * (2 * random.uniform() - 1)));
    }
    tensors.tensors[name] = make_tensor(shape, known);
    return known;
  }

  // Convolution without bias, BatchNorm with an epsilon of 0.001, ReLU.
  Square conv(const std::string& name, const Square& x, int out, int rows,
              int columns, int stride = 1, bool padded = true) {
    const int in = x.channels;
    const auto& weights = draw(name + ".conv.weight", {out, in, rows, columns},
                               0, std::sqrt(6.0 / (in * rows * columns)));
    const auto& scale = draw(name + ".bn.weight", {out}, 1, 0.2);
    const auto& shift = draw(name + ".bn.bias", {out}, 0, 0.2);
    const auto& mean = draw(name + ".bn.running_mean", {out}, 0, 0.2);
    // Small ones tell the epsilon from others.
    const auto& variance = draw(name + ".bn.running_var", {out}, 1, 0.99);
    const int top = padded ? rows / 2 : 0, left = padded ? columns / 2 : 0;
    Square y{out, padded ? x.side : (x.side - rows) / stride + 1, {}};
    for (int o = 0; o < out; ++o) {
      for (int i = 0; i < y.side; ++i) {
        for (int j = 0; j < y.side; ++j) {
          double sum = 0;
          for (int v = 0; v < rows; ++v) {
            for (int u = 0; u < columns; ++u) {
              const int row = i * stride + v - top;
              const int column = j * stride + u - left;
              if (row < 0 || row >= x.side || column < 0 || column >= x.side) {
                continue;
              }
              for (int k = 0; k < in; ++k) {
                sum += weights[((static_cast<size_t>(o) * in + k) * rows + v) *
                                   columns +
                               u] *
                       x.at(k, row, column);
              }
            }
          }
          const double normed =
              (sum - mean[o]) / std::sqrt(variance[o] + 1e-3) * scale[o] +
              shift[o];
          y.values.push_back(static_cast<float>(std::max(0.0, normed)));
        }
      }
    }
    return y;
  }

  static Square halve(const Square& x) {
    Square y{x.channels, (x.side - 3) / 2 + 1, {}};
    for (int k = 0; k < x.channels; ++k) {
      for (int i = 0; i < y.side; ++i) {
        for (int j = 0; j < y.side; ++j) {
          float max = x.at(k, 2 * i, 2 * j);
          for (int v = 0; v < 3; ++v) {
            for (int u = 0; u < 3; ++u) {
              max = std::max(max, x.at(k, 2 * i + v, 2 * j + u));
            }
          }
          y.values.push_back(max);
        }
      }
    }
    return y;
  }

  static Square around(const Square& x, bool maxima) {
    Square y{x.channels, x.side, {}};
    for (int k = 0; k < x.channels; ++k) {
      for (int i = 0; i < x.side; ++i) {
        for (int j = 0; j < x.side; ++j) {
          float max = -1e9F, sum = 0, count = 0;
          for (int v = std::max(0, i - 1); v <= std::min(x.side - 1, i + 1);
               ++v) {
            for (int u = std::max(0, j - 1); u <= std::min(x.side - 1, j + 1);
                 ++u) {
              max = std::max(max, x.at(k, v, u));
              sum += x.at(k, v, u);
              ++count;
            }
          }
          y.values.push_back(maxima ? max : sum / count);
        }
      }
    }
    return y;
  }

  static Square join(const std::vector<Square>& maps) {
    Square y{0, maps.front().side, {}};
    for (const Square& map : maps) {
      y.channels += map.channels;
      y.values.insert(y.values.end(), map.values.begin(), map.values.end());
    }
    return y;
  }

  std::map<std::string, std::vector<float>> values_;
  uint64_t seed_ = 0;
};

TEST(Inception, EqualsThePlainLoops) {
  const int side = 107;  // the last maps have 2x2 positions
  Square picture{3, side, normal_values(5, size_t{3} * side * side)};
  Plain plain;
  const std::vector<float> expected = plain.run(picture);
  ASSERT_EQ(expected.size(), size_t{Inception::kFeatures});
  plain.tensors.source = "random";
  const Inception net(plain.tensors, side);
  Workspace workspace;
  EXPECT_LT(relative_error(net.run(picture.values, workspace), expected), 1e-4);

  EXPECT_THROW(net.run({1, 2, 3}, workspace), Error);
  EXPECT_THROW(Inception(plain.tensors, 74), Error);
  plain.tensors.tensors.erase("Mixed_7c.branch_pool.bn.running_var");
  EXPECT_THROW(Inception(plain.tensors, side), Error);
}

}  // namespace
}  // namespace limner
