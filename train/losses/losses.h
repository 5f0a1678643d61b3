// The losses of the published criteria, one function each. Pictures are RGB in
// [-1, 1], [B, 3, h, w]; results are scalars. Networks must be in eval() mode
// and are not changed; where only their values count they need no gradients.
#pragma once

#include <torch/types.h>

#include "train/modules/arcface.h"
#include "train/modules/feature_nets.h"
#include "train/modules/slim_cnn.h"
#include "train/modules/unet.h"

namespace limner::train {

// Mean squared difference.
torch::Tensor l2_loss(const torch::Tensor& result, const torch::Tensor& target);

// LPIPS v0.1 (AlexNet): differences of unit-normalised features, squared,
// weighted by channel, averaged over pixels and the batch, summed over layers.
torch::Tensor lpips_loss(LpipsNet net, const torch::Tensor& result,
                         const torch::Tensor& target);

// 1 - cosine of the two faces' descriptions, averaged over the batch. Pictures
// of another size than 256 px are pooled to it, then the face (rows 35..222,
// columns 32..219) to what the network reads.
torch::Tensor id_loss(ArcFace net, const torch::Tensor& result,
                      const torch::Tensor& target);

// Cross entropy of the parsed result with `classes` [B, h, w] (int64), the
// average over pixels.
torch::Tensor mask_loss(Unet net, const torch::Tensor& result,
                        const torch::Tensor& classes);

// Semantic feature matching: the mean absolute difference of the parser's
// features, summed over the first `layers` (1..levels: up4, up3, up2, up1,
// logits; --mask_feat_layer). Pictures are pooled to `side` x `side` first (0:
// read as they are). Throws Error on a number of layers out of range.
torch::Tensor mask_feature_loss(Unet net, const torch::Tensor& result,
                                const torch::Tensor& target, int layers = 4,
                                int side = 512);

// The mean absolute difference of the attribute network's features, summed
// over its four stages.
torch::Tensor fac_loss(SlimCnn net, const torch::Tensor& result,
                       const torch::Tensor& target);

// 1 - cosine of the MoCo v2 descriptions of both, averaged over the batch.
// Pictures are reduced to 224 px by nearest neighbour, as published.
torch::Tensor moco_loss(ResNet50 net, const torch::Tensor& result,
                        const torch::Tensor& target);

// codes: [B, styles, width], latent_avg: [styles, width] -> the norm of their
// difference over styles and channels, averaged over the batch.
torch::Tensor w_norm_loss(const torch::Tensor& codes,
                          const torch::Tensor& latent_avg);

// The part of a picture around the face that --lpips_lambda_crop and
// --l2_lambda_crop compare: the crop of id_loss, for any size, [B, 3, h', w'].
torch::Tensor face_crop(const torch::Tensor& x);

// Pictures enlarged (bilinear) or reduced (means) to `side`.
torch::Tensor scaled(const torch::Tensor& x, int64_t side);

// Brows to chin of an aligned face, the middle half of a picture, enlarged to
// its size: what --perceptual_lambda_crop compares.
torch::Tensor features_crop(const torch::Tensor& x);

// Perceptual loss on SqueezeNet 1.0: as lpips_loss, but with every channel of
// the unit-normalised features alike ("uncalibrated"), and the mean over
// layers.
torch::Tensor perceptual_loss(SqueezeNet net, const torch::Tensor& result,
                              const torch::Tensor& target);

}  // namespace limner::train
