// The middle of Winograd's algorithm: tiles of the input arrive transformed,
// are multiplied by transformed weights, and leave to be transformed back:
//   m[p] = w[matrix_of[p]] v[p]   for every tile and each of its products p,
// with v[p]: [in], m[p]: [out] and w[..]: [out, in].
//
// Tiles are worked on in chunks, so that each product is one of matrices whose
// operands stay in the caches. Weights come from memory once a chunk; while one
// matrix is multiplied the next is fetched.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "nn/feature_map.h"

namespace limner {

class TileProduct {
 public:
  // Writes the transformed weights of output o and input i: values[matrix].
  using Weights = std::function<void(int o, int i, float* values)>;

  // matrix_of: [products of a tile], ascending from 0 without gaps.
  TileProduct(int in, int out, std::vector<int> matrix_of,
              const Weights& weights);

  // Tiles [first, first + count) of one channel block: product p of tile
  // first + t is the vector at data + p * product + t * tile.
  struct Tiles {
    int first, count;
    float* data;
    int64_t tile, product;
  };
  // For the input: writes the block's transformed samples. For the output:
  // reads products and writes the block's part of the result. Called from
  // several threads; must not throw.
  using Transform = std::function<void(int block, const Tiles& tiles)>;

  // Runs the tiles [0, tiles) through input, products and output.
  void run(int tiles, const Transform& input, const Transform& output,
           Workspace& workspace) const;

 private:
  int in_blocks_, out_blocks_;
  int panels_;  // of 2 * channel_block() output channels
  int matrices_;
  int depth_;  // input channels, padded to whole blocks
  std::vector<int> matrix_of_;
  // [panel][matrix][depth][2 * channel_block()], in the order of use
  Memory weights_;

  const float* panel(int index, int matrix) const;
  void transform(const Transform& input, int block, Tiles tiles) const;
  void multiply(const float* transformed, int index, Tiles tiles,
                const Transform& output) const;
};

}  // namespace limner
