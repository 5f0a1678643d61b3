// A parsing U-Net (Ronneberger et al., 2015): the class of every pixel of a
// face, and the decoder features that semantic feature matching compares.
#pragma once

#include <torch/nn.h>

#include <string>
#include <vector>

#include "train/modules/feature_nets.h"
#include "weights/tensor.h"

namespace limner::train {

struct UnetConfig {
  // Channels of each level; each but the first halves the side. The published
  // parser has "feature scale" 4.
  std::vector<int> widths = {16, 32, 64, 128, 256};
  int classes = 19;
  // The first level reads fold x fold pixels as one, and the last layer writes
  // as many: detail of the whole picture at the cost of a smaller one. 1: the
  // published parser.
  int fold = 1;
  // With a second way down: SqueezeNet ("context"), whose maps go through 1x1
  // convolutions with batch norm ("context_to1", ..) and are added to those of
  // the levels with their sides. It has seen more than the faces trained on.
  bool context = false;
};

// What the shapes of the weights under `prefix` say. Throws Error.
UnetConfig read_unet_config(const TensorMap& tensors,
                            const std::string& prefix);

// Two convolutions 3x3, each with batch norm and ReLU: "conv1", "conv2".
class UnetBlockImpl : public torch::nn::Module {
 public:
  UnetBlockImpl(int in, int out);

  // x: [B, in, h, w] -> [B, out, h, w].
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Sequential conv1_, conv2_;
};
TORCH_MODULE(UnetBlock);

// One step of the decoder: "up" doubles the side, "conv" joins the encoder's
// features of that side.
class UnetUpImpl : public torch::nn::Module {
 public:
  UnetUpImpl(int in, int out);

  // x: [B, in, h, w], skip: [B, out, 2h, 2w] -> [B, out, 2h, 2w].
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& skip);

 private:
  torch::nn::ConvTranspose2d up_;
  UnetBlock conv_;
};
TORCH_MODULE(UnetUp);

class UnetImpl : public torch::nn::Module {
 public:
  explicit UnetImpl(const UnetConfig& config);

  const UnetConfig& config() const { return config_; }

  // x: [B, 3, h, w], h and w multiples of side_step() -> the decoder's features
  // from the deepest up (with fold 1: up4 [B, 128, h/8, w/8], up3, up2, up1)
  // and last the logits [B, classes, h, w]. Throws Error on other sides.
  std::vector<torch::Tensor> features(const torch::Tensor& x);

  // The logits alone.
  torch::Tensor forward(const torch::Tensor& x);

  int64_t side_step() const;

  // The parameters of the context network, and all others.
  std::vector<torch::Tensor> context_parameters() const;
  std::vector<torch::Tensor> own_parameters() const;

 private:
  UnetConfig config_;
  SqueezeNet context_{nullptr};
  // For each of its maps; null where no level has its side.
  std::vector<torch::nn::Sequential> context_to_;
  std::vector<UnetBlock> down_;  // the last one is the "center"
  std::vector<UnetUp> up_;       // from the deepest up
  torch::nn::Conv2d final_{nullptr};
};
TORCH_MODULE(Unet);

}  // namespace limner::train
