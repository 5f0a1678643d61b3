// The stroke labeler: which part of a face each point of a drawing draws.
// train/modules/labeler.h trains the same network.
#pragma once

#include <memory>
#include <vector>

#include "nn/dense.h"
#include "weights/tensor.h"

namespace limner {

class Labeler {
 public:
  // Stroke classes 1..22, lines of facial hair, which count as skin lines, and
  // what is no part of a face.
  static constexpr int kClasses = 24;
  // Slots a group and numbers a slot, as sketch/point_sequence.h makes them.
  static constexpr int kGroup = 8;
  static constexpr int kInputs = 32;

  // Builds the network from the weights under `prefix`, for `heads` heads of
  // attention. Throws Error on missing or misshapen weights.
  Labeler(const TensorMap& tensors, const std::string& prefix, int heads);

  // features: [slots, kInputs]; used: [slots], 0 or 1; slots a multiple of
  // kGroup. Returns probabilities [slots, kClasses]; those of empty slots mean
  // nothing. Memory grows with the square of slots / kGroup. Thread-safe.
  std::vector<float> run(const std::vector<float>& features,
                         const std::vector<uint8_t>& used) const;

 private:
  struct Block {
    Dense window, out, gather, query_key_value, attended, widen, narrow, spread;
    LayerNorm norm, attend_norm, mix_norm, spread_norm;
  };
  struct Space;

  void run(const Block& block, Space& space) const;

  int heads_ = 1;
  int width_ = 0, token_ = 0;
  Dense embed_, hidden_, final_;
  LayerNorm norm_;
  std::vector<Block> blocks_;
};

}  // namespace limner
