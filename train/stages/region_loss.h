// The looks of a face part by part.
#pragma once

#include <torch/types.h>

namespace limner::train {

// Mean and standard deviation of the colours in each region: pictures
// [B, 3, h, w] and their classes [B, h, w] -> [B, 19, 6].
torch::Tensor region_colours(const torch::Tensor& pictures,
                             const torch::Tensor& classes);

// The mean absolute difference of region_colours() over the regions that
// cover at least a hundredth of both pictures: skin, hair, background, ... The
// two may show different faces.
torch::Tensor region_loss(const torch::Tensor& result,
                          const torch::Tensor& result_classes,
                          const torch::Tensor& looks,
                          const torch::Tensor& looks_classes);

}  // namespace limner::train
