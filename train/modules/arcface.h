// ArcFace's IR-SE 50 ("model_ir_se50.pth"): whose face it is (Deng et al.,
// "ArcFace", 2019).
#pragma once

#include <torch/nn.h>

#include "train/modules/encoder.h"

namespace limner::train {

struct ArcFaceConfig {
  BodyConfig body;
  int side = 112;   // of the picture, a multiple of 16
  int width = 512;  // numbers that describe a face
};

// What the shapes of the weights say ("input_layer.0.weight", ...). Throws
// Error.
ArcFaceConfig read_arcface_config(const TensorMap& tensors);

class ArcFaceImpl : public torch::nn::Module {
 public:
  explicit ArcFaceImpl(const ArcFaceConfig& config);

  const ArcFaceConfig& config() const { return config_; }

  // x: RGB in [-1, 1], [B, 3, side, side] -> [B, width] of norm 1. Throws
  // Error on another shape.
  torch::Tensor forward(const torch::Tensor& x);

 private:
  ArcFaceConfig config_;
  torch::nn::Sequential input_{nullptr}, output_{nullptr};
  IrSeBody body_{nullptr};
};
TORCH_MODULE(ArcFace);

}  // namespace limner::train
