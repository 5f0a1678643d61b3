#include "train/modules/layers.h"

#include <cmath>

namespace limner::train {
namespace {

constexpr double kEpsilon = 1e-8;  // under the root of the demodulation

// The transpose of a 3x3 convolution with stride 2 and no padding:
// x [B, in, h, w], w [out, in, 3, 3] -> [B, out, 2h + 1, 2w + 1]. Rows and
// columns of one parity are a 2x2 convolution each, so one convolution with
// four times the channels makes all: libtorch's own transpose knows neither
// bfloat16 nor channels last and takes three times as long.
torch::Tensor double_side(const torch::Tensor& x, const torch::Tensor& w) {
  // Output 2i + p reads inputs i - 1 and i, through taps 2 and 0 (p = 0) or
  // none and 1 (p = 1). First along y, then along x: [out, 2, 2, in, 2, 2].
  const auto phases = [](const torch::Tensor& taps, int64_t dim) {
    const auto tap = [&](int64_t i) { return taps.select(dim, i); };
    const torch::Tensor even = torch::stack({tap(2), tap(0)}, dim);
    const torch::Tensor odd =
        torch::stack({torch::zeros_like(tap(1)), tap(1)}, dim);
    return torch::stack({even, odd}, 1);
  };
  const torch::Tensor tall = phases(w, 2);    // [out, py, in, 2, 3]
  const torch::Tensor all = phases(tall, 4);  // [out, px, py, in, 2, 2]
  const torch::Tensor kernel =
      all.transpose(1, 2).reshape({w.size(0) * 4, w.size(1), 2, 2});
  const torch::Tensor y = torch::pixel_shuffle(
      torch::conv2d(x, kernel, {}, /*stride=*/1, /*padding=*/1), 2);
  // One row and column too many: 2(h + 1).
  return y.slice(2, 0, -1).slice(3, 0, -1);
}

}  // namespace

HeldParameterImpl::HeldParameterImpl(const std::string& name,
                                     const torch::Tensor& initial)
    : value(register_parameter(name, initial)) {}

EqualLinearImpl::EqualLinearImpl(int in, int out,
                                 const EqualLinearOptions& options)
    : weight(
          register_parameter("weight", torch::randn({out, in}) / options.rate)),
      bias(register_parameter("bias",
                              torch::full({out}, options.bias / options.rate))),
      options_(options),
      scale_(options.rate / std::sqrt(static_cast<double>(in))) {}

torch::Tensor EqualLinearImpl::forward(const torch::Tensor& x) {
  const double gain = options_.activate ? kLeakyGain : 1.0;
  const torch::Tensor y =
      torch::linear(x, weight * (scale_ * gain), bias * (options_.rate * gain));
  return options_.activate ? torch::leaky_relu(y, kLeakySlope) : y;
}

EqualConvImpl::EqualConvImpl(int in, int out, int kernel, int stride,
                             int padding)
    : weight(register_parameter("weight",
                                torch::randn({out, in, kernel, kernel}))),
      stride_(stride),
      padding_(padding),
      scale_(1.0 / std::sqrt(static_cast<double>(in) * kernel * kernel)) {}

torch::Tensor EqualConvImpl::forward(const torch::Tensor& x,
                                     const torch::Tensor& bias, double gain) {
  const torch::Tensor w = weight * (scale_ * gain);
  return torch::conv2d(x, w, bias, stride_, padding_);
}

BlurImpl::BlurImpl(double gain) {
  const torch::Tensor taps = torch::tensor({1.0F, 3.0F, 3.0F, 1.0F});
  kernel = register_buffer("kernel", torch::outer(taps, taps) * (gain / 64.0));
}

torch::Tensor BlurImpl::depthwise(const torch::Tensor& x) const {
  return kernel.to(x.scalar_type()).expand({x.size(1), 1, 4, 4});
}

torch::Tensor BlurImpl::filter(const torch::Tensor& x, int pad, int stride) {
  // A convolution here is a correlation in libtorch's words; a file may hold
  // another kernel, so it is turned even though ours is symmetric.
  return torch::conv2d(x, depthwise(x).flip({2, 3}), {}, stride, pad,
                       /*dilation=*/1, /*groups=*/x.size(1));
}

torch::Tensor BlurImpl::upsample(const torch::Tensor& x) {
  return torch::conv_transpose2d(x, depthwise(x), {}, /*stride=*/2,
                                 /*padding=*/1, /*output_padding=*/0,
                                 /*groups=*/x.size(1));
}

ModulatedConvImpl::ModulatedConvImpl(int in, int out, int style_width,
                                     const ModulatedConvOptions& options)
    : options_(options),
      scale_(1.0 / std::sqrt(static_cast<double>(in) * options.kernel *
                             options.kernel)) {
  weight = register_parameter(
      "weight", torch::randn({1, out, in, options.kernel, options.kernel}));
  EqualLinearOptions modulation;
  modulation.bias = 1.0;
  modulation_ =
      register_module("modulation", EqualLinear(style_width, in, modulation));
  // The zeros between pixels quarter the energy: hence a gain of 4.
  if (options.upsample) blur_ = register_module("blur", Blur(4.0));
}

torch::Tensor ModulatedConvImpl::forward(const torch::Tensor& x,
                                         const torch::Tensor& code,
                                         double gain) {
  const torch::Tensor s = modulation_(code);  // [B, in]
  const torch::Tensor w = weight[0] * scale_;
  const torch::Tensor scaled = x * s.unsqueeze(2).unsqueeze(3);
  torch::Tensor y;
  if (options_.upsample) {
    y = blur_->filter(double_side(scaled, w), /*pad=*/1);
  } else {
    y = torch::conv2d(scaled, w, {}, /*stride=*/1, options_.kernel / 2);
  }
  if (!options_.demodulate) return gain == 1.0 ? y : y * gain;
  const torch::Tensor energy = w.square().sum({2, 3});  // [out, in]
  const torch::Tensor d =
      torch::rsqrt(torch::linear(s.square(), energy) + kEpsilon);
  return y * (d * gain).unsqueeze(2).unsqueeze(3);
}

}  // namespace limner::train
