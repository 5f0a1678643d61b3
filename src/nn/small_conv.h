// Convolutions with few outputs, where most of the time goes into reading the
// weights: direct sums with weights in 16 bits (nn/weight_panels.h).
#pragma once

#include <memory>

#include "nn/conv.h"

namespace limner {

class SmallConv {
 public:
  // As Conv's, of `options` accumulate, leaky_slope and slopes.
  SmallConv(const ConvShape& shape, const float* weights, const float* bias,
            const ConvOptions& options);
  ~SmallConv();
  SmallConv(SmallConv&&) noexcept;
  SmallConv& operator=(SmallConv&&) noexcept;

  // in: [shape.in, height, width]; out: [shape.out, out_height, out_width].
  void run(const FeatureMap& in, const FeatureMap& out,
           Workspace& workspace) const;

 private:
  struct Packed;
  std::unique_ptr<Packed> packed_;
};

}  // namespace limner
