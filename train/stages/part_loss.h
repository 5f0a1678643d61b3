// Eyes and mouths of results against those that were drawn.
#pragma once

#include "train/modules/feature_nets.h"
#include "train/stages/face_crops.h"

namespace limner::train {

// How far the part in `crops` of each result is from that of its photo, apart
// from colours, light and contrast: crops are enlarged twofold, made grey and
// brought to the same mean and deviation, and then compared by
// perceptual_loss() and absolute difference. So that results with other looks
// can be asked, too. result, photo: [B, 3, side, side] in [-1, 1]; pictures
// without the part count as alike; bf16: of the network's convolutions.
// Gradients for `result` alone.
torch::Tensor part_loss(SqueezeNet net, const torch::Tensor& result,
                        const torch::Tensor& photo, const FaceCrops& crops,
                        bool bf16);

}  // namespace limner::train
