#include "nn/winograd.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>
#include <vector>

#include "nn/isa.h"
#include "nn/simd.h"
#include "nn/tile_product.h"

namespace limner {
namespace {

// F(4, 3) with the points 0, +-P, +-Q and infinity:
//   y = A ((G g) * (D d)),  g: 3 taps, d: 6 samples, y: 4 outputs.
// Points around 1 keep the powers in G, D and A small: these have half the
// error of +-1 and +-2. All constants below are exact in float32.
constexpr int kTile = 4;    // outputs
constexpr int kPoints = 6;  // products, and samples
constexpr int kProducts = kPoints * kPoints;
constexpr double kP = 0.75;
constexpr double kQ = 1.5;
constexpr double kNodes[kPoints - 1] = {0.0, kP, -kP, kQ, -kQ};

using Taps = std::array<std::array<double, 3>, kPoints>;

constexpr Taps make_taps() {
  Taps g{};
  for (int p = 0; p < kPoints - 1; ++p) {
    double divisor = 1.0;
    for (int other = 0; other < kPoints - 1; ++other) {
      if (other != p) divisor *= kNodes[p] - kNodes[other];
    }
    g[p] = {1.0 / divisor, kNodes[p] / divisor,
            kNodes[p] * kNodes[p] / divisor};
  }
  g[kPoints - 1] = {0.0, 0.0, 1.0};
  return g;
}

constexpr Taps kG = make_taps();

// D d for six samples.
template <int B>
LIMNER_INLINE void transform(const Vec<B>* d, Vec<B>* v) {
  constexpr float kP2 = kP * kP;
  constexpr float kQ2 = kQ * kQ;
  const Vec<B> even_p = d[4] - kQ2 * d[2];
  const Vec<B> odd_p = static_cast<float>(kP) * (d[3] - kQ2 * d[1]);
  const Vec<B> even_q = d[4] - kP2 * d[2];
  const Vec<B> odd_q = static_cast<float>(kQ) * (d[3] - kP2 * d[1]);
  v[0] = kP2 * kQ2 * d[0] + (d[4] - (kP2 + kQ2) * d[2]);
  v[1] = even_p + odd_p;
  v[2] = even_p - odd_p;
  v[3] = even_q + odd_q;
  v[4] = even_q - odd_q;
  v[5] = kP2 * kQ2 * d[1] + (d[5] - (kP2 + kQ2) * d[3]);
}

// A m for six products.
template <int B>
LIMNER_INLINE void inverse(const Vec<B>* m, Vec<B>* y) {
  constexpr auto kP1 = static_cast<float>(kP);
  constexpr auto kQ1 = static_cast<float>(kQ);
  const Vec<B> even_p = m[1] + m[2];
  const Vec<B> odd_p = m[1] - m[2];
  const Vec<B> even_q = m[3] + m[4];
  const Vec<B> odd_q = m[3] - m[4];
  y[0] = m[0] + even_p + even_q;
  y[1] = kP1 * odd_p + kQ1 * odd_q;
  y[2] = kP1 * kP1 * even_p + kQ1 * kQ1 * even_q;
  y[3] = kP1 * kP1 * kP1 * odd_p + kQ1 * kQ1 * kQ1 * odd_q + m[5];
}

// What the kernels need to know of the layer.
struct Geometry {
  int in_height, in_width, out_height, out_width;
  int row_pad;
  int tiles_x;
  bool accumulate;
};

// Transforms tiles of one channel block.
template <int B>
LIMNER_INLINE void input_body(const Geometry& g, const float* block,
                              const TileProduct::Tiles& tiles) {
  for (int t = 0; t < tiles.count; ++t) {
    const int tile = tiles.first + t;
    const int top = tile / g.tiles_x * kTile - g.row_pad;
    const int left = tile % g.tiles_x * kTile - 1;
    const bool inside = top >= 0 && top + kPoints <= g.in_height && left >= 0 &&
                        left + kPoints <= g.in_width;
    // Samples at from + i * row + j * B: of the map, or copied with zeros
    // around.
    float copy[kProducts * B];
    const float* from =
        block + (static_cast<int64_t>(top) * g.in_width + left) * B;
    int64_t row = static_cast<int64_t>(g.in_width) * B;
    if (!inside) {
      for (int i = 0; i < kPoints; ++i) {
        for (int j = 0; j < kPoints; ++j) {
          const int y = top + i;
          const int x = left + j;
          const bool covered =
              y >= 0 && y < g.in_height && x >= 0 && x < g.in_width;
          at<B>(copy + (i * kPoints + j) * B) =
              covered ? at<B>(from + i * row + j * B) : Vec<B>{};
        }
      }
      from = copy;
      row = kPoints * B;
    }
    float* out = tiles.data + t * tiles.tile;
    Vec<B> line[kPoints][kPoints];  // [transformed vertical][sample]
    for (int j = 0; j < kPoints; ++j) {
      Vec<B> d[kPoints];
      for (int i = 0; i < kPoints; ++i) {
        d[i] = at<B>(from + i * row + j * B);
        // Large maps come from memory: fetch what the tiles to come add.
        if (inside && j < kTile) {
          __builtin_prefetch(from + i * row + (j + 3 * kTile) * B);
        }
      }
      Vec<B> v[kPoints];
      transform<B>(d, v);
      for (int i = 0; i < kPoints; ++i) line[i][j] = v[i];
    }
    for (int i = 0; i < kPoints; ++i) {
      Vec<B> v[kPoints];
      transform<B>(line[i], v);
      for (int j = 0; j < kPoints; ++j) {
        at<B>(out + (i * kPoints + j) * tiles.product) = v[j];
      }
    }
  }
}

LIMNER_KERNEL(void, input_kernel,
              (int lanes, const Geometry& g, const float* block,
               const TileProduct::Tiles& tiles),
              (lanes, g, block, tiles)) {
  LIMNER_FOR_LANES(input_body, g, block, tiles);
}

// Products of tiles -> outputs of one channel block. bias, slope: [B].
template <int B>
LIMNER_INLINE void output_body(const Geometry& g,
                               const TileProduct::Tiles& tiles,
                               const float* bias, const float* slope,
                               float* block) {
  const Vec<B> offset = at<B>(bias);
  const Vec<B> negative = at<B>(slope);
  for (int t = 0; t < tiles.count; ++t) {
    const float* products = tiles.data + t * tiles.tile;
    Vec<B> line[kTile][kPoints];  // [vertical output][horizontal product]
    for (int j = 0; j < kPoints; ++j) {
      Vec<B> m[kPoints];
      for (int i = 0; i < kPoints; ++i) {
        m[i] = at<B>(products + (i * kPoints + j) * tiles.product);
      }
      Vec<B> y[kTile];
      inverse<B>(m, y);
      for (int i = 0; i < kTile; ++i) line[i][j] = y[i];
    }
    const int tile = tiles.first + t;
    const int top = tile / g.tiles_x * kTile;
    const int left = tile % g.tiles_x * kTile;
    for (int i = 0; i < kTile && top + i < g.out_height; ++i) {
      Vec<B> y[kTile];
      inverse<B>(line[i], y);
      float* row =
          block + (static_cast<int64_t>(top + i) * g.out_width + left) * B;
      for (int j = 0; j < kTile && left + j < g.out_width; ++j) {
        Vec<B> value = y[j] + offset;
        if (g.accumulate) value += at<B>(row + j * B);
        at<B>(row + j * B) = value >= 0.0F ? value : value * negative;
      }
    }
  }
}

LIMNER_KERNEL(void, output_kernel,
              (int lanes, const Geometry& g, const TileProduct::Tiles& tiles,
               const float* bias, const float* slope, float* block),
              (lanes, g, tiles, bias, slope, block)) {
  LIMNER_FOR_LANES(output_body, g, tiles, bias, slope, block);
}

// The matrices that one input has for a panel's outputs, of their nine taps.
template <int B>
LIMNER_INLINE void weights_body(const float* taps, float* values,
                                int64_t step) {
  constexpr int kWidth = 2 * B;
  for (int o = 0; o < kWidth; o += B) {
    Vec<B> rows[kPoints][3];
    for (int p = 0; p < kPoints; ++p) {
      for (int j = 0; j < 3; ++j) {
        rows[p][j] = Vec<B>{};
        for (int i = 0; i < 3; ++i) {
          rows[p][j] += static_cast<float>(kG[p][i]) *
                        at<B>(taps + (i * 3 + j) * kWidth + o);
        }
      }
    }
    for (int p = 0; p < kPoints; ++p) {
      for (int q = 0; q < kPoints; ++q) {
        at<B>(values + (p * kPoints + q) * step + o) =
            static_cast<float>(kG[q][0]) * rows[p][0] +
            static_cast<float>(kG[q][1]) * rows[p][1] +
            static_cast<float>(kG[q][2]) * rows[p][2];
      }
    }
  }
}

LIMNER_KERNEL(void, weights_kernel,
              (int lanes, const float* taps, float* values, int64_t step),
              (lanes, taps, values, step)) {
  LIMNER_FOR_LANES(weights_body, taps, values, step);
}

TileProduct pack(const ConvShape& shape, const float* weights) {
  std::vector<int> matrix_of(kProducts);
  std::iota(matrix_of.begin(), matrix_of.end(), 0);
  return {shape.in, shape.out, std::move(matrix_of), weights,
          [](const float* taps, float* values, int64_t step) {
            weights_kernel(channel_block(), taps, values, step);
          }};
}

class Winograd final : public PackedConv {
 public:
  Winograd(const ConvShape& shape, const float* weights, const float* bias,
           const ConvOptions& options)
      : geometry_{shape.height,       shape.width,
                  shape.out_height(), shape.out_width(),
                  shape.row_pad(),    divide_up(shape.out_width(), kTile),
                  options.accumulate},
        tiles_(divide_up(shape.out_height(), kTile) * geometry_.tiles_x),
        bias_(padded_bias(bias, shape.out)),
        slope_(padded_slopes(options, shape.out)),
        products_(pack(shape, weights)) {}

  void run(const FeatureMap& in, const FeatureMap& out,
           Workspace& workspace) const override {
    const int lanes = channel_block();
    products_.run(
        tiles_,
        [&](int block, const TileProduct::Tiles& tiles) {
          input_kernel(lanes, geometry_, in.block(block), tiles);
        },
        [&](int block, const TileProduct::Tiles& tiles) {
          const int channel = block * lanes;
          output_kernel(lanes, geometry_, tiles, bias_.data() + channel,
                        slope_.data() + channel, out.block(block));
        },
        workspace);
  }

 private:
  Geometry geometry_;
  int tiles_;
  std::vector<float> bias_, slope_;  // padded
  TileProduct products_;
};

}  // namespace

std::unique_ptr<PackedConv> winograd_conv(const ConvShape& shape,
                                          const float* weights,
                                          const float* bias,
                                          const ConvOptions& options) {
  return std::make_unique<Winograd>(shape, weights, bias, options);
}

}  // namespace limner
