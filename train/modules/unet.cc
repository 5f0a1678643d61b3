#include "train/modules/unet.h"

#include <fmt/format.h>

#include <algorithm>

#include "train/modules/batch_norm.h"
#include "train/modules/check_pictures.h"
#include "util/error.h"

namespace limner::train {
namespace {

namespace nn = torch::nn;

nn::Sequential conv_norm_relu(int in, int out) {
  return nn::Sequential(nn::Conv2d(nn::Conv2dOptions(in, out, 3).padding(1)),
                        BatchNorm2d(out), nn::ReLU());
}

// The level that has the side of map i of the context network, which is the
// picture's divided by 2^(i + 1).
size_t context_level(size_t i, int fold) { return fold == 1 ? i + 1 : i; }

}  // namespace

UnetConfig read_unet_config(const TensorMap& tensors,
                            const std::string& prefix) {
  UnetConfig config;
  config.widths.clear();
  const auto add = [&](const std::string& block) {
    const std::string name = prefix + block + ".conv1.0.weight";
    if (!tensors.has(name)) return false;
    const Shape shape = tensors.at(name, {-1, -1, 3, 3}).shape;
    config.widths.push_back(static_cast<int>(shape[0]));
    return true;
  };
  while (add(fmt::format("conv{}", config.widths.size() + 1))) {
  }
  if (config.widths.empty() || !add("center")) {
    fail(
        "{}: weights '{}conv1.conv1.0.weight', '{}center.conv1.0.weight' of a "
        "parsing network are missing",
        tensors.source, prefix, prefix);
  }
  const auto area = static_cast<int>(
      tensors.at(prefix + "conv1.conv1.0.weight").shape[1] / 3);
  config.fold = 1;
  while (config.fold * config.fold < area) ++config.fold;
  const Shape last = tensors.at(prefix + "final.weight", {-1, -1, 1, 1}).shape;
  config.classes = static_cast<int>(last[0]) / (config.fold * config.fold);
  config.context = tensors.has(prefix + "context.conv1__w");
  return config;
}

UnetBlockImpl::UnetBlockImpl(int in, int out)
    : conv1_(register_module("conv1", conv_norm_relu(in, out))),
      conv2_(register_module("conv2", conv_norm_relu(out, out))) {}

torch::Tensor UnetBlockImpl::forward(const torch::Tensor& x) {
  return conv2_->forward(conv1_->forward(x));
}

UnetUpImpl::UnetUpImpl(int in, int out)
    : up_(register_module(
          "up", nn::ConvTranspose2d(
                    nn::ConvTranspose2dOptions(in, out, 2).stride(2)))),
      conv_(register_module("conv", UnetBlock(2 * out, out))) {}

torch::Tensor UnetUpImpl::forward(const torch::Tensor& x,
                                  const torch::Tensor& skip) {
  // The four outputs of a pixel are a convolution of one tap: libtorch's
  // transposed convolutions compute in 32 bits, one picture after another.
  const int64_t out = up_->weight.size(1);
  const torch::Tensor phases = torch::conv2d(
      x, up_->weight.permute({1, 2, 3, 0}).reshape({4 * out, -1, 1, 1}),
      up_->bias.repeat_interleave(4));
  return conv_(torch::cat({skip, torch::pixel_shuffle(phases, 2)}, 1));
}

UnetImpl::UnetImpl(const UnetConfig& config) : config_(config) {
  const size_t levels = config.widths.size();
  if (levels < 2) fail("a U-Net needs two levels or more, got {}", levels);
  const int area = config.fold * config.fold;
  int in = 3 * area;
  for (size_t i = 0; i < levels; ++i) {
    const std::string name =
        i + 1 < levels ? fmt::format("conv{}", i + 1) : "center";
    down_.push_back(register_module(name, UnetBlock(in, config.widths[i])));
    in = config.widths[i];
  }
  for (size_t i = levels - 1; i > 0; --i) {
    up_.push_back(
        register_module(fmt::format("up_concat{}", i),
                        UnetUp(config.widths[i], config.widths[i - 1])));
  }
  final_ = register_module(
      "final", nn::Conv2d(nn::Conv2dOptions(config.widths[0],
                                            config.classes * area, 1)));
  if (!config.context) return;
  if (config.fold > 2) {
    fail("a parser with a context network folds 1 or 2 pixels, got {}",
         config.fold);
  }
  context_ = register_module("context", SqueezeNet(/*border=*/3));
  for (size_t i = 0; i < SqueezeNetImpl::kChannels.size(); ++i) {
    nn::Sequential to{nullptr};
    const size_t level = context_level(i, config.fold);
    if (level < levels) {
      const int channels = config.widths[level];
      BatchNorm2d norm(channels);
      // It begins without a say: a trained parser may be given a context.
      nn::init::zeros_(norm->weight);
      to = register_module(
          fmt::format("context_to{}", level + 1),
          nn::Sequential(
              nn::Conv2d(
                  nn::Conv2dOptions(SqueezeNetImpl::kChannels[i], channels, 1)
                      .bias(false)),
              norm));
    }
    context_to_.push_back(to);
  }
}

int64_t UnetImpl::side_step() const {
  const int64_t own = int64_t{config_.fold} << (down_.size() - 1);
  return config_.context ? std::max<int64_t>(own, 16) : own;
}

std::vector<torch::Tensor> UnetImpl::context_parameters() const {
  return context_ ? context_->parameters() : std::vector<torch::Tensor>();
}

std::vector<torch::Tensor> UnetImpl::own_parameters() const {
  std::vector<torch::Tensor> own;
  for (const auto& item : named_parameters()) {
    if (item.key().rfind("context.", 0) != 0) own.push_back(item.value());
  }
  return own;
}

std::vector<torch::Tensor> UnetImpl::features(const torch::Tensor& x) {
  check_pictures(x, side_step(), "a parsing network");
  std::vector<torch::Tensor> context(down_.size());
  if (context_) {
    const std::vector<torch::Tensor> seen = context_->features(x);
    for (size_t i = 0; i < seen.size(); ++i) {
      const size_t level = context_level(i, config_.fold);
      if (context_to_[i]) context[level] = context_to_[i]->forward(seen[i]);
    }
  }
  std::vector<torch::Tensor> skips;
  for (size_t i = 0; i < down_.size(); ++i) {
    const torch::Tensor map =
        down_[i](i == 0 ? torch::pixel_unshuffle(x, config_.fold)
                        : torch::max_pool2d(skips.back(), 2));
    skips.push_back(context[i].defined() ? map + context[i] : map);
  }
  std::vector<torch::Tensor> maps;
  torch::Tensor map = skips.back();
  for (size_t i = 0; i < up_.size(); ++i) {
    map = up_[i](map, skips[skips.size() - 2 - i]);
    maps.push_back(map);
  }
  maps.push_back(torch::pixel_shuffle(final_(map), config_.fold));
  return maps;
}

torch::Tensor UnetImpl::forward(const torch::Tensor& x) {
  return features(x).back();
}

}  // namespace limner::train
