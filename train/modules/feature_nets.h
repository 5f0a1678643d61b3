// Image classifiers whose features measure how alike two pictures look:
// AlexNet with the weights of LPIPS v0.1, and SqueezeNet 1.0.
#pragma once

#include <torch/nn.h>

#include <array>
#include <string>
#include <vector>

namespace limner::train {

// AlexNet's convolutions ("net.layers.N"), its input scaling ("net.mean",
// "net.std") and the learned weight of every channel ("lin.N.1.weight") of
// LPIPS (Zhang et al., "The Unreasonable Effectiveness of Deep Features as a
// Perceptual Metric", 2018).
class LpipsNetImpl : public torch::nn::Module {
 public:
  LpipsNetImpl();

  // x: [B, 3, h, w] in [-1, 1], 32 px or more -> the five activations after
  // ReLU, each divided by its norm over channels.
  std::vector<torch::Tensor> features(const torch::Tensor& x);

  // [1, C, 1, 1]: the weights of feature `i`.
  torch::Tensor channel_weights(size_t i) const { return linear_[i]; }

 private:
  torch::Tensor mean_, std_;
  std::vector<torch::nn::Conv2d> convs_;
  std::vector<torch::Tensor> linear_;
};
TORCH_MODULE(LpipsNet);

// SqueezeNet 1.0 (Iandola et al., 2016) without its classifier. Weight names
// are those of the array file: "conv1__w", "fire2__conv1x1_1__b", ...
class SqueezeNetImpl : public torch::nn::Module {
 public:
  SqueezeNetImpl();

  // x: RGB [B, 3, h, w] in [-1, 1], 32 px or more -> the activations of conv1
  // (96 channels, h/2), fire4 (256, h/4), fire8 (512, h/8) and fire9 (512,
  // h/16), all after ReLU and before the pooling that follows.
  std::vector<torch::Tensor> features(const torch::Tensor& x);

 private:
  // A convolution "NAME__w", "NAME__b" and ReLU.
  struct Layer {
    torch::Tensor weight, bias;
    int64_t stride, padding;

    torch::Tensor operator()(const torch::Tensor& x) const;
  };
  struct Fire {
    Layer squeeze, expand1, expand3;

    torch::Tensor operator()(const torch::Tensor& x) const;
  };

  Layer layer(const std::string& name, int in, int out, int kernel, int stride);
  Fire fire(int number, int in, int squeezed, int expanded);

  Layer conv1_;
  std::vector<Fire> fires_;  // fire2 .. fire9
};
TORCH_MODULE(SqueezeNet);

}  // namespace limner::train
