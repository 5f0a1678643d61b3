// Layers that StyleGAN2's networks are made of (Karras et al., "Analyzing and
// Improving the Image Quality of StyleGAN", 2020). Weights are stored with unit
// variance and scaled by 1/sqrt(fan_in) as they are used ("equalized").
#pragma once

#include <torch/nn.h>

#include <string>

#include "train/modules/upfirdn.h"

namespace limner::train {

// The activation is LeakyReLU with this slope times sqrt(2), which keeps the
// variance of a normal input. The gain commutes with LeakyReLU, so layers put
// it into what is smaller than a map: weights, biases, demodulation.
constexpr double kLeakySlope = 0.2;
constexpr double kLeakyGain = 1.4142135623730951;

// One parameter in a module of its own, as published networks have it:
// "noise.weight", "activate.bias", "input.input".
class HeldParameterImpl : public torch::nn::Module {
 public:
  HeldParameterImpl(const std::string& name, const torch::Tensor& initial);

  torch::Tensor value;
};
TORCH_MODULE(HeldParameter);

struct EqualLinearOptions {
  double rate = 1.0;      // lr_mul: weights and biases act scaled by it
  double bias = 0.0;      // the bias' first value, as it acts
  bool activate = false;  // with the activation after it
};

// x: [.., in] -> [.., out]: W (rate / sqrt(in)) x + rate b.
class EqualLinearImpl : public torch::nn::Module {
 public:
  EqualLinearImpl(int in, int out, const EqualLinearOptions& options = {});

  torch::Tensor forward(const torch::Tensor& x);

  torch::Tensor weight, bias;  // [out, in], [out]

 private:
  EqualLinearOptions options_;
  double scale_;
};
TORCH_MODULE(EqualLinear);

// Convolution with weight [out, in, k, k] / sqrt(in k k).
class EqualConvImpl : public torch::nn::Module {
 public:
  EqualConvImpl(int in, int out, int kernel, int stride, int padding);

  // gain * conv(x) + bias; bias: [out] or undefined.
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& bias = {},
                        double gain = 1.0);

  torch::Tensor weight;

 private:
  int stride_, padding_;
  double scale_;
};
TORCH_MODULE(EqualConv);

// The low-pass filter [1,3,3,1] x [1,3,3,1], its sum `gain`, in the buffer
// "kernel" [4, 4].
class BlurImpl : public torch::nn::Module {
 public:
  explicit BlurImpl(double gain);

  // x: [B, C, h, w], padded by `pad` zeros all around, -> [B, C, h', w'] with
  // h' = h + 2 pad - 3, of which every `stride`-th row and column is kept.
  torch::Tensor filter(const torch::Tensor& x, int pad, int stride = 1);

  // [B, C, h, w] -> [B, C, 2h, 2w]: zeros between the pixels, then the filter
  // (padding 2 before, 1 after).
  torch::Tensor upsample(const torch::Tensor& x);

  // x: [B, 4 C, h + 1, w + 1], the even and odd rows and columns of a map whose
  // last row and column are zeros (see UpfirdnOptions) -> [B, C, 2h, 2w]: the
  // map without those, padded by one zero all around.
  torch::Tensor join_phases(const torch::Tensor& x);

  torch::Tensor kernel;

 private:
  torch::Tensor run(const torch::Tensor& x,
                    const UpfirdnOptions& options) const;
};
TORCH_MODULE(Blur);

struct ModulatedConvOptions {
  int kernel = 3;
  bool demodulate = true;
  bool upsample = false;  // doubles the side: transposed, then blurred
};

// A convolution whose input channels are scaled by an affine function s of a
// style code, and whose output channels are scaled back to unit variance:
//   y = d * conv(s * x, W),  d_o = rsqrt(sum_i s_i^2 sum_k W_oik^2 + 1e-8).
// That equals modulating the weights, as published, but lets a batch of
// different styles share one convolution.
class ModulatedConvImpl : public torch::nn::Module {
 public:
  ModulatedConvImpl(int in, int out, int style_width,
                    const ModulatedConvOptions& options);

  // What a convolution gives before its output is scaled back.
  struct Result {
    torch::Tensor map;  // [B, out, h, w], twice the sides when upsampling
    torch::Tensor d;    // [B, out]; undefined without demodulation
  };

  // x: [B, in, h, w], code: [B, style_width]. twice: with second derivatives
  // (see fused.h).
  Result forward(const torch::Tensor& x, const torch::Tensor& code,
                 bool twice = false);

  torch::Tensor weight;  // [1, out, in, k, k]

 private:
  ModulatedConvOptions options_;
  double scale_;
  EqualLinear modulation_{nullptr};
  Blur blur_{nullptr};
};
TORCH_MODULE(ModulatedConv);

}  // namespace limner::train
