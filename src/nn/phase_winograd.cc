#include "nn/phase_winograd.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "nn/isa.h"
#include "nn/simd.h"
#include "util/parallel.h"

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

// Tiles that are transformed and multiplied together: enough rows for the
// matrix products, few enough that a panel's products stay in the second
// cache. A multiple of kRows.
constexpr int kChunk = 64;
constexpr int kRows = 8;  // rows of a register tile

// Floats between rows of the transformed input. The extra line keeps the rows
// of a register tile out of one another's cache sets.
int row_stride(int depth) { return depth + 16; }

// Floats between products in the transformed input and among the panel's
// products. Both kernels touch 81 products of one tile in turn: an odd number
// of lines between them spreads these over the cache's sets.
int64_t input_stride(int rows, int depth) {
  return int64_t{rows} * row_stride(depth) + 16;
}
int64_t product_stride(int rows) {
  return int64_t{rows} * 2 * channel_block() + 16;
}

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
  int depth;  // input channels, padded
  float slope;
};

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
    if (g.transposed) {
      transform<B>(d[0], d[1], d[2], d[3], d[4], v);
      for (int i = 0; i < kTile; ++i) v[kPoints + i] = d[1 + i];
    } else {
      transform<B>(d[0], d[2], d[4], d[6], d[8], v);
      for (int i = 0; i < kTile; ++i) v[kPoints + i] = d[1 + 2 * i];
    }
    for (int i = 0; i < kLine; ++i) line[i][j] = v[i];
  }
  for (int i = 0; i < kLine; ++i) {
    const Vec<B>* d = line[i];
    Vec<B> v[kLine];
    if (g.transposed) {
      transform<B>(d[0], d[1], d[2], d[3], d[4], v);
      for (int j = 0; j < kTile; ++j) v[kPoints + j] = d[1 + j];
    } else {
      transform<B>(d[0], d[2], d[4], d[6], d[8], v);
      for (int j = 0; j < kTile; ++j) v[kPoints + j] = d[1 + 2 * j];
    }
    for (int j = 0; j < kLine; ++j) at<B>(out + kOrder.row[i][j] * step) = v[j];
  }
}

LIMNER_MULTIVERSION void input_kernel(int lanes, const Geometry& g,
                                      const float* block, int tile, float* out,
                                      int64_t step) {
  LIMNER_FOR_LANES(input_body, g, block, tile, out, step);
}

// c[rows, 2B] = a[rows, depth] panel[depth, 2B]; rows: a multiple of kRows.
template <int B>
LIMNER_INLINE void multiply_body(const float* a, int64_t stride, int rows,
                                 const float* panel, int depth, float* c) {
  // Registers for the sums: 16 of 32 with AVX-512, 8 of 16 with AVX2.
  constexpr int kAtOnce = B == 16 ? kRows : kRows / 2;
  for (int r = 0; r < rows; r += kAtOnce) {
    Vec<B> left[kAtOnce] = {};
    Vec<B> right[kAtOnce] = {};
    const float* from = a + r * stride;
    for (int k = 0; k < depth; ++k) {
      const Vec<B> b0 = at<B>(panel + k * 2 * B);
      const Vec<B> b1 = at<B>(panel + k * 2 * B + B);
#pragma GCC unroll 8
      for (int i = 0; i < kAtOnce; ++i) {
        const float factor = from[i * stride + k];
        left[i] += factor * b0;
        right[i] += factor * b1;
      }
    }
#pragma GCC unroll 8
    for (int i = 0; i < kAtOnce; ++i) {
      at<B>(c + (r + i) * 2 * B) = left[i];
      at<B>(c + (r + i) * 2 * B + B) = right[i];
    }
  }
}

LIMNER_MULTIVERSION void multiply_kernel(int lanes, const float* a,
                                         int64_t stride, int rows,
                                         const float* panel, int depth,
                                         float* c) {
  LIMNER_FOR_LANES(multiply_body, a, stride, rows, panel, depth, c);
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

LIMNER_MULTIVERSION void output_kernel(int lanes, const Geometry& g,
                                       const float* products, int64_t step,
                                       const float* bias, int tile,
                                       float* block) {
  LIMNER_FOR_LANES(output_body, g, products, step, bias, tile, block);
}

int divide_up(int value, int by) { return (value + by - 1) / by; }

}  // namespace

