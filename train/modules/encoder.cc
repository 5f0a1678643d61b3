#include "train/modules/encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "train/modules/batch_norm.h"
#include "train/modules/fused.h"
#include "util/error.h"

namespace limner::train {
namespace {

namespace nn = torch::nn;

constexpr double kHeadSlope = 0.01;

nn::Conv2d conv3x3(int in, int out, int stride, bool bias) {
  return nn::Conv2d(
      nn::Conv2dOptions(in, out, 3).stride(stride).padding(1).bias(bias));
}

nn::Conv2d conv1x1(int in, int out, bool bias) {
  return nn::Conv2d(nn::Conv2dOptions(in, out, 1).bias(bias));
}

// Scales each channel by a gate in (0, 1) made from the channels' means.
class SqueezeExciteImpl : public nn::Module {
 public:
  SqueezeExciteImpl(int channels, int reduction) {
    const int squeezed = std::max(1, channels / reduction);
    squeeze_ = register_module("fc1", conv1x1(channels, squeezed, false));
    excite_ = register_module("fc2", conv1x1(squeezed, channels, false));
  }

  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor means = x.mean({2, 3}, /*keepdim=*/true);
    return x * torch::sigmoid(excite_(torch::relu(squeeze_(means))));
  }

 private:
  nn::Conv2d squeeze_{nullptr}, excite_{nullptr};
};
TORCH_MODULE(SqueezeExcite);

int log2_of(int value) {
  int bits = 0;
  while ((2 << bits) <= value) ++bits;
  return bits;
}

torch::Tensor enlarge(const torch::Tensor& x, const torch::Tensor& like) {
  return nn::functional::interpolate(
      x, nn::functional::InterpolateFuncOptions()
             .size(std::vector<int64_t>{like.size(2), like.size(3)})
             .mode(torch::kBilinear)
             .align_corners(true));
}

}  // namespace

nn::Sequential make_input_layer(int in, int out) {
  return nn::Sequential(conv3x3(in, out, 1, false), BatchNorm2d(out),
                        Prelu(out));
}

StyleHeadImpl::StyleHeadImpl(int width, int convs) {
  convs_ = register_module("convs", nn::Sequential());
  for (int i = 0; i < convs; ++i) {
    convs_->push_back(conv3x3(width, width, 2, true));
    convs_->push_back(
        nn::LeakyReLU(nn::LeakyReLUOptions().negative_slope(kHeadSlope)));
  }
  linear_ = register_module("linear", EqualLinear(width, width));
}

torch::Tensor StyleHeadImpl::forward(const torch::Tensor& x) {
  return linear_(convs_->forward(x).flatten(1));
}

IrSeUnitImpl::IrSeUnitImpl(int in, int out, int stride, int reduction)
    : stride_(stride) {
  if (in != out) {
    shortcut_ = register_module(
        "shortcut_layer",
        nn::Sequential(conv1x1(in, out, false), BatchNorm2d(out)));
  }
  residual_ = register_module(
      "res_layer",
      nn::Sequential(BatchNorm2d(in), conv3x3(in, out, 1, false), Prelu(out),
                     conv3x3(out, out, stride, false), BatchNorm2d(out),
                     SqueezeExcite(out, reduction)));
}

torch::Tensor IrSeUnitImpl::forward(const torch::Tensor& x) {
  torch::Tensor shortcut = x;
  if (stride_ > 1) {
    // Also in front of the 1x1 convolution: oneDNN 2.6 computes its gradient
    // outside of its memory for some numbers of channels when it has a stride.
    shortcut =
        x.slice(2, 0, x.size(2), stride_).slice(3, 0, x.size(3), stride_);
  }
  if (shortcut_) shortcut = shortcut_->forward(shortcut);
  return residual_->forward(x) + shortcut;
}

IrSeBodyImpl::IrSeBodyImpl(const BodyConfig& config) {
  int in = config.widths[0];
  int index = 0;
  for (size_t group = 0; group < groups_.size(); ++group) {
    const int out = config.widths[group];
    for (int i = 0; i < config.units[group]; ++i) {
      groups_[group].push_back(
          register_module(fmt::format("{}", index++),
                          IrSeUnit(in, out, i == 0 ? 2 : 1, config.reduction)));
      in = out;
    }
  }
}

