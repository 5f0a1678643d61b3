// Differentiable augmentation (Zhao et al., "Differentiable Augmentation for
// Data-Efficient GAN Training", 2020): colours, place and a hole of both photos
// and results are changed, always, before a discriminator sees them, so that
// few photos are not learned by heart. Unlike Ada it needs no time to rise.
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace limner::train {

// Strengths as published; `strength` times each of them is used, 0: none.
struct DiffAugmentOptions {
  double strength = 0.0;
  double brightness = 0.5;  // added, at most, either way
  double saturation = 1.0;  // factor 1 +- this
  double contrast = 0.5;    // factor 1 +- this
  double shift = 0.125;     // of the side, at most, either way
  double hole = 0.5;        // side of the square that is cut out, of the side
};

// The changes of one batch, to be done alike to photos, results and classes.
class DiffAugment {
 public:
  // Of `batch` pictures with `side` px; picture i draws from
  // (seed, first + i stride) alone.
  DiffAugment(const DiffAugmentOptions& options, int64_t batch, int64_t side,
              uint64_t seed, int64_t first, int64_t stride);

  // pictures: [B, 3, side, side] in [-1, 1], the first B of the batch ->
  // the same, grey (0) where shifted in or cut out. Gradients pass.
  torch::Tensor pictures(const torch::Tensor& x) const;

  // classes: [B, side, side] int64 -> the same shifted, -1 where shifted in or
  // cut out.
  torch::Tensor classes(const torch::Tensor& x) const;

 private:
  bool on_;
  torch::Tensor colour_;  // [B, 3, 1, 1, 1]: brightness, saturation, contrast
  torch::Tensor rows_, columns_;  // [B, side]: where each comes from; -1: none
  torch::Tensor kept_;            // [B, 1, side, side]: 0 in the hole
};

}  // namespace limner::train
