// Convolutions whose weights have spectral norm 1 (Miyato et al., "Spectral
// Normalization for Generative Adversarial Networks", 2018): a discriminator
// made of them cannot be steeper than its layers allow, so that it needs no
// gradient penalty.
#pragma once

#include <torch/nn.h>

namespace limner::train {

// Convolution k x k with weight / s, where s is the largest singular value of
// the weight as a matrix [out, in k k], estimated by power iteration. The
// estimate moves with refresh() alone, so that reading pictures changes
// nothing.
class SpectralConvImpl : public torch::nn::Module {
 public:
  // Padded by zeros so that with stride 1 sides stay.
  SpectralConvImpl(int in, int out, int kernel, int stride = 1);

  // x: [B, in, h, w] -> [B, out, h', w'], h' = ceil(h / stride).
  torch::Tensor forward(const torch::Tensor& x);

  // One step of power iteration.
  void refresh();

  torch::Tensor weight, bias;  // [out, in, k, k], [out]

 private:
  int stride_, padding_;
  torch::Tensor left_, right_;  // singular vectors, buffers [out], [in k k]
};
TORCH_MODULE(SpectralConv);

// LeakyReLU with the gain that keeps the variance; behind unit spectral norms
// maps would fade without.
torch::Tensor spectral_activation(const torch::Tensor& x);

// A convolution 1x1 whose scale is free, so that verdicts can become sure. They
// begin small: the first losses are those of not knowing.
torch::nn::Conv2d verdict_layer(int in, int out);

// refresh() of every such convolution inside `module`.
void refresh_spectral_norms(torch::nn::Module& module);

}  // namespace limner::train
