// Image classifiers whose features measure how alike two pictures look:
// AlexNet with the weights of LPIPS v0.1, SqueezeNet 1.0, and ResNet-50 with
// those of MoCo v2.
#pragma once

#include <torch/nn.h>

#include <array>
#include <string>
#include <vector>

#include "train/modules/batch_norm.h"

namespace limner::train {

// x: [B, C, h, w], every position divided by its norm over channels.
torch::Tensor unit_norm(const torch::Tensor& x);

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
  // Channels of the maps that features() gives.
  static constexpr std::array<int, 4> kChannels = {96, 256, 512, 512};

  // border: zeros around the picture, 0 as published. With 3 the maps of a
  // picture whose side 16 divides have exactly a half, a quarter, .. of it.
  explicit SqueezeNetImpl(int border = 0);

  // x: RGB [B, 3, h, w] in [-1, 1], 32 px or more -> the activations of conv1
  // (h/2), fire4 (h/4), fire8 (h/8) and fire9 (h/16), all after ReLU and before
  // the pooling that follows.
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

// One unit of ResNet-50: 1x1 to a quarter of the channels, 3x3 with stride, 1x1
// back, each with batch norm; the shortcut is projected ("downsample") where
// shapes differ.
class BottleneckImpl : public torch::nn::Module {
 public:
  BottleneckImpl(int in, int width, int stride);

  // x: [B, in, h, w] -> [B, 4 width, h / stride, w / stride].
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Conv2d conv1_, conv2_, conv3_;
  BatchNorm2d bn1_, bn2_, bn3_;
  torch::nn::Sequential downsample_{nullptr};
};
TORCH_MODULE(Bottleneck);

// ResNet-50 (He et al., 2016) as the query encoder of MoCo v2 (Chen et al.,
// 2020) has it: 2048 numbers that describe a picture, without a classifier.
class ResNet50Impl : public torch::nn::Module {
 public:
  ResNet50Impl();

  // x: [B, 3, h, w] -> [B, 2048]: the mean over positions.
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Conv2d conv1_;
  BatchNorm2d bn1_;
  std::vector<Bottleneck> blocks_;
};
TORCH_MODULE(ResNet50);

}  // namespace limner::train
