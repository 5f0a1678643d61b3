// A discriminator that looks at pictures through a fixed classifier (Sauer et
// al., "Projected GANs Converge Faster", 2021): it need not learn to see, only
// to tell, so that a few thousand pictures teach it.
#pragma once

#include <torch/nn.h>

#include <vector>

#include "train/modules/feature_nets.h"
#include "train/modules/spectral.h"

namespace limner::train {

// SqueezeNet's four maps are mixed by fixed random convolutions, over channels
// and from the deepest up (the paper's random projections); each mix has a
// small network that judges its patches. Parameters are those of the small
// networks alone: SqueezeNet is not part of the module and is never trained.
class ProjectedCriticImpl : public torch::nn::Module {
 public:
  // `squeezenet`: with a border of 3 (see SqueezeNet), its weights without
  // gradients. width: channels of each mix.
  explicit ProjectedCriticImpl(SqueezeNet squeezenet, int width = 64);

  // x: RGB [B, 3, h, w] in [-1, 1], sides that 16 divides, 64 or more -> the
  // maps that forward() reads, each divided by its mean over a picture.
  // Gradients pass to x.
  std::vector<torch::Tensor> features(const torch::Tensor& x);

  // Logits [B, n], float32, high for real: every judge's patches one after the
  // other, weighted so that a mean over n counts the judges alike.
  torch::Tensor forward(const std::vector<torch::Tensor>& features);

 private:
  struct Judge {
    std::vector<SpectralConv> convs;
    torch::nn::Conv2d last{nullptr};
  };

  SqueezeNet squeezenet_;
  std::vector<torch::Tensor> mix_;  // [width, C, 1, 1], fixed
  std::vector<torch::Tensor>
      lift_;  // [width, width, 3, 3], fixed: from the next map
  std::vector<Judge> judges_;
};
TORCH_MODULE(ProjectedCritic);

}  // namespace limner::train
