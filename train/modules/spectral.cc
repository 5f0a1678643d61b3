#include "train/modules/spectral.h"

#include <cmath>
#include <memory>

#include "train/modules/layers.h"

namespace limner::train {
namespace {

constexpr double kFirstVerdict = 0.1;
constexpr int kFirstIterations = 8;
constexpr double kMinNorm = 1e-12;  // keeps zeros from being divided by

torch::Tensor unit(const torch::Tensor& x) {
  return x / x.norm().clamp_min(kMinNorm);
}

}  // namespace

SpectralConvImpl::SpectralConvImpl(int in, int out, int kernel, int stride)
    : stride_(stride), padding_(kernel / 2) {
  const int64_t fan_in = int64_t{in} * kernel * kernel;
  weight =
      register_parameter("weight", torch::randn({out, in, kernel, kernel}) /
                                       std::sqrt(static_cast<double>(fan_in)));
  bias = register_parameter("bias", torch::zeros({out}));
  left_ = register_buffer("left", unit(torch::randn({out})));
  right_ = register_buffer("right", torch::zeros({fan_in}));
  for (int i = 0; i < kFirstIterations; ++i) refresh();
}

void SpectralConvImpl::refresh() {
  const torch::NoGradGuard no_grad;
  const torch::Tensor matrix = weight.flatten(1);
  right_.copy_(unit(torch::mv(matrix.t(), left_)));
  left_.copy_(unit(torch::mv(matrix, right_)));
}

torch::Tensor SpectralConvImpl::forward(const torch::Tensor& x) {
  // Elementwise: autocast would round a matrix product to 8 bits.
  const torch::Tensor norm =
      (weight * torch::outer(left_, right_).view_as(weight)).sum();
  return torch::conv2d(x, weight / norm.clamp_min(kMinNorm), bias, stride_,
                       padding_);
}

torch::Tensor spectral_activation(const torch::Tensor& x) {
  return torch::leaky_relu(x, kLeakySlope) * kLeakyGain;
}

torch::nn::Conv2d verdict_layer(int in, int out) {
  torch::nn::Conv2d last(torch::nn::Conv2dOptions(in, out, 1));
  const torch::NoGradGuard no_grad;
  last->weight.mul_(kFirstVerdict);
  last->bias.zero_();
  return last;
}

void refresh_spectral_norms(torch::nn::Module& module) {
  for (const std::shared_ptr<torch::nn::Module>& part :
       module.modules(/*include_self=*/false)) {
    if (auto* conv = dynamic_cast<SpectralConvImpl*>(part.get())) {
      conv->refresh();
    }
  }
}

}  // namespace limner::train
