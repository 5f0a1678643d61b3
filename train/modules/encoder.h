// The published GradualStyleEncoder ("Encoding in Style", Richardson et al.,
// 2021): an IR-SE 50 body, a small feature pyramid, one head a style code.
#pragma once

#include <torch/nn.h>

#include <array>
#include <vector>

#include "model/layout.h"
#include "train/modules/layers.h"

namespace limner::train {

// input_layer: conv3x3, batch norm, PReLU.
torch::nn::Sequential make_input_layer(int in, int out);

// One residual unit of an IR-SE network: batch norm, conv3x3, PReLU, conv3x3
// with stride, batch norm, squeeze and excitation; the shortcut is the input,
// subsampled, or where channels differ conv1x1 and batch norm.
class IrSeUnitImpl : public torch::nn::Module {
 public:
  IrSeUnitImpl(int in, int out, int stride, int reduction);

  // x: [B, in, h, w] -> [B, out, ceil(h / stride), ceil(w / stride)].
  torch::Tensor forward(const torch::Tensor& x);

 private:
  int stride_;
  torch::nn::Sequential residual_{nullptr}, shortcut_{nullptr};
};
TORCH_MODULE(IrSeUnit);

// The units of all four groups, named "0", "1", ...; each group halves the
// side.
class IrSeBodyImpl : public torch::nn::Module {
 public:
  explicit IrSeBodyImpl(const BodyConfig& config);

  // x: [B, widths[0], h, w] -> the outputs of the four groups:
  // [B, widths[g], h / 2^(g+1), w / 2^(g+1)].
  std::array<torch::Tensor, 4> forward(const torch::Tensor& x);

 private:
  std::array<std::vector<IrSeUnit>, 4> groups_;
};
TORCH_MODULE(IrSeBody);

// One head: stride-2 convolutions with LeakyReLU(0.01) down to one pixel, then
// an equalized linear layer.
class StyleHeadImpl : public torch::nn::Module {
 public:
  StyleHeadImpl(int width, int convs);

  // x: [B, width, 2^convs, 2^convs] -> [B, width].
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Sequential convs_{nullptr};
  EqualLinear linear_{nullptr};
};
TORCH_MODULE(StyleHead);

class EncoderImpl : public torch::nn::Module {
 public:
  explicit EncoderImpl(const EncoderConfig& config);

  const EncoderConfig& config() const { return config_; }

  // x: [B, inputs, side, side] -> [B, last - first, style_width], not yet
  // scaled (the published encoders scale W by 60, W+ by 6). `heads`: how many
  // to compute, the first ones; 0: all. `maps`, if given, gets the body's maps
  // from the largest to the smallest: the input layer's and those of the
  // groups, [B, map_channels(i), side >> i, side >> i].
  torch::Tensor forward(const torch::Tensor& x, size_t heads = 0,
                        std::array<torch::Tensor, 5>* maps = nullptr);

 private:
  torch::Tensor enter(const torch::Tensor& x);  // the input layer

  EncoderConfig config_;
  torch::nn::Sequential input_{nullptr};
  IrSeBody body_{nullptr};
  torch::nn::Conv2d lateral1_{nullptr}, lateral2_{nullptr};  // of c2, of c1
  std::vector<StyleHead> heads_;  // of first, first + 1, ...
};
TORCH_MODULE(Encoder);

}  // namespace limner::train
