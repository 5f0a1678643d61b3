// Convolutions with few outputs, where most of the time goes into reading the
// weights: direct sums with weights in 16 bits (nn/weight_panels.h).
#pragma once

#include <memory>

#include "nn/conv.h"

namespace limner {

// As Conv's, of `options` accumulate, leaky_slope and slopes.
std::unique_ptr<PackedConv> small_conv(const ConvShape& shape,
                                       const float* weights, const float* bias,
                                       const ConvOptions& options);

}  // namespace limner
