#include "train/modules/layers.h"

#include <cmath>

#include "train/modules/fused.h"

namespace limner::train {
namespace {

constexpr double kDemodulationEpsilon =
    1e-8;  // under the root of the demodulation

// The transpose of a 3x3 convolution with stride 2 and no padding:
// x [B, in, h, w], w [out, in, 3, 3] -> [B, out, 2h + 1, 2w + 1], and after it
// a row and a column of zeros. Rows and columns of one parity are a 2x2
// convolution each, so one convolution with four times the channels makes all,
// which stay apart: the result is [B, 4 out, h + 1, w + 1], as upfirdn() reads
// phases. libtorch's own transpose knows neither bfloat16 nor channels last and
// takes three times as long.
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
  // [py, px, out, in, 2, 2]
  const torch::Tensor kernel =
      all.permute({2, 1, 0, 3, 4, 5}).reshape({w.size(0) * 4, w.size(1), 2, 2});
  return torch::conv2d(x, kernel, {}, /*stride=*/1, /*padding=*/1);
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

torch::Tensor BlurImpl::run(const torch::Tensor& x,
                            const UpfirdnOptions& options) const {
  // A filter here is a correlation in our words; a file may hold another
  // kernel, so it is turned even though ours is symmetric.
  return upfirdn(x, kernel.flip({0, 1}), options);
}

torch::Tensor BlurImpl::filter(const torch::Tensor& x, int pad, int stride) {
  UpfirdnOptions options;
  options.down = stride;
  options.before = pad;
  options.height = (x.size(2) + 2 * pad - 4) / stride + 1;
  options.width = (x.size(3) + 2 * pad - 4) / stride + 1;
  return run(x, options);
}

torch::Tensor BlurImpl::upsample(const torch::Tensor& x) {
  UpfirdnOptions options;
  options.up = 2;
  options.before = 2;
  options.height = 2 * x.size(2);
  options.width = 2 * x.size(3);
  return run(x, options);
}

torch::Tensor BlurImpl::join_phases(const torch::Tensor& x) {
  UpfirdnOptions options;
  options.before = 1;
  options.height = 2 * x.size(2) - 2;
  options.width = 2 * x.size(3) - 2;
  options.phases_in = true;
  return run(x, options);
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

ModulatedConvImpl::Result ModulatedConvImpl::forward(const torch::Tensor& x,
                                                     const torch::Tensor& code,
                                                     bool twice) {
  const torch::Tensor s = modulation_(code);  // [B, in]
  const torch::Tensor w = weight[0] * scale_;
  const torch::Tensor scaled = scale_channels(x, s, twice);
  Result result;
  if (options_.upsample) {
    result.map = blur_->join_phases(double_side(scaled, w));
  } else {
    result.map =
        torch::conv2d(scaled, w, {}, /*stride=*/1, options_.kernel / 2);
  }
  if (!options_.demodulate) return result;
  const torch::Tensor energy = w.square().sum({2, 3});  // [out, in]
  result.d =
      torch::rsqrt(torch::linear(s.square(), energy) + kDemodulationEpsilon);
  return result;
}

}  // namespace limner::train