struct PhaseWinograd::Packed {
  Geometry geometry;
  int in, out;
  int panels;               // of 2 * lanes output channels
  std::vector<float> bias;  // padded to whole panels
  // [matrix][panel][depth][2 * lanes]
  Memory weights;

  const float* panel(int matrix, int index) const {
    const size_t size = size_t{2} * channel_block() * geometry.depth;
    return static_cast<const float*>(weights.get()) +
           (static_cast<size_t>(matrix) * panels + index) * size;
  }

  void pack(const float* plain);
  void transform_input(const FeatureMap& x, int first, int count, int block,
                       float* transformed) const;
  void multiply_panel(const float* transformed, int rows, int index, int first,
                      int count, float* products, const FeatureMap& y) const;
};

// 3x3 kernels -> 36 transformed values, laid out in panels.
void PhaseWinograd::Packed::pack(const float* plain) {
  const int width = 2 * channel_block();
  const int depth = geometry.depth;
  const size_t floats = static_cast<size_t>(kMatrices) * panels * depth * width;
  weights = allocate(floats * sizeof(float));
  auto* packed = static_cast<float*>(weights.get());
  std::fill_n(packed, floats, 0.0F);
  parallel_for(out, int64_t{in} * 200, [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o) {
      for (int i = 0; i < in; ++i) {
        const float* w = plain + (o * in + i) * 9;
        // Along an axis the two-tap part meets the taps in the samples' order;
        // the transpose runs backwards.
        const int before = geometry.transposed ? 2 : 0;
        const int after = geometry.transposed ? 0 : 2;
        double half[6][3];
        for (int j = 0; j < 3; ++j) {
          for (int p = 0; p < kPoints; ++p) {
            half[p][j] =
                kG[p][0] * w[before * 3 + j] + kG[p][1] * w[after * 3 + j];
          }
          half[kPoints][j] = w[3 + j];
        }
        for (int matrix = 0; matrix < kMatrices; ++matrix) {
          const double* row = half[matrix / 6];
          const int p = matrix % 6;
          const double value =
              p < kPoints ? kG[p][0] * row[before] + kG[p][1] * row[after]
                          : row[1];
          const int64_t index =
              (int64_t{matrix} * panels + o / width) * depth + i;
          packed[index * width + o % width] = static_cast<float>(value);
        }
      }
    }
  });
}

// Tiles [first, first + count) of one channel block; the rows up to a multiple
// of kRows are zero.
void PhaseWinograd::Packed::transform_input(const FeatureMap& x, int first,
                                            int count, int block,
                                            float* transformed) const {
  const int lanes = channel_block();
  const int rows = divide_up(count, kRows) * kRows;
  const int64_t stride = row_stride(geometry.depth);
  for (int t = 0; t < rows; ++t) {
    float* to = transformed + t * stride + block * lanes;
    if (t < count) {
      input_kernel(lanes, geometry, x.block(block), first + t, to,
                   input_stride(rows, geometry.depth));
      continue;
    }
    for (int product = 0; product < kProducts; ++product) {
      std::fill_n(to + product * input_stride(rows, geometry.depth), lanes,
                  0.0F);
    }
  }
}

void PhaseWinograd::Packed::multiply_panel(const float* transformed, int rows,
                                           int index, int first, int count,
                                           float* products,
                                           const FeatureMap& y) const {
  const int lanes = channel_block();
  const int width = 2 * lanes;
  const int64_t stride = row_stride(geometry.depth);
  for (int matrix = 0; matrix < kMatrices; ++matrix) {
    for (int i = 0; i < kOrder.count[matrix]; ++i) {
      const int64_t product = kOrder.first[matrix] + i;
      multiply_kernel(
          lanes, transformed + product * input_stride(rows, geometry.depth),
          stride, rows, panel(matrix, index), geometry.depth,
          products + product * product_stride(rows));
    }
  }
  for (int half = 0; half < 2; ++half) {
    const int block = 2 * index + half;
    if (block >= y.blocks()) break;
    for (int t = 0; t < count; ++t) {
      output_kernel(lanes, geometry,
                    products + int64_t{t} * width + half * lanes,
                    product_stride(rows), bias.data() + block * lanes,
                    first + t, y.block(block));
    }
  }
}

