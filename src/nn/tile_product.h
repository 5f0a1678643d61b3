// The middle of Winograd's algorithm: tiles of the input arrive transformed,
// are multiplied by transformed weights, and leave to be transformed back:
//   m[p] = w[matrix_of[p]] v[p]   for every tile and each of its products p,
// with v[p]: [in], m[p]: [out] and w[..]: [out, in].
//
// Tiles are worked on in chunks, so that each product is one of matrices whose
// operands stay in the caches. Weights (nn/weight_panels.h) come from memory
// once a chunk; while one matrix is multiplied the next is fetched.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "nn/feature_map.h"
#include "nn/weight_panels.h"

namespace limner {

class TileProduct {
 public:
  // matrix_of: [products of a tile], ascending from 0 without gaps.
  // weights: row-major [out, in, 3, 3]; transform makes the matrices of them.
  TileProduct(int in, int out, std::vector<int> matrix_of, const float* weights,
              const WeightPanels::Transform& transform);

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
  std::vector<int> matrix_of_;
  WeightPanels weights_;
  std::vector<int> offsets_;  // of the rows of a chunk, in floats

  // What one thread works with.
  struct Own {
    float* products;  // of one panel
    float* panel;     // unpacked weights
  };
  void transform(const Transform& input, int block, Tiles tiles) const;
  void multiply(const float* transformed, int index, Tiles tiles,
                const Own& own, const Transform& output) const;
};

}  // namespace limner
