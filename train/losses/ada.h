// Adaptive discriminator augmentation (Karras et al., "Training Generative
// Adversarial Networks with Limited Data", 2020): with few pictures the
// discriminator learns them by heart, unless real and made ones are changed at
// random before it sees them. How often is steered by how sure it is of the
// real ones.
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace limner::train {

struct AdaOptions {
  double target = 0.6;     // mean sign of the logits of real pictures
  double images = 100000;  // pictures over which p goes from 0 to 1
  double max = 0.8;        // p stays below it
  double first = 0.0;      // p at the start
};

class Ada {
 public:
  explicit Ada(const AdaOptions& options) : options_(options) {
    p_ = options.first;
  }

  // Each change (mirror, shift, turn and scale, brightness, contrast and
  // saturation) with probability p; gradients pass. pictures: [B, 3, h, w];
  // picture i draws from (seed, first + i stride) alone.
  torch::Tensor apply(const torch::Tensor& pictures, uint64_t seed,
                      int64_t first, int64_t stride) const;

  // Moves p after a step over `images` real pictures; `sign`: the mean sign of
  // their logits over all processes.
  void adapt(double sign, int64_t images);

  double p() const { return p_; }
  void set_p(double p) { p_ = p; }

 private:
  AdaOptions options_;
  double p_ = 0.0;
};

}  // namespace limner::train
