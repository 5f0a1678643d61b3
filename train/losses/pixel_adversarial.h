// Losses of the discriminators that judge pixels and crops.
#pragma once

#include <torch/types.h>

#include <vector>

namespace limner::train {

// Pixels of each class: classes [B, h, w] int64, values below 0 count nowhere
// -> float64 [parts].
torch::Tensor count_classes(const torch::Tensor& classes, int parts);

// The weight of each class for balanced losses: the inverse of its share of
// the pixels, at most `max` times the mean weight of a pixel, such that
// pixels have a mean weight of 1; 0 for a class that is not there. counts and
// result: float64 [parts].
torch::Tensor balanced_weights(const torch::Tensor& counts, double max = 10.0);

// The weighted cross entropy, over the number of all pixels (those that count
// nowhere included, so that processes may be averaged). logits:
// [B, C, h, w] with C >= parts, classes: [B, h, w] int64, below 0: counts
// nowhere; weights: [C].
torch::Tensor weighted_cross_entropy(const torch::Tensor& logits,
                                     const torch::Tensor& classes,
                                     const torch::Tensor& weights);

// What a discriminator of parts + 1 classes (Schönfeld et al., 2021, eq. 1)
// is to minimise: pixels of photos belong to their part, those of results to
// the last class. logits: [B, parts + 1, h, w] each; classes as above, for both
// pictures; weights: [parts] of balanced_weights().
torch::Tensor pixel_discriminator_loss(const torch::Tensor& real,
                                       const torch::Tensor& made,
                                       const torch::Tensor& classes,
                                       const torch::Tensor& weights);

// What the generator is to minimise (eq. 2): its pixels belong to their part.
torch::Tensor pixel_generator_loss(const torch::Tensor& made,
                                   const torch::Tensor& classes,
                                   const torch::Tensor& weights);

// Feature matching (Wang et al., pix2pixHD, 2018): for each picture and pair of
// maps [B, ...] the mean absolute difference over the mean magnitude of the
// wanted map, so that layers count alike; the mean of all. Gradients for `got`
// alone. Throws Error when the numbers of maps differ.
torch::Tensor feature_matching_loss(const std::vector<torch::Tensor>& got,
                                    const std::vector<torch::Tensor>& wanted);

// [B, C, h, w] -> products of channels [B, C, C], over C h w.
torch::Tensor gram(const torch::Tensor& map);

// The same as feature_matching_loss() of the maps' gram().
torch::Tensor gram_loss(const std::vector<torch::Tensor>& got,
                        const std::vector<torch::Tensor>& wanted);

}  // namespace limner::train
