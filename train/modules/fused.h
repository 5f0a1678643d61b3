// Passes over maps between convolutions, each read and written once, forward
// and backward. libtorch makes one pass a term. On a CPU they are our own loops
// for float32 and bfloat16, with first derivatives alone; elsewhere, and with
// `twice`, the same in libtorch's operations.
#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

namespace limner::train {

// x: [B, C, h, w], s: [B, C]. Returns x s, of x's type.
torch::Tensor scale_channels(const torch::Tensor& x, const torch::Tensor& s,
                             bool twice = false);

// The end of StyleGAN2's styled convolution:
//   leaky_relu(d x + strength noise + bias)
// x: [B, C, h, w]; d: [B, C]; noise: [B, 1, h, w] or [1, 1, h, w], a constant;
// strength: [1]; bias: [C]. Returns x's type.
torch::Tensor finish_styled(const torch::Tensor& x, const torch::Tensor& d,
                            const torch::Tensor& noise,
                            const torch::Tensor& strength,
                            const torch::Tensor& bias, bool twice = false);

// torch::nn::PReLU with a slope a channel: "weight" [C], at first 0.25.
class PreluImpl : public torch::nn::Cloneable<PreluImpl> {
 public:
  explicit PreluImpl(int64_t channels);

  void reset() override;  // for clone(): a fresh parameter

  // x: [B, C, h, w] -> the same shape and type.
  torch::Tensor forward(const torch::Tensor& x);

  torch::Tensor weight;

 private:
  int64_t channels_;
};
TORCH_MODULE(Prelu);

}  // namespace limner::train