PhaseWinograd::PhaseWinograd(Kind kind, int in, int out, int height, int width,
                             const float* weights, const float* bias,
                             float leaky_slope)
    : packed_(std::make_unique<Packed>()) {
  const bool transposed = kind == Kind::kTransposed;
  const int lanes = channel_block();
  Geometry g{};
  g.transposed = transposed;
  g.in_height = height;
  g.in_width = width;
  g.out_height = transposed ? 2 * height + 1 : height / 2;
  g.out_width = transposed ? 2 * width + 1 : width / 2;
  const int outputs = transposed ? 2 * kTile : kTile;
  g.tiles_y = divide_up(g.out_height, outputs);
  g.tiles_x = divide_up(g.out_width, outputs);
  g.depth = divide_up(in, lanes) * lanes;
  g.slope = leaky_slope;
  packed_->geometry = g;
  packed_->in = in;
  packed_->out = out;
  packed_->panels = divide_up(out, 2 * lanes);
  packed_->bias.resize(static_cast<size_t>(packed_->panels) * 2 * lanes);
  if (bias != nullptr) std::copy_n(bias, out, packed_->bias.begin());
  packed_->pack(weights);
}

PhaseWinograd::~PhaseWinograd() = default;
PhaseWinograd::PhaseWinograd(PhaseWinograd&&) noexcept = default;
PhaseWinograd& PhaseWinograd::operator=(PhaseWinograd&&) noexcept = default;

FeatureMap PhaseWinograd::run(const FeatureMap& in,
                              Workspace& workspace) const {
  const Geometry& g = packed_->geometry;
  FeatureMap out = workspace.take(packed_->out, g.out_height, g.out_width);
  run(in, out, workspace);
  return out;
}

void PhaseWinograd::run(const FeatureMap& in, const FeatureMap& out,
                        Workspace& workspace) const {
  const Packed& net = *packed_;
  const Geometry& g = net.geometry;
  const int tiles = g.tiles_y * g.tiles_x;
  const int chunks = divide_up(tiles, kChunk);
  const int team = threads();
  const int64_t transformed_floats = kProducts * input_stride(kChunk, g.depth);
  const int64_t product_floats = kProducts * product_stride(kChunk);
  // Either every thread works on chunks of its own, or (few chunks) all share
  // one and divide its channels.
  const bool separate = chunks >= 4 * team;
  const int inputs = separate ? team : 1;
  auto* scratch = static_cast<float*>(workspace.scratch(
      (inputs * transformed_floats + team * product_floats) * sizeof(float)));
  float* all_products = scratch + inputs * transformed_floats;
  const auto chunk_size = [&](int chunk) {
    return std::min(kChunk, tiles - chunk * kChunk);
  };
  const auto padded = [](int count) { return divide_up(count, kRows) * kRows; };

  if (separate) {
    parallel_for(chunks, 1'000'000, [&](int64_t begin, int64_t end) {
      const int rank = omp_get_thread_num();
      float* transformed = scratch + rank * transformed_floats;
      float* products = all_products + rank * product_floats;
      for (auto chunk = static_cast<int>(begin); chunk < end; ++chunk) {
        const int count = chunk_size(chunk);
        for (int block = 0; block < in.blocks(); ++block) {
          net.transform_input(in, chunk * kChunk, count, block, transformed);
        }
        for (int index = 0; index < net.panels; ++index) {
          net.multiply_panel(transformed, padded(count), index, chunk * kChunk,
                             count, products, out);
        }
      }
    });
    return;
  }
  for (int chunk = 0; chunk < chunks; ++chunk) {
    const int count = chunk_size(chunk);
    parallel_for(in.blocks(), 1'000'000, [&](int64_t begin, int64_t end) {
      for (auto block = static_cast<int>(begin); block < end; ++block) {
        net.transform_input(in, chunk * kChunk, count, block, scratch);
      }
    });
    parallel_for(net.panels, 1'000'000, [&](int64_t begin, int64_t end) {
      float* products = all_products + omp_get_thread_num() * product_floats;
      for (auto index = static_cast<int>(begin); index < end; ++index) {
        net.multiply_panel(scratch, padded(count), index, chunk * kChunk, count,
                           products, out);
      }
    });
  }
}

}  // namespace limner