std::array<torch::Tensor, 4> IrSeBodyImpl::forward(const torch::Tensor& x) {
  std::array<torch::Tensor, 4> outputs;
  torch::Tensor map = x;
  for (size_t group = 0; group < groups_.size(); ++group) {
    for (IrSeUnit& unit : groups_[group]) map = unit(map);
    outputs[group] = map;
  }
  return outputs;
}

EncoderImpl::EncoderImpl(const EncoderConfig& config) : config_(config) {
  const auto& widths = config.body.widths;
  const int deepest_side = config.side / 16;
  if (deepest_side < 2 || (config.side & (config.side - 1)) != 0) {
    fail("an encoder reads pictures of 32, 64, 128, ... px, got {}",
         config.side);
  }
  if (config.first < 0 || config.last <= config.first) {
    fail("an encoder needs a range of styles, got [{}, {})", config.first,
         config.last);
  }
  input_ = register_module("input_layer",
                           make_input_layer(config.inputs, widths[0]));
  body_ = register_module("body", IrSeBody(config.body));
  // Heads keep their number in the whole model, so that the published names
  // hold for an encoder that has only some of them.
  const auto styles =
      register_module("styles", std::make_shared<nn::Module>("styles"));
  int deepest_level = 0;
  for (int style = config.first; style < config.last; ++style) {
    const int level = head_level(style);
    deepest_level = std::max(deepest_level, level);
    heads_.push_back(styles->register_module(
        fmt::format("{}", style),
        StyleHead(widths[3], log2_of(deepest_side) + level)));
  }
  if (deepest_level >= 1) {
    lateral1_ =
        register_module("latlayer1", conv1x1(widths[2], widths[3], true));
  }
  if (deepest_level >= 2) {
    lateral2_ =
        register_module("latlayer2", conv1x1(widths[1], widths[3], true));
  }
}

torch::Tensor EncoderImpl::enter(const torch::Tensor& x) {
  if (!config_.plane) return input_->forward(x);
  const torch::Tensor& weight = input_->ptr<nn::Conv2dImpl>(0)->weight;
  const int64_t others = config_.inputs - 1;
  const auto convolved = [&](int64_t from, int64_t to) {
    return torch::conv2d(x.slice(1, from, to), weight.slice(1, from, to), {},
                         /*stride=*/1, /*padding=*/1);
  };
  torch::Tensor map = convolved(0, others) + convolved(others, config_.inputs);
  map = input_->ptr<BatchNorm2dImpl>(1)->forward(map);
  return input_->ptr<PreluImpl>(2)->forward(map);
}

torch::Tensor EncoderImpl::forward(const torch::Tensor& x, size_t heads,
                                   std::array<torch::Tensor, 5>* maps) {
  if (x.dim() != 4 || x.size(1) != config_.inputs ||
      x.size(2) != config_.side || x.size(3) != config_.side) {
    fail("an encoder got an input of shape {}, expected [B, {}, {}, {}]",
         to_string(x.sizes().vec()), config_.inputs, config_.side,
         config_.side);
  }
  const torch::Tensor first = enter(x);
  const auto groups = body_(first);
  if (maps != nullptr) {
    *maps = {first, groups[0], groups[1], groups[2], groups[3]};
  }
  std::array<torch::Tensor, 3> levels = {groups[3], {}, {}};
  if (lateral1_) {
    levels[1] = enlarge(levels[0], groups[2]) + lateral1_(groups[2]);
  }
  if (lateral2_) {
    levels[2] = enlarge(levels[1], groups[1]) + lateral2_(groups[1]);
  }
  std::vector<torch::Tensor> codes;
  const size_t count = heads == 0 ? heads_.size() : heads;
  for (size_t i = 0; i < count; ++i) {
    const int style = config_.first + static_cast<int>(i);
    codes.push_back(heads_[i](levels[head_level(style)]));
  }
  return torch::stack(codes, 1);
}

}  // namespace limner::train
