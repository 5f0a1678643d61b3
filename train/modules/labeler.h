// The stroke labeler: which part of a face each point of a drawing draws.
// Windows along a stroke see its shape; groups of points become tokens that
// attend to each other (Vaswani et al., 2017) and so see the whole drawing.
#pragma once

#include <torch/nn.h>

#include <string>
#include <vector>

#include "weights/tensor.h"

namespace limner::train {

struct LabelerConfig {
  int width = 96;   // channels of a point
  int token = 128;  // channels of a group of points
  int heads = 4;
  int blocks = 4;
  int classes = 24;  // the 22 stroke classes from 1, facial hair, nothing
};

// What the shapes of the weights say; heads are not in them. Throws Error.
LabelerConfig read_labeler_config(const TensorMap& tensors,
                                  const std::string& prefix, int heads);

class LabelerBlockImpl : public torch::nn::Module {
 public:
  explicit LabelerBlockImpl(const LabelerConfig& config);

  // points: [B, L, width]; tokens: [B, L/8, token], changed in place.
  // used: [B, L, 1], 0 or 1; away: [B, 1, 1, L/8], a large negative value for
  // groups of empty slots alone. Returns the new points.
  torch::Tensor forward(const torch::Tensor& points, torch::Tensor& tokens,
                        const torch::Tensor& used, const torch::Tensor& away);

 private:
  int heads_;
  torch::nn::LayerNorm norm_{nullptr}, attend_norm_{nullptr},
      mix_norm_{nullptr}, spread_norm_{nullptr};
  torch::nn::Linear window_{nullptr}, out_{nullptr}, gather_{nullptr},
      query_{nullptr}, attended_{nullptr}, widen_{nullptr}, narrow_{nullptr},
      spread_{nullptr};
};
TORCH_MODULE(LabelerBlock);

class LabelerImpl : public torch::nn::Module {
 public:
  explicit LabelerImpl(const LabelerConfig& config);

  const LabelerConfig& config() const { return config_; }

  // features: [B, L, kPointFeatures], L a multiple of kSlotGroup; used: [B, L]
  // of 0 and 1 in float (see sketch/point_sequence.h). Returns logits
  // [B, L, classes]; those of empty slots mean nothing.
  torch::Tensor forward(const torch::Tensor& features,
                        const torch::Tensor& used);

 private:
  LabelerConfig config_;
  torch::nn::Linear embed_{nullptr}, hidden_{nullptr}, final_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
  std::vector<LabelerBlock> blocks_;
};
TORCH_MODULE(Labeler);

}  // namespace limner::train
