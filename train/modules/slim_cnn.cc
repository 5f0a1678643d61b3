#include "train/modules/slim_cnn.h"

#include <fmt/format.h>

#include "train/modules/batch_norm.h"

namespace limner::train {
namespace {

namespace nn = torch::nn;

nn::Sequential conv_norm_relu(int in, int out, int kernel, int stride,
                              bool bias) {
  return nn::Sequential(
      nn::Conv2d(nn::Conv2dOptions(in, out, kernel).stride(stride).bias(bias)),
      BatchNorm2d(out), nn::ReLU());
}

// A 3x3 convolution a channel, then a 1x1.
nn::Sequential separable(int in, int out) {
  return nn::Sequential(
      nn::Conv2d(
          nn::Conv2dOptions(in, in, 3).padding(1).groups(in).bias(false)),
      BatchNorm2d(in), nn::ReLU(),
      nn::Conv2d(nn::Conv2dOptions(in, out, 1).bias(false)), BatchNorm2d(out),
      nn::ReLU());
}

torch::Tensor pool(const torch::Tensor& x) {
  return torch::max_pool2d(x, /*kernel_size=*/3, /*stride=*/2);
}

}  // namespace

SlimCnnConfig read_slim_cnn_config(const TensorMap& tensors) {
  SlimCnnConfig config;
  const auto outputs = [&](const std::string& name, const Shape& shape) {
    return static_cast<int>(tensors.at(name, shape).shape[0]);
  };
  config.first = outputs("conv1.0.weight", {-1, 3, 7, 7});
  for (size_t i = 0; i < config.widths.size(); ++i) {
    const std::string name = fmt::format("slim{}.", i + 1);
    config.squeezed[i] =
        outputs(name + "sse1.squeeze.0.weight", {-1, -1, 1, 1});
    config.widths[i] = outputs(name + "expand3_dw.3.weight", {-1, -1, 1, 1});
  }
  config.attributes = outputs("fc.weight", {-1, -1});
  return config;
}

SlimBlockImpl::SlimBlockImpl(int in, int squeezed)
    : squeeze_(
          register_module("squeeze", conv_norm_relu(in, squeezed, 1, 1, true))),
      expand1_(register_module(
          "expand1", conv_norm_relu(squeezed, 4 * squeezed, 1, 1, true))),
      expand3_(
          register_module("expand3_dw", separable(squeezed, 4 * squeezed))) {}

torch::Tensor SlimBlockImpl::forward(const torch::Tensor& x) {
  const torch::Tensor s = squeeze_->forward(x);
  return torch::cat({expand3_->forward(s), expand1_->forward(s)}, 1);
}

SlimModuleImpl::SlimModuleImpl(int in, int squeezed, int out)
    : skip_(register_module("skip_projection",
                            conv_norm_relu(in, 8 * squeezed, 1, 1, false))),
      block1_(register_module("sse1", SlimBlock(in, squeezed))),
      block2_(register_module("sse2", SlimBlock(8 * squeezed, squeezed))),
      expand3_(register_module("expand3_dw", separable(8 * squeezed, out))) {}

torch::Tensor SlimModuleImpl::forward(const torch::Tensor& x) {
  return expand3_->forward(block2_(block1_(x) + skip_->forward(x)));
}

SlimCnnImpl::SlimCnnImpl(const SlimCnnConfig& config) {
  conv1_ =
      register_module("conv1", conv_norm_relu(3, config.first, 7, 2, true));
  int in = config.first;
  for (size_t i = 0; i < config.widths.size(); ++i) {
    modules_.push_back(
        register_module(fmt::format("slim{}", i + 1),
                        SlimModule(in, config.squeezed[i], config.widths[i])));
    in = config.widths[i];
  }
  fc_ = register_module("fc", nn::Linear(in, config.attributes));
}

std::vector<torch::Tensor> SlimCnnImpl::features(const torch::Tensor& x) {
  std::vector<torch::Tensor> maps = {pool(conv1_->forward(x))};
  for (size_t i = 0; i + 1 < modules_.size(); ++i) {
    maps.push_back(pool(modules_[i](maps.back())));
  }
  return maps;
}

torch::Tensor SlimCnnImpl::forward(const torch::Tensor& x) {
  return fc_(pool(modules_.back()(features(x).back())).mean({2, 3}));
}

}  // namespace limner::train
