// StyleGAN2's residual discriminator (Karras et al., 2020), with the names of
// the published weights ("d" in StyleGAN2's files).
#pragma once

#include <torch/nn.h>

#include <vector>

#include "train/modules/layers.h"
#include "weights/tensor.h"

namespace limner::train {

struct DiscriminatorConfig {
  // Channels at 4 px, 8 px, ... : as many as there are resolutions.
  std::vector<int> channels = {512, 512, 512, 512, 512, 256, 128, 64, 32};

  int size() const { return 4 << (channels.size() - 1); }
};

// What the shapes of the weights under `prefix` say. Throws Error.
DiscriminatorConfig read_discriminator_config(const TensorMap& tensors,
                                              const std::string& prefix);

// How far the pictures of a batch differ: the standard deviation over groups
// of up to four pictures, averaged over channels and pixels, as one more
// channel. x: [B, C, h, w] -> [B, C + 1, h, w]. Picture i is in the group of
// i + n, i + 2n, ... (n: the number of groups), as published; where four do
// not divide B the groups are the largest size that does.
torch::Tensor append_batch_deviation(const torch::Tensor& x);

// A convolution k x k with its bias and gain * LeakyReLU. The gain is put into
// weights and bias, which is the same and saves a pass over the map. Behind a
// low-pass filter it can halve the side.
class ConvActivationImpl : public torch::nn::Module {
 public:
  ConvActivationImpl(int in, int out, int kernel, double gain, bool halve);

  // x: [B, in, h, w] -> [B, out, h, w] or [B, out, h / 2, w / 2].
  torch::Tensor forward(const torch::Tensor& x);

 private:
  double gain_;
  Blur blur_{nullptr};
  EqualConv conv_{nullptr};
  HeldParameter bias_{nullptr};
};
TORCH_MODULE(ConvActivation);

// Halves the side: two convolutions 3x3 beside a 1x1, each low-passed before
// it skips pixels; their sum over sqrt(2).
class ResidualBlockImpl : public torch::nn::Module {
 public:
  ResidualBlockImpl(int in, int out);

  // x: [B, in, h, w] -> [B, out, h / 2, w / 2].
  torch::Tensor forward(const torch::Tensor& x);

 private:
  ConvActivation conv1_, conv2_;
  Blur skip_blur_{nullptr};
  EqualConv skip_conv_{nullptr};
};
TORCH_MODULE(ResidualBlock);

class DiscriminatorImpl : public torch::nn::Module {
 public:
  explicit DiscriminatorImpl(const DiscriminatorConfig& config);

  const DiscriminatorConfig& config() const { return config_; }

  // picture: [B, 3, size, size] in [-1, 1] -> logits [B]: high for real.
  // `maps`, if given, gets what each block made, from large to small. Throws
  // Error on another shape.
  torch::Tensor forward(const torch::Tensor& picture,
                        std::vector<torch::Tensor>* maps = nullptr);

 private:
  DiscriminatorConfig config_;
  ConvActivation from_rgb_{nullptr}, final_conv_{nullptr};
  torch::nn::Sequential final_linear_{nullptr};
  std::vector<ResidualBlock> blocks_;
};
TORCH_MODULE(Discriminator);

// Progressive growth: copies what `small`, a discriminator of smaller pictures,
// has learned into the deeper layers of `large`. Throws Error where their
// channels differ.
void copy_deeper_layers(const DiscriminatorImpl& small,
                        DiscriminatorImpl& large);

}  // namespace limner::train
