#include "train/modules/pixel_critic.h"

#include <fmt/format.h>
#include <torch/nn/functional.h>

#include "train/modules/check_pictures.h"
#include "util/error.h"

namespace limner::train {
namespace {

torch::Tensor doubled(const torch::Tensor& x) {
  return torch::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
}

}  // namespace

SpectralBlockImpl::SpectralBlockImpl(int in, int out)
    : conv1_(register_module("conv1", SpectralConv(in, out, 3))),
      conv2_(register_module("conv2", SpectralConv(out, out, 3))),
      skip_(register_module("skip", SpectralConv(in, out, 1))) {}

torch::Tensor SpectralBlockImpl::forward(const torch::Tensor& x) {
  return skip_(x) + conv2_(spectral_activation(conv1_(spectral_activation(x))));
}

PixelCriticImpl::PixelCriticImpl(const PixelCriticConfig& config)
    : config_(config) {
  const std::vector<int>& widths = config.widths;
  if (widths.size() < 2) {
    fail("a pixel discriminator needs two levels or more, got {}",
         widths.size());
  }
  const int area = config.fold * config.fold;
  first_ = register_module("first", SpectralConv(3 * area, widths[0], 3));
  for (size_t i = 0; i < widths.size(); ++i) {
    down_.push_back(
        register_module(fmt::format("down{}", i),
                        SpectralBlock(widths[i == 0 ? 0 : i - 1], widths[i])));
  }
  for (size_t i = widths.size() - 1; i > 0; --i) {
    up_.push_back(register_module(
        fmt::format("up{}", i - 1),
        SpectralBlock(widths[i] + widths[i - 1], widths[i - 1])));
  }
  last_ = register_module("last",
                          verdict_layer(widths[0], (config.parts + 1) * area));
}

int64_t PixelCriticImpl::side_step() const {
  return int64_t{config_.fold} << (down_.size() - 1);
}

PixelCriticImpl::Reading PixelCriticImpl::forward(const torch::Tensor& x) {
  check_pictures(x, side_step(), "a pixel discriminator");
  std::vector<torch::Tensor> skips;
  torch::Tensor map = first_(torch::pixel_unshuffle(x, config_.fold));
  for (size_t i = 0; i < down_.size(); ++i) {
    map = down_[i](i == 0 ? map : torch::avg_pool2d(map, 2));
    skips.push_back(map);
  }
  Reading reading;
  for (size_t i = 0; i < up_.size(); ++i) {
    map = up_[i](torch::cat({doubled(map), skips[skips.size() - 2 - i]}, 1));
    reading.maps.push_back(map);
  }
  reading.logits =
      torch::pixel_shuffle(last_(spectral_activation(map)), config_.fold);
  return reading;
}

PatchCriticImpl::PatchCriticImpl(int width) {
  const auto add = [&](int in, int out, int stride) {
    convs_.push_back(register_module(fmt::format("conv{}", convs_.size()),
                                     SpectralConv(in, out, 3, stride)));
  };
  add(3, width, 1);
  add(width, 2 * width, 2);
  add(2 * width, 2 * width, 1);
  add(2 * width, 4 * width, 2);
  add(4 * width, 4 * width, 1);
  last_ = register_module("last", verdict_layer(4 * width, 1));
}

PatchCriticImpl::Reading PatchCriticImpl::forward(const torch::Tensor& x) {
  Reading reading;
  torch::Tensor map = x;
  for (SpectralConv& conv : convs_) {
    map = spectral_activation(conv(map));
    reading.maps.push_back(map);
  }
  reading.logits = last_(map);
  return reading;
}

}  // namespace limner::train
