// Slim-CNN (Sharma and Foroosh, "Slim-CNN: A Light-Weight CNN for Face
// Attribute Prediction", 2020): 40 attributes of a face from little memory.
#pragma once

#include <torch/nn.h>

#include <array>
#include <vector>

#include "weights/tensor.h"

namespace limner::train {

struct SlimCnnConfig {
  int first = 96;  // channels of the first layer
  std::array<int, 4> squeezed = {16, 32, 48, 64};  // inside of each module
  std::array<int, 4> widths = {48, 96, 144, 192};  // that leave each module
  int attributes = 40;
};

// What the shapes of the weights say ("conv1.0.weight", ...; see
// without_container for files with "model_state_dict."). Throws Error.
SlimCnnConfig read_slim_cnn_config(const TensorMap& tensors);

// Separable squeeze-expand block: a 1x1 squeeze, then 1x1 and separable 3x3
// side by side, four times as many channels each. Batch norm and ReLU follow
// every convolution.
class SlimBlockImpl : public torch::nn::Module {
 public:
  SlimBlockImpl(int in, int squeezed);

  // x: [B, in, h, w] -> [B, 8 squeezed, h, w].
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Sequential squeeze_, expand1_, expand3_;
};
TORCH_MODULE(SlimBlock);

// Two blocks, the first with a projected shortcut, then a separable 3x3.
class SlimModuleImpl : public torch::nn::Module {
 public:
  SlimModuleImpl(int in, int squeezed, int out);

  // x: [B, in, h, w] -> [B, out, h, w].
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Sequential skip_;
  SlimBlock block1_, block2_;
  torch::nn::Sequential expand3_;
};
TORCH_MODULE(SlimModule);

class SlimCnnImpl : public torch::nn::Module {
 public:
  explicit SlimCnnImpl(const SlimCnnConfig& config);

  // x: [B, 3, h, w] -> the maps after each of the first four poolings; at 256
  // px [B, 96, 62, 62], [B, 48, 30, 30], [B, 96, 14, 14], [B, 144, 6, 6].
  std::vector<torch::Tensor> features(const torch::Tensor& x);

  // Logits of the attributes, [B, attributes].
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Sequential conv1_{nullptr};
  std::vector<SlimModule> modules_;
  torch::nn::Linear fc_{nullptr};
};
TORCH_MODULE(SlimCnn);

}  // namespace limner::train
