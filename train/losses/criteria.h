// The losses of a training step together: their weights by the published flag
// names, the networks that they need, their weighted sum.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "train/losses/losses.h"

namespace limner::train {

// The weight of each loss; 0 leaves it out, with its network. Defaults are
// the published ones.
struct LossWeights {
  double l2 = 1.0;          // l2_lambda
  double l2_crop = 0.0;     // l2_lambda_crop
  double lpips = 0.8;       // lpips_lambda
  double lpips_crop = 0.0;  // lpips_lambda_crop
  double id = 0.0;          // id_lambda
  double mask = 0.0;        // mask_lambda
  double mask_feat = 0.0;   // mask_feat_lambda
  int mask_feat_layer = 4;  // features that it compares, 1..5
  double fac = 0.0;         // fac_lambda
  double w_norm = 0.0;      // w_norm_lambda
  double moco = 0.0;        // moco_lambda
  // Not in the published code: perceptual_lambda, perceptual_lambda_crop.
  double perceptual = 0.0;
  double perceptual_crop = 0.0;
};

// Weight files of the networks, in the published formats. Needed only where
// the loss has a weight.
struct LossFiles {
  std::filesystem::path lpips;       // AlexNet with LPIPS v0.1
  std::filesystem::path ir_se50;     // ArcFace
  std::filesystem::path parser;      // U-Net
  std::filesystem::path attributes;  // Slim-CNN
  std::filesystem::path moco;        // MoCo v2, ResNet-50
  std::filesystem::path squeezenet;  // .npz
};

// The parsing U-Net in a file, in eval() mode, without gradients for its
// weights. Throws Error when the file is not given, not readable or no such
// network.
Unet load_parser(const std::filesystem::path& file);

// SqueezeNet in a file, in the same way; `setting` needs it. border: see
// SqueezeNet.
SqueezeNet load_squeezenet(const std::filesystem::path& file,
                           const char* setting, int border = 0);

// What a step compares. Undefined tensors are allowed where no loss reads
// them.
struct LossInputs {
  torch::Tensor result, target;  // [B, 3, h, w] in [-1, 1]
  torch::Tensor classes;         // [B, h, w] int64, for mask
  torch::Tensor codes;           // [B, styles, width], for w_norm
  torch::Tensor latent_avg;      // [styles, width], for w_norm
};

struct LossResult {
  torch::Tensor total;  // a scalar with its graph
  // Each loss before its weight, under its flag's name without "_lambda".
  std::map<std::string, torch::Tensor> parts;
};

// Networks in eval() mode, without gradients for their weights. Not
// thread-safe.
class Criteria {
 public:
  // Loads the networks that `weights` ask for. Throws Error when a file is not
  // given, not readable or not that network.
  Criteria(const LossWeights& weights, const LossFiles& files);

  // Moves the networks to `device`.
  void to(torch::Device device);

  // Throws Error when an input is missing that a loss with a weight reads.
  LossResult operator()(const LossInputs& inputs);

 private:
  LossWeights weights_;
  LpipsNet lpips_{nullptr};
  ArcFace face_{nullptr};
  Unet parser_{nullptr};
  SlimCnn attributes_{nullptr};
  ResNet50 moco_{nullptr};
  SqueezeNet squeezenet_{nullptr};
};

}  // namespace limner::train
