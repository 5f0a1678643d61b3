#include "train/modules/discriminator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "util/error.h"

namespace limner::train {
namespace {

namespace nn = torch::nn;

constexpr int64_t kGroup = 4;  // pictures whose deviation is measured
constexpr double kDeviationEpsilon = 1e-8;  // under its root
// Of each branch in a block's sum: 1/sqrt(2) keeps the variance.
constexpr double kShare = 0.7071067811865476;

}  // namespace

DiscriminatorConfig read_discriminator_config(const TensorMap& tensors,
                                              const std::string& prefix) {
  DiscriminatorConfig config;
  const Shape first =
      tensors.at(prefix + "convs.0.0.weight", {-1, 3, 1, 1}).shape;
  config.channels = {static_cast<int>(first[0])};
  for (int i = 1;; ++i) {
    const std::string name =
        fmt::format("{}convs.{}.conv2.1.weight", prefix, i);
    if (!tensors.has(name)) break;
    const Shape shape = tensors.at(name, {-1, -1, 3, 3}).shape;
    config.channels.insert(config.channels.begin(), static_cast<int>(shape[0]));
  }
  return config;
}

ConvActivationImpl::ConvActivationImpl(int in, int out, int kernel, double gain,
                                       bool halve)
    : gain_(gain) {
  // Numbered as in the published network, whose filter is the first layer.
  int layer = 0;
  const auto name = [&] { return fmt::format("{}", layer++); };
  if (halve) blur_ = register_module(name(), Blur(1.0));
  conv_ = register_module(name(), EqualConv(in, out, kernel, halve ? 2 : 1,
                                            halve ? 0 : kernel / 2));
  bias_ = register_module(name(), HeldParameter("bias", torch::zeros({out})));
}

torch::Tensor ConvActivationImpl::forward(const torch::Tensor& x) {
  // Padded so that the result has exactly half the side.
  const torch::Tensor smooth = blur_.is_empty() ? x : blur_->filter(x, 2);
  return torch::leaky_relu(conv_(smooth, bias_->value * gain_, gain_),
                           kLeakySlope);
}

ResidualBlockImpl::ResidualBlockImpl(int in, int out)
    : conv1_(register_module("conv1",
                             ConvActivation(in, in, 3, kLeakyGain, false))),
      // Its share in the sum cancels the activation's gain.
      conv2_(register_module(
          "conv2", ConvActivation(in, out, 3, kLeakyGain * kShare, true))) {
  const auto skip =
      register_module("skip", std::make_shared<nn::Module>("skip"));
  skip_blur_ = skip->register_module("0", Blur(1.0));
  skip_conv_ = skip->register_module("1", EqualConv(in, out, 1, 1, 0));
}

torch::Tensor ResidualBlockImpl::forward(const torch::Tensor& x) {
  const torch::Tensor beside = skip_conv_(
      skip_blur_->filter(x, /*pad=*/1, /*stride=*/2), torch::Tensor(), kShare);
  return conv2_(conv1_(x)) + beside;
}

torch::Tensor append_batch_deviation(const torch::Tensor& x) {
  const int64_t batch = x.size(0);
  int64_t group = std::min(batch, kGroup);
  while (batch % group != 0) --group;
  const torch::Tensor grouped =
      x.reshape({group, batch / group, x.size(1), x.size(2), x.size(3)});
  const torch::Tensor deviation =
      (grouped.var(0, /*unbiased=*/false) + kDeviationEpsilon).sqrt();
  const torch::Tensor map = deviation.mean({1, 2, 3})
                                .repeat({group})
                                .view({batch, 1, 1, 1})
                                .expand({-1, 1, x.size(2), x.size(3)});
  return torch::cat({x, map}, 1);
}

DiscriminatorImpl::DiscriminatorImpl(const DiscriminatorConfig& config)
    : config_(config) {
  if (config.channels.empty()) fail("a discriminator needs a resolution");
  const auto convs =
      register_module("convs", std::make_shared<nn::Module>("convs"));
  from_rgb_ = convs->register_module(
      "0", ConvActivation(3, config.channels.back(), 1, kLeakyGain, false));
  for (size_t i = config.channels.size() - 1; i > 0; --i) {
    blocks_.push_back(convs->register_module(
        fmt::format("{}", config.channels.size() - i),
        ResidualBlock(config.channels[i], config.channels[i - 1])));
  }
  const int last = config.channels[0];
  final_conv_ = register_module(
      "final_conv", ConvActivation(last + 1, last, 3, kLeakyGain, false));
  EqualLinearOptions activated;
  activated.activate = true;
  final_linear_ = register_module(
      "final_linear", nn::Sequential(EqualLinear(last * 16, last, activated),
                                     EqualLinear(last, 1)));
}

torch::Tensor DiscriminatorImpl::forward(const torch::Tensor& picture,
                                         std::vector<torch::Tensor>* maps) {
  if (picture.dim() != 4 || picture.size(1) != 3 ||
      picture.size(2) != config_.size() || picture.size(3) != config_.size()) {
    fail("a discriminator got an input of shape {}, expected [B, 3, {}, {}]",
         to_string(picture.sizes().vec()), config_.size(), config_.size());
  }
  torch::Tensor map = from_rgb_(picture);
  for (ResidualBlock& block : blocks_) {
    map = block(map);
    if (maps != nullptr) maps->push_back(map);
  }
  map = final_conv_(append_batch_deviation(map));
  return final_linear_->forward(map.flatten(1)).squeeze(1);
}

void copy_deeper_layers(const DiscriminatorImpl& small,
                        DiscriminatorImpl& large) {
  const size_t added =
      large.config().channels.size() - small.config().channels.size();
  const auto target = large.named_parameters();
  const torch::NoGradGuard no_grad;
  for (const auto& item : small.named_parameters()) {
    std::string name = item.key();
    // Blocks are numbered from the picture down: "convs.1" is the first one,
    // "convs.0" reads the picture itself, which is another now.
    const std::string blocks = "convs.";
    if (name.compare(0, blocks.size(), blocks) == 0) {
      const size_t end = name.find('.', blocks.size());
      const int block = std::stoi(name.substr(blocks.size(), end));
      if (block == 0) continue;
      name = fmt::format("{}{}{}", blocks, block + added, name.substr(end));
    }
    const torch::Tensor* to = target.find(name);
    if (to == nullptr || to->sizes() != item.value().sizes()) {
      fail(
          "cannot go on from a discriminator of {} px to one of {} px: their "
          "channels differ at '{}'",
          small.config().size(), large.config().size(), name);
    }
    to->copy_(item.value());
  }
}

}  // namespace limner::train
