// Winograd's minimal filtering for 3x3 convolutions with stride 1:
// F(4x4, 3x3) (Winograd 1980; Lavin and Gray, CVPR 2016), 36 products for 16
// outputs that take 144 directly.
//
// oneDNN has this too, but waits for the weights, which come from memory for
// every face; nn/tile_product.h fetches them ahead.
#pragma once

#include <memory>

#include "nn/conv.h"

namespace limner {

// shape: kernel 3, stride 1, padding 1. weights: row-major [out, in, 3, 3];
// bias: [out] or null. Of the options `fast` and `bf16` mean nothing here.
std::unique_ptr<PackedConv> winograd_conv(const ConvShape& shape,
                                          const float* weights,
                                          const float* bias,
                                          const ConvOptions& options);

}  // namespace limner
