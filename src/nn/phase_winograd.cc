#include "nn/phase_winograd.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "nn/isa.h"
#include "nn/simd.h"
#include "nn/tile_product.h"

namespace limner {
namespace {

// F(4, 2) with the points 0, 1, -1, 2 and infinity:
//   y = A ((G g) * (D d)),  g: 2 taps, d: 5 samples, y: 4 outputs.
constexpr int kTile = 4;    // outputs of the two-tap part
constexpr int kPoints = 5;  // products of the two-tap part
constexpr int kLine = 9;    // products along one axis: 5, and 4 of the middle
constexpr int kProducts = kLine * kLine;
constexpr int kMatrices = 36;  // (5 points and the middle tap) squared

constexpr double kG[kPoints][2] = {{1.0 / 2, 0.0},
                                   {-1.0 / 2, -1.0 / 2},
                                   {-1.0 / 6, 1.0 / 6},
                                   {1.0 / 6, 1.0 / 3},
                                   {0.0, 1.0}};

// The 81 products are ordered so that those with the same weights are
// neighbours. Axis position p < 5 is a point, p >= 5 the middle tap of output
// p - 5.
struct Order {
  std::array<std::array<int, kLine>, kLine> row{};  // [vertical][horizontal]
  std::array<int, kMatrices> first{};               // of each matrix
  std::array<int, kMatrices> count{};
};

constexpr Order make_order() {
  Order order;
  int next = 0;
  for (int matrix = 0; matrix < kMatrices; ++matrix) {
    const int v = matrix / 6;
    const int h = matrix % 6;
    order.first[matrix] = next;
    for (int i = v; i < (v < kPoints ? v + 1 : kLine); ++i) {
      for (int j = h; j < (h < kPoints ? h + 1 : kLine); ++j) {
        order.row[i][j] = next++;
      }
    }
    order.count[matrix] = next - order.first[matrix];
  }
  return order;
}

constexpr Order kOrder = make_order();

// D d for five samples.
template <int B>
LIMNER_INLINE void transform(const Vec<B>& d0, const Vec<B>& d1,
                             const Vec<B>& d2, const Vec<B>& d3,
                             const Vec<B>& d4, Vec<B>* v) {
  v[0] = 2.0F * (d0 - d2) - d1 + d3;
  v[1] = d3 - d2 - 2.0F * d1;
  v[2] = d3 - 3.0F * d2 + 2.0F * d1;
  v[3] = d3 - d1;
  v[4] = d4 - d2 + 2.0F * (d1 - d3);
}

// A m for five products.
template <int B>
LIMNER_INLINE void inverse(const Vec<B>* m, Vec<B>* y) {
  const Vec<B> sum = m[1] + m[2];
  const Vec<B> difference = m[1] - m[2];
  y[0] = m[0] + sum + m[3];
  y[1] = difference + 2.0F * m[3];
  y[2] = sum + 4.0F * m[3];
  y[3] = difference + 8.0F * m[3] + m[4];
}

// What a kernel needs to know of the layer.
struct Geometry {
  bool transposed;
  int in_height, in_width, out_height, out_width;
  int tiles_y, tiles_x;
  float slope;
};

// Samples of a line -> the kLine values that products are taken of.
template <int B>
LIMNER_INLINE void transform_line(bool transposed, const Vec<B>* d, Vec<B>* v) {
  if (transposed) {
    transform<B>(d[0], d[1], d[2], d[3], d[4], v);
    for (int i = 0; i < kTile; ++i) v[kPoints + i] = d[1 + i];
  } else {
    transform<B>(d[0], d[2], d[4], d[6], d[8], v);
    for (int i = 0; i < kTile; ++i) v[kPoints + i] = d[1 + 2 * i];
  }
}

// One tile and channel block: gathers its samples and writes the 81
// transformed vectors, `step` floats apart.
template <int B>
LIMNER_INLINE void input_body(const Geometry& g, const float* block, int tile,
                              float* out, int64_t step) {
  const int span = g.transposed ? kPoints : kLine;
  const int stride = g.transposed ? kTile : 2 * kTile;
  const int top = tile / g.tiles_x * stride - 1;
  const int left = tile % g.tiles_x * stride - 1;
  Vec<B> line[kLine][kLine];  // [transformed vertical][sample]
  for (int j = 0; j < span; ++j) {
    Vec<B> d[kLine];
    const int x = left + j;
    for (int i = 0; i < span; ++i) {
      const int y = top + i;
      const bool inside = y >= 0 && y < g.in_height && x >= 0 && x < g.in_width;
      if (inside) {
        d[i] = at<B>(block + (static_cast<int64_t>(y) * g.in_width + x) * B);
      } else {
        d[i] = Vec<B>{};
      }
    }
    Vec<B> v[kLine];
    transform_line<B>(g.transposed, d, v);
    for (int i = 0; i < kLine; ++i) line[i][j] = v[i];
  }
  for (int i = 0; i < kLine; ++i) {
    Vec<B> v[kLine];
    transform_line<B>(g.transposed, line[i], v);
    for (int j = 0; j < kLine; ++j) at<B>(out + kOrder.row[i][j] * step) = v[j];
  }
}

LIMNER_KERNEL(void, input_kernel,
              (int lanes, const Geometry& g, const float* block,
               const TileProduct::Tiles& tiles),
              (lanes, g, block, tiles)) {
  for (int t = 0; t < tiles.count; ++t) {
    LIMNER_FOR_LANES(input_body, g, block, tiles.first + t,
                     tiles.data + t * tiles.tile, tiles.product);
  }
}

// One tile and output channel block: products `step` floats apart -> outputs.
template <int B>
LIMNER_INLINE void output_body(const Geometry& g, const float* products,
                               int64_t step, const float* bias, int tile,
                               float* block) {
  const int outputs = g.transposed ? 2 * kTile : kTile;
  Vec<B> line[2 * kTile][kLine];  // [vertical output][horizontal product]
  for (int j = 0; j < kLine; ++j) {
    Vec<B> m[kLine];
    for (int i = 0; i < kLine; ++i) {
      m[i] = at<B>(products + kOrder.row[i][j] * step);
    }
    Vec<B> y[kTile];
    inverse<B>(m, y);
    for (int i = 0; i < kTile; ++i) {
      if (g.transposed) {
        line[2 * i][j] = y[i];
        line[2 * i + 1][j] = m[kPoints + i];
      } else {
        line[i][j] = y[i] + m[kPoints + i];
      }
    }
  }
  const int top = tile / g.tiles_x * outputs;
  const int left = tile % g.tiles_x * outputs;
  const Vec<B> offset = at<B>(bias);
  for (int i = 0; i < outputs && top + i < g.out_height; ++i) {
    const Vec<B>* m = line[i];
    Vec<B> y[kTile];
    inverse<B>(m, y);
    float* row =
        block + (static_cast<int64_t>(top + i) * g.out_width + left) * B;
    for (int j = 0; j < outputs && left + j < g.out_width; ++j) {
      Vec<B> value;
      if (!g.transposed) {
        value = y[j] + m[kPoints + j] + offset;
      } else if (j % 2 == 0) {
        value = y[j / 2] + offset;
      } else {
        value = m[kPoints + j / 2] + offset;
      }
      at<B>(row + j * B) = value >= 0.0F ? value : value * g.slope;
    }
  }
}

LIMNER_KERNEL(void, output_kernel,
              (int lanes, const Geometry& g, const TileProduct::Tiles& tiles,
               const float* bias, float* block),
              (lanes, g, tiles, bias, block)) {
  for (int t = 0; t < tiles.count; ++t) {
    LIMNER_FOR_LANES(output_body, g, tiles.data + t * tiles.tile, tiles.product,
                     bias, tiles.first + t, block);
  }
}

// The matrices that one input has for a panel's outputs, of their nine taps.
// Along an axis the two-tap part meets the taps in the samples' order; the
// transpose runs backwards.
template <int B>
LIMNER_INLINE void weights_body(bool transposed, const float* taps,
                                float* values, int64_t step) {
  constexpr int kWidth = 2 * B;
  const int before = transposed ? 2 : 0;
  const int after = transposed ? 0 : 2;
  for (int o = 0; o < kWidth; o += B) {
    Vec<B> half[6][3];
    for (int j = 0; j < 3; ++j) {
      for (int p = 0; p < kPoints; ++p) {
        half[p][j] = static_cast<float>(kG[p][0]) *
                         at<B>(taps + (before * 3 + j) * kWidth + o) +
                     static_cast<float>(kG[p][1]) *
                         at<B>(taps + (after * 3 + j) * kWidth + o);
      }
      half[kPoints][j] = at<B>(taps + (3 + j) * kWidth + o);
    }
    for (int matrix = 0; matrix < kMatrices; ++matrix) {
      const Vec<B>* row = half[matrix / 6];
      const int p = matrix % 6;
      Vec<B> value = row[1];
      if (p < kPoints) {
        value = static_cast<float>(kG[p][0]) * row[before] +
                static_cast<float>(kG[p][1]) * row[after];
      }
      at<B>(values + matrix * step + o) = value;
    }
  }
}

LIMNER_KERNEL(void, weights_kernel,
              (int lanes, bool transposed, const float* taps, float* values,
               int64_t step),
              (lanes, transposed, taps, values, step)) {
  LIMNER_FOR_LANES(weights_body, transposed, taps, values, step);
}

TileProduct pack(bool transposed, int in, int out, const float* weights) {
  std::vector<int> matrix_of(kProducts);
  for (int matrix = 0; matrix < kMatrices; ++matrix) {
    std::fill_n(matrix_of.begin() + kOrder.first[matrix], kOrder.count[matrix],
                matrix);
  }
  return {in, out, std::move(matrix_of), weights,
          [transposed](const float* taps, float* values, int64_t step) {
            weights_kernel(channel_block(), transposed, taps, values, step);
          }};
}

class PhaseWinograd final : public PackedConv {
 public:
  PhaseWinograd(const Geometry& geometry, int in, int out, const float* weights,
                const float* bias)
      : geometry_(geometry),
        bias_(padded_bias(bias, out)),
        products_(pack(geometry.transposed, in, out, weights)) {}

