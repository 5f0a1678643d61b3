#include "nn/tile_product.h"

#include <omp.h>

#include <algorithm>
#include <utility>

#include "nn/isa.h"
#include "nn/simd.h"
#include "util/parallel.h"

namespace limner {
namespace {

constexpr int kRows = 8;   // rows of a register tile
constexpr int kLine = 16;  // floats in a line of the cache

// Tiles that are transformed and multiplied together: enough rows for the
// matrix products, few enough that a panel's products stay in the second
// cache. A multiple of kRows.
constexpr int kChunk = 64;

int divide_up(int value, int by) { return (value + by - 1) / by; }

int round_to_rows(int tiles) { return divide_up(tiles, kRows) * kRows; }

// Floats between rows of the transformed input. The extra line keeps the rows
// of a register tile out of one another's cache sets.
int row_stride(int depth) { return depth + kLine; }

// Floats between products in the transformed input and among the panel's
// products. Transforms touch all products of one tile in turn: an odd number
// of lines between them spreads these over the cache's sets.
int64_t input_stride(int rows, int depth) {
  return int64_t{rows} * row_stride(depth) + kLine;
}
int64_t product_stride(int rows) {
  return int64_t{rows} * 2 * channel_block() + kLine;
}

struct Product {
  const float* a;  // [rows, depth], rows `stride` floats apart
  int64_t stride;
  int rows;            // a multiple of kRows
  const float* panel;  // [depth][2 * lanes]
  int depth;
  float* c;  // [rows][2 * lanes]
  // The operands of the product after this one, fetched meanwhile.
  const float* next_a;
  const float* next_panel;
};

// c = a panel
template <int B>
LIMNER_INLINE void multiply_body(const Product& p) {
  // Registers for the sums: 16 of 32 with AVX-512, 8 of 16 with AVX2.
  constexpr int kAtOnce = B == 16 ? kRows : kRows / 2;
  // Every row tile fetches its share of the lines of the next panel that B
  // steps in depth take, so that they arrive at an even pace.
  constexpr int kStepLines = 2 * B * B / kLine;
  constexpr int kSecondCache = 2;  // locality hint
  for (int r = 0; r < p.rows; r += kAtOnce) {
    const int line_begin = kStepLines * r / p.rows;
    const int line_end = kStepLines * (r + kAtOnce) / p.rows;
    Vec<B> left[kAtOnce] = {};
    Vec<B> right[kAtOnce] = {};
    for (int step = 0; step < p.depth; step += B) {
      const float* from = p.a + r * p.stride + step;
      const float* soon = p.next_a + r * p.stride + step;
      const float* b = p.panel + step * 2 * B;
      const float* b_soon = p.next_panel + step * 2 * B;
      for (int line = line_begin; line < line_end; ++line) {
        __builtin_prefetch(b_soon + line * kLine, 0, kSecondCache);
      }
#pragma GCC unroll 8
      for (int i = 0; i < kAtOnce; ++i) {
        __builtin_prefetch(soon + i * p.stride, 0, kSecondCache);
      }
#pragma GCC unroll 2
      for (int k = 0; k < B; ++k) {
        const Vec<B> b0 = at<B>(b + k * 2 * B);
        const Vec<B> b1 = at<B>(b + k * 2 * B + B);
#pragma GCC unroll 8
        for (int i = 0; i < kAtOnce; ++i) {
          const float factor = from[i * p.stride + k];
          left[i] += factor * b0;
          right[i] += factor * b1;
        }
      }
    }
#pragma GCC unroll 8
    for (int i = 0; i < kAtOnce; ++i) {
      at<B>(p.c + (r + i) * 2 * B) = left[i];
      at<B>(p.c + (r + i) * 2 * B + B) = right[i];
    }
  }
}

LIMNER_MULTIVERSION void multiply_kernel(int lanes, const Product& product) {
  LIMNER_FOR_LANES(multiply_body, product);
}

}  // namespace

TileProduct::TileProduct(int in, int out, std::vector<int> matrix_of,
                         const Weights& weights)
    : in_blocks_(divide_up(in, channel_block())),
      out_blocks_(divide_up(out, channel_block())),
      panels_(divide_up(out_blocks_, 2)),
      matrices_(matrix_of.back() + 1),
      depth_(in_blocks_ * channel_block()),
      matrix_of_(std::move(matrix_of)) {
  const int width = 2 * channel_block();
  const size_t floats =
      static_cast<size_t>(panels_) * matrices_ * depth_ * width;
  weights_ = allocate(floats * sizeof(float));
  auto* packed = static_cast<float*>(weights_.get());
  const int64_t cost = int64_t{width} * matrices_;
  parallel_for(panels_, cost * depth_, [&](int64_t begin, int64_t end) {
    std::vector<float> values(matrices_);
    std::vector<float> rows(cost);  // [matrix][output of the panel]
    for (int64_t index = begin; index < end; ++index) {
      const int first = static_cast<int>(index) * width;
      for (int i = 0; i < depth_; ++i) {
        std::fill(rows.begin(), rows.end(), 0.0F);
        for (int o = 0; i < in && o < std::min(width, out - first); ++o) {
          weights(first + o, i, values.data());
          for (int m = 0; m < matrices_; ++m) rows[m * width + o] = values[m];
        }
        for (int m = 0; m < matrices_; ++m) {
          std::copy_n(rows.data() + m * width, width,
                      packed + ((index * matrices_ + m) * depth_ + i) * width);
        }
      }
    }
  });
}

const float* TileProduct::panel(int index, int matrix) const {
  const size_t size = size_t{2} * channel_block() * depth_;
  return static_cast<const float*>(weights_.get()) +
         (static_cast<size_t>(index) * matrices_ + matrix) * size;
}

void TileProduct::transform(const Transform& input, int block,
                            Tiles tiles) const {
  tiles.data += block * channel_block();
  input(block, tiles);
  // The last rows of the last register tile belong to no tile.
  const auto products = static_cast<int>(matrix_of_.size());
  for (int t = tiles.count; t < round_to_rows(tiles.count); ++t) {
    for (int p = 0; p < products; ++p) {
      std::fill_n(tiles.data + p * tiles.product + t * tiles.tile,
                  channel_block(), 0.0F);
    }
  }
}

// All products with one panel, and the outputs that they make.
void TileProduct::multiply(const float* transformed, int index, Tiles tiles,
                           const Transform& output) const {
  const int lanes = channel_block();
  Product product{};
  product.rows = round_to_rows(tiles.count);
  product.stride = row_stride(depth_);
  product.depth = depth_;
  tiles.tile = 2 * lanes;
  tiles.product = product_stride(product.rows);
  const int64_t step = input_stride(product.rows, depth_);
  const auto products = static_cast<int>(matrix_of_.size());
  for (int p = 0; p < products; ++p) {
    const bool last = p + 1 == products;
    product.a = transformed + p * step;
    product.panel = panel(index, matrix_of_[p]);
    product.c = tiles.data + p * tiles.product;
    product.next_a = last ? transformed : product.a + step;
    product.next_panel = !last ? panel(index, matrix_of_[p + 1])
                               : panel(std::min(index + 1, panels_ - 1), 0);
    multiply_kernel(lanes, product);
  }
  for (int block = 2 * index; block < std::min(2 * index + 2, out_blocks_);
       ++block) {
    output(block, tiles);
    tiles.data += lanes;
  }
}

void TileProduct::run(int tiles, const Transform& input,
                      const Transform& output, Workspace& workspace) const {
  const int chunk = std::min(kChunk, round_to_rows(tiles));
  const int chunks = divide_up(tiles, chunk);
  const int team = threads();
  const auto products = static_cast<int64_t>(matrix_of_.size());
  const int64_t transformed_floats = products * input_stride(chunk, depth_);
  const int64_t product_floats = products * product_stride(chunk);
  // Either every thread works on chunks of its own, or (few chunks) all share
  // one and divide its channels.
  const bool separate = chunks >= 4 * team;
  const int inputs = separate ? team : 1;
  auto* scratch = static_cast<float*>(workspace.scratch(
      (inputs * transformed_floats + team * product_floats) * sizeof(float)));
  const auto part = [&](int index, float* data) {
    const int first = index * chunk;
    const int count = std::min(chunk, tiles - first);
    return Tiles{first, count, data, row_stride(depth_),
                 input_stride(round_to_rows(count), depth_)};
  };
  const auto products_of = [&](int rank) {
    return scratch + inputs * transformed_floats + rank * product_floats;
  };

  // Handed out piece by piece: a thread that the machine holds up does not
  // hold up the others.
#pragma omp parallel num_threads(team) if (team > 1)
  {
    const int rank = omp_get_thread_num();
    float* own = products_of(rank);
    if (separate) {
      float* transformed = scratch + rank * transformed_floats;
#pragma omp for schedule(dynamic)
      for (int i = 0; i < chunks; ++i) {
        for (int block = 0; block < in_blocks_; ++block) {
          transform(input, block, part(i, transformed));
        }
        for (int index = 0; index < panels_; ++index) {
          multiply(transformed, index, part(i, own), output);
        }
      }
    } else {
      for (int i = 0; i < chunks; ++i) {
#pragma omp for schedule(dynamic)
        for (int block = 0; block < in_blocks_; ++block) {
          transform(input, block, part(i, scratch));
        }
#pragma omp for schedule(dynamic)
        for (int index = 0; index < panels_; ++index) {
          multiply(scratch, index, part(i, own), output);
        }
      }
    }
  }
}

}  // namespace limner
