#include "train/modules/feature_nets.h"

#include <fmt/format.h>

#include <memory>

namespace limner::train {
namespace {

namespace nn = torch::nn;

// Keeps a norm of zero from dividing by it; as published.
constexpr double kNormEpsilon = 1e-10;

struct AlexConv {
  int index;  // in the published list of layers
  int in, out, kernel, stride, padding;
  bool pool_before;
};
constexpr std::array<AlexConv, 5> kAlexNet = {{
    {0, 3, 64, 11, 4, 2, false},
    {3, 64, 192, 5, 1, 2, true},
    {6, 192, 384, 3, 1, 1, true},
    {8, 384, 256, 3, 1, 1, false},
    {10, 256, 256, 3, 1, 1, false},
}};

torch::Tensor unit_norm(const torch::Tensor& x) {
  // The root has no gradient at zero: where all channels are zero (after a
  // ReLU they can be) the clamp gives zero instead of NaN and changes no other
  // float32 value.
  const torch::Tensor squares = x.square().sum(1, /*keepdim=*/true);
  return x / (squares.clamp_min(1e-38).sqrt() + kNormEpsilon);
}

// Caffe's rounding: windows may hang over the right and lower edge.
torch::Tensor ceil_pool(const torch::Tensor& x) {
  return torch::max_pool2d(x, /*kernel_size=*/3, /*stride=*/2, /*padding=*/0,
                           /*dilation=*/1, /*ceil_mode=*/true);
}

}  // namespace

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
                       .padding(c.padding))));
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

SqueezeNetImpl::SqueezeNetImpl() {
  conv1_ = layer("conv1", 3, 96, 7, 2);
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

}  // namespace limner::train
