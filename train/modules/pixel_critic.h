// Discriminators that tell more than one verdict a picture: which part each
// pixel shows, or that it is made (Schönfeld et al., "You Only Need Adversarial
// Supervision for Semantic Image Synthesis", 2021), and a verdict for each
// patch of a crop.
#pragma once

#include <torch/nn.h>

#include <vector>

#include "train/modules/spectral.h"

namespace limner::train {

// Two convolutions 3x3 beside a 1x1, summed: LeakyReLU before each of the two.
class SpectralBlockImpl : public torch::nn::Module {
 public:
  SpectralBlockImpl(int in, int out);

  // x: [B, in, h, w] -> [B, out, h, w].
  torch::Tensor forward(const torch::Tensor& x);

 private:
  SpectralConv conv1_{nullptr}, conv2_{nullptr}, skip_{nullptr};
};
TORCH_MODULE(SpectralBlock);

struct PixelCriticConfig {
  // Channels of each level of the U-Net; each but the first halves the side.
  std::vector<int> widths = {32, 64, 96, 128, 128};
  int parts = 19;  // classes beside "made"
  // The first level reads fold x fold pixels as one (see UnetConfig).
  int fold = 2;
};

class PixelCriticImpl : public torch::nn::Module {
 public:
  explicit PixelCriticImpl(const PixelCriticConfig& config);

  struct Reading {
    // Logits [B, parts + 1, h, w]; the last class is "made".
    torch::Tensor logits;
    // Maps that feature matching compares, from the deepest up.
    std::vector<torch::Tensor> maps;
  };

  // x: [B, 3, h, w] in [-1, 1], h and w multiples of side_step(). Throws Error
  // on other shapes.
  Reading forward(const torch::Tensor& x);

  int64_t side_step() const;

 private:
  PixelCriticConfig config_;
  SpectralConv first_{nullptr};
  std::vector<SpectralBlock> down_, up_;
  torch::nn::Conv2d last_{nullptr};
};
TORCH_MODULE(PixelCritic);

// For crops of some 32 to 64 px: every fourth pixel each way gets a verdict on
// what is around it.
class PatchCriticImpl : public torch::nn::Module {
 public:
  explicit PatchCriticImpl(int width = 32);

  struct Reading {
    torch::Tensor logits;             // [B, 1, h / 4, w / 4], high for real
    std::vector<torch::Tensor> maps;  // after each activation
  };

  // x: [B, 3, h, w] in [-1, 1].
  Reading forward(const torch::Tensor& x);

 private:
  std::vector<SpectralConv> convs_;
  torch::nn::Conv2d last_{nullptr};
};
TORCH_MODULE(PatchCritic);

}  // namespace limner::train
