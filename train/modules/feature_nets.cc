#include "train/modules/feature_nets.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "metrics/lpips_layers.h"

namespace limner::train {
namespace {

namespace nn = torch::nn;

// Caffe's rounding: windows may hang over the right and lower edge.
torch::Tensor ceil_pool(const torch::Tensor& x) {
  return torch::max_pool2d(x, /*kernel_size=*/3, /*stride=*/2, /*padding=*/0,
                           /*dilation=*/1, /*ceil_mode=*/true);
}

// A convolution of ResNet-50: padded, without bias.
nn::Conv2d conv(int in, int out, int kernel, int stride) {
  return nn::Conv2d(nn::Conv2dOptions(in, out, kernel)
                        .stride(stride)
                        .padding(kernel / 2)
                        .bias(false));
}

}  // namespace

torch::Tensor unit_norm(const torch::Tensor& x) {
  // The root has no gradient at zero: where all channels are zero (after a
  // ReLU they can be) the clamp gives zero instead of NaN and changes no other
  // float32 value.
  const torch::Tensor squares = x.square().sum(1, /*keepdim=*/true);
  return x / (squares.clamp_min(1e-38).sqrt() + kLpipsEpsilon);
}

LpipsNetImpl::LpipsNetImpl() {
  const auto net = register_module("net", std::make_shared<nn::Module>("net"));
  mean_ = net->register_buffer(
      "mean", torch::tensor({-0.030F, -0.088F, -0.188F}).view({1, 3, 1, 1}));
  std_ = net->register_buffer(
      "std", torch::tensor({0.458F, 0.448F, 0.450F}).view({1, 3, 1, 1}));
  const auto layers =
      net->register_module("layers", std::make_shared<nn::Module>("layers"));
  const auto lin = register_module("lin", std::make_shared<nn::Module>("lin"));
  for (size_t i = 0; i < kAlexNet.size(); ++i) {
    const AlexConv& c = kAlexNet[i];
    convs_.push_back(layers->register_module(
        fmt::format("{}", c.index),
        nn::Conv2d(nn::Conv2dOptions(c.in, c.out, c.kernel)
                       .stride(c.stride)
                       .padding(c.pad))));
    const auto outer = lin->register_module(fmt::format("{}", i),
                                            std::make_shared<nn::Module>());
    const auto inner =
        outer->register_module("1", std::make_shared<nn::Module>());
    linear_.push_back(inner->register_parameter(
        "weight", torch::full({1, c.out, 1, 1}, 1.0F / c.out)));
  }
}

std::vector<torch::Tensor> LpipsNetImpl::features(const torch::Tensor& x) {
  std::vector<torch::Tensor> maps;
  torch::Tensor map = (x - mean_) / std_;
  for (size_t i = 0; i < kAlexNet.size(); ++i) {
    if (kAlexNet[i].pool_before) map = torch::max_pool2d(map, 3, 2);
    map = torch::relu(convs_[i](map));
    maps.push_back(unit_norm(map));
  }
  return maps;
}

torch::Tensor SqueezeNetImpl::Layer::operator()(const torch::Tensor& x) const {
  return torch::relu(torch::conv2d(x, weight, bias, stride, padding));
}

torch::Tensor SqueezeNetImpl::Fire::operator()(const torch::Tensor& x) const {
  const torch::Tensor s = squeeze(x);
  return torch::cat({expand1(s), expand3(s)}, 1);
}

SqueezeNetImpl::Layer SqueezeNetImpl::layer(const std::string& name, int in,
                                            int out, int kernel, int stride) {
  Layer result;
  result.weight = register_parameter(
      name + "__w", torch::randn({out, in, kernel, kernel}) *
                        std::sqrt(2.0 / (in * kernel * kernel)));
  result.bias = register_parameter(name + "__b", torch::zeros({out}));
  result.stride = stride;
  result.padding = kernel == 3 ? 1 : 0;
  return result;
}

SqueezeNetImpl::Fire SqueezeNetImpl::fire(int number, int in, int squeezed,
                                          int expanded) {
  const std::string name = fmt::format("fire{}__", number);
  return {layer(name + "conv1x1_1", in, squeezed, 1, 1),
          layer(name + "conv1x1_2", squeezed, expanded, 1, 1),
          layer(name + "conv3x3_2", squeezed, expanded, 3, 1)};
}

SqueezeNetImpl::SqueezeNetImpl(int border) {
  conv1_ = layer("conv1", 3, 96, 7, 2);
  conv1_.padding = border;
  int in = 96;
  for (int number = 2; number <= 9; ++number) {
    // 16, 16, 32, 32, 48, 48, 64, 64 channels inside; four times that in each
    // half of the result.
    const int squeezed = 16 * (number / 2);
    fires_.push_back(fire(number, in, squeezed, 4 * squeezed));
    in = 8 * squeezed;
  }
}

std::vector<torch::Tensor> SqueezeNetImpl::features(const torch::Tensor& x) {
  const torch::Tensor mean =
      torch::tensor({104.0F, 117.0F, 123.0F}, x.options()).view({1, 3, 1, 1});
  const torch::Tensor bgr = (x.flip({1}) + 1.0) * 127.5 - mean;
  std::vector<torch::Tensor> maps = {conv1_(bgr)};
  torch::Tensor map = ceil_pool(maps[0]);
  for (int number = 2; number <= 9; ++number) {
    map = fires_[number - 2](map);
    const bool pooled = number == 4 || number == 8;
    if (pooled || number == 9) maps.push_back(map);
    if (pooled) map = ceil_pool(map);
  }
  return maps;
}

BottleneckImpl::BottleneckImpl(int in, int width, int stride)
    : conv1_(register_module("conv1", conv(in, width, 1, 1))),
      conv2_(register_module("conv2", conv(width, width, 3, stride))),
      conv3_(register_module("conv3", conv(width, 4 * width, 1, 1))),
      bn1_(register_module("bn1", BatchNorm2d(width))),
      bn2_(register_module("bn2", BatchNorm2d(width))),
      bn3_(register_module("bn3", BatchNorm2d(4 * width))) {
  if (in != 4 * width || stride != 1) {
    downsample_ = register_module(
        "downsample",
        nn::Sequential(conv(in, 4 * width, 1, stride), BatchNorm2d(4 * width)));
  }
}

torch::Tensor BottleneckImpl::forward(const torch::Tensor& x) {
  torch::Tensor y = torch::relu(bn1_(conv1_(x)));
  y = torch::relu(bn2_(conv2_(y)));
  y = bn3_(conv3_(y));
  return torch::relu(y + (downsample_ ? downsample_->forward(x) : x));
}

ResNet50Impl::ResNet50Impl()
    : conv1_(register_module("conv1", conv(3, 64, 7, 2))),
      bn1_(register_module("bn1", BatchNorm2d(64))) {
  const std::array<int, 4> depths = {3, 4, 6, 3};
  int in = 64;
  for (size_t group = 0; group < depths.size(); ++group) {
    const int width = 64 << group;
    const auto layer = register_module(fmt::format("layer{}", group + 1),
                                       std::make_shared<nn::Module>("layer"));
    for (int i = 0; i < depths[group]; ++i) {
      const int stride = i == 0 && group > 0 ? 2 : 1;
      blocks_.push_back(layer->register_module(fmt::format("{}", i),
                                               Bottleneck(in, width, stride)));
      in = 4 * width;
    }
  }
}

torch::Tensor ResNet50Impl::forward(const torch::Tensor& x) {
  torch::Tensor map = torch::relu(bn1_(conv1_(x)));
  map = torch::max_pool2d(map, /*kernel_size=*/3, /*stride=*/2, /*padding=*/1);
  for (Bottleneck& block : blocks_) map = block(map);
  return map.mean({2, 3});
}

}  // namespace limner::train
