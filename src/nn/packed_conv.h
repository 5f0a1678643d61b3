// What the algorithms of a convolution have in common.
#pragma once

#include <vector>

#include "nn/feature_map.h"

namespace limner {

struct ConvOptions;

// A convolution, or a transposed one, with its weights packed for one
// algorithm.
class PackedConv {
 public:
  virtual ~PackedConv() = default;

  // Both maps are of the sizes that it was made for.
  virtual void run(const FeatureMap& in, const FeatureMap& out,
                   Workspace& workspace) const = 0;
};

// Of `out` channels, padded to whole blocks: a bias, which may be null, and
// slopes of what is below zero.
std::vector<float> padded_bias(const float* bias, int out);
std::vector<float> padded_slopes(const ConvOptions& options, int out);

}  // namespace limner