  void run(const FeatureMap& in, const FeatureMap& out,
           Workspace& workspace) const override {
    const int lanes = channel_block();
    products_.run(
        geometry_.tiles_y * geometry_.tiles_x,
        [&](int block, const TileProduct::Tiles& tiles) {
          input_kernel(lanes, geometry_, in.block(block), tiles);
        },
        [&](int block, const TileProduct::Tiles& tiles) {
          output_kernel(lanes, geometry_, tiles, bias_.data() + block * lanes,
                        out.block(block));
        },
        workspace);
  }

 private:
  Geometry geometry_;
  std::vector<float> bias_;  // padded
  TileProduct products_;
};

}  // namespace

std::unique_ptr<PackedConv> phase_winograd(PhaseKind kind, int in, int out,
                                           int height, int width,
                                           const float* weights,
                                           const float* bias,
                                           float leaky_slope) {
  Geometry g{};
  g.transposed = kind == PhaseKind::kTransposed;
  g.in_height = height;
  g.in_width = width;
  g.out_height = g.transposed ? 2 * height + 1 : height / 2;
  g.out_width = g.transposed ? 2 * width + 1 : width / 2;
  const int outputs = g.transposed ? 2 * kTile : kTile;
  g.tiles_y = divide_up(g.out_height, outputs);
  g.tiles_x = divide_up(g.out_width, outputs);
  g.slope = leaky_slope;
  return std::make_unique<PhaseWinograd>(g, in, out, weights, bias);
}

}  // namespace limner
