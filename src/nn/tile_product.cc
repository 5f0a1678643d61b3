#include "nn/tile_product.h"

#include <algorithm>
#include <utility>

#include "nn/isa.h"
#include "util/parallel.h"

namespace limner {
namespace {

constexpr int kLine = 16;  // floats in a line of the cache

// Tiles that are transformed and multiplied together: enough rows for the
// matrix products, few enough that a panel's products stay in the second
// cache. A multiple of WeightPanels::kRows.
constexpr int kChunk = 64;

int round_to_rows(int tiles) {
  return divide_up(tiles, WeightPanels::kRows) * WeightPanels::kRows;
}

// Floats between products in the transformed input and among the panel's
// products. Transforms touch all products of one tile in turn: an odd number
// of lines between them spreads these over the cache's sets.
int64_t input_stride(int rows, int row_stride) {
  return int64_t{rows} * row_stride + kLine;
}
int64_t product_stride(int rows) {
  return int64_t{rows} * WeightPanels::width() + kLine;
}

}  // namespace

TileProduct::TileProduct(int in, int out, std::vector<int> matrix_of,
                         const float* weights,
                         const WeightPanels::Transform& transform)
    : in_blocks_(divide_up(in, channel_block())),
      out_blocks_(divide_up(out, channel_block())),
      matrix_of_(std::move(matrix_of)),
      weights_(in, out, 9, matrix_of_.back() + 1, weights, transform),
      offsets_(kChunk) {
  for (int r = 0; r < kChunk; ++r) {
    offsets_[r] = r * weights_.row_stride();
  }
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
                           const Own& own, const Transform& output) const {
  WeightPanels::Product product{};
  product.rows = round_to_rows(tiles.count);
  product.offsets = offsets_.data();
  tiles.data = own.products;
  tiles.tile = WeightPanels::width();
  tiles.product = product_stride(product.rows);
  const int64_t step = input_stride(product.rows, weights_.row_stride());
  const auto products = static_cast<int>(matrix_of_.size());
  for (int p = 0; p < products; ++p) {
    const bool last = p + 1 == products;
    if (p == 0 || matrix_of_[p] != matrix_of_[p - 1]) {
      product.panel = weights_.unpack(index, matrix_of_[p], own.panel);
    }
    product.a = transformed + p * step;
    product.c = own.products + p * tiles.product;
    product.next_a = last ? transformed : product.a + step;
    product.next_panel =
        last ? std::min(index + 1, weights_.panels() - 1) : index;
    product.next_matrix = last ? 0 : matrix_of_[p + 1];
    weights_.multiply(product);
  }
  for (int block = 2 * index; block < std::min(2 * index + 2, out_blocks_);
       ++block) {
    output(block, tiles);
    tiles.data += channel_block();
  }
}

void TileProduct::run(int tiles, const Transform& input,
                      const Transform& output, Workspace& workspace) const {
  const int chunk = std::min(kChunk, round_to_rows(tiles));
  const int chunks = divide_up(tiles, chunk);
  const int team = threads();
  const auto products = static_cast<int64_t>(matrix_of_.size());
  const int row = weights_.row_stride();
  const int64_t transformed_floats = products * input_stride(chunk, row);
  const int64_t product_floats = products * product_stride(chunk);
  const int64_t own_floats =
      product_floats + int64_t{weights_.depth()} * WeightPanels::width();
  // Either every thread works on chunks of its own, or (few chunks) all share
  // one and divide its channels.
  const bool separate = chunks >= 4 * team;
  const int inputs = separate ? team : 1;
  auto* scratch = static_cast<float*>(workspace.scratch(
      (inputs * transformed_floats + team * own_floats) * sizeof(float)));
  const auto part = [&](int index, float* data) {
    const int first = index * chunk;
    const int count = std::min(chunk, tiles - first);
    return Tiles{first, count, data, row,
                 input_stride(round_to_rows(count), row)};
  };
  const auto own_of = [&](int rank) {
    float* data = scratch + inputs * transformed_floats + rank * own_floats;
    return Own{data, data + product_floats};
  };

  run_team(team, [&](int rank, int) {
    const Own own = own_of(rank);
    if (separate) {
      float* transformed = scratch + rank * transformed_floats;
      share_out(chunks, [&](int i) {
        for (int block = 0; block < in_blocks_; ++block) {
          transform(input, block, part(i, transformed));
        }
        for (int index = 0; index < weights_.panels(); ++index) {
          multiply(transformed, index, part(i, nullptr), own, output);
        }
      });
      return;
    }
    for (int i = 0; i < chunks; ++i) {
      share_out(in_blocks_,
                [&](int block) { transform(input, block, part(i, scratch)); });
      share_out(weights_.panels(), [&](int index) {
        multiply(scratch, index, part(i, nullptr), own, output);
      });
    }
  });
}

}  // namespace limner
