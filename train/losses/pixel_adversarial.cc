#include "train/losses/pixel_adversarial.h"

#include <torch/nn/functional.h>

#include "util/error.h"

namespace limner::train {
namespace {

constexpr double kMinMagnitude = 1e-6;  // keeps zeros from being divided by

}  // namespace

torch::Tensor count_classes(const torch::Tensor& classes, int parts) {
  const torch::Tensor flat = classes.flatten();
  return torch::bincount(flat.masked_select(flat >= 0), {}, parts)
      .to(torch::kFloat64);
}

torch::Tensor balanced_weights(const torch::Tensor& counts, double max) {
  const torch::Tensor shares = counts / counts.sum().clamp_min(1.0);
  const torch::Tensor present = (counts > 0).to(counts.scalar_type());
  // Equal classes: each pixel of a class weighs 1 / (classes * share).
  const torch::Tensor even =
      present / (shares.clamp_min(1e-12) * present.sum().clamp_min(1.0));
  const torch::Tensor limited = even.clamp_max(max);
  return limited / (limited * shares).sum().clamp_min(1e-12);
}

torch::Tensor weighted_cross_entropy(const torch::Tensor& logits,
                                     const torch::Tensor& classes,
                                     const torch::Tensor& weights) {
  namespace F = torch::nn::functional;
  const torch::Tensor sum =
      F::cross_entropy(logits.to(torch::kFloat32), classes,
                       F::CrossEntropyFuncOptions()
                           .weight(weights.to(logits.device(), torch::kFloat32))
                           .ignore_index(-1)
                           .reduction(torch::kSum));
  return sum / static_cast<double>(classes.numel());
}

torch::Tensor pixel_discriminator_loss(const torch::Tensor& real,
                                       const torch::Tensor& made,
                                       const torch::Tensor& classes,
                                       const torch::Tensor& weights) {
  const int64_t parts = weights.size(0);
  const torch::Tensor all = torch::cat({weights, weights.new_ones({1})});
  const torch::Tensor made_classes =
      torch::where(classes < 0, classes, torch::full_like(classes, parts));
  return weighted_cross_entropy(real, classes, all) +
         weighted_cross_entropy(made, made_classes, all);
}

torch::Tensor pixel_generator_loss(const torch::Tensor& made,
                                   const torch::Tensor& classes,
                                   const torch::Tensor& weights) {
  return weighted_cross_entropy(made, classes,
                                torch::cat({weights, weights.new_ones({1})}));
}

torch::Tensor feature_matching_loss(const std::vector<torch::Tensor>& got,
                                    const std::vector<torch::Tensor>& wanted) {
  if (got.size() != wanted.size() || got.empty()) {
    fail("feature matching got {} maps and {} to compare with", got.size(),
         wanted.size());
  }
  torch::Tensor total = torch::zeros({}, got[0].device());
  for (size_t i = 0; i < got.size(); ++i) {
    const torch::Tensor target =
        wanted[i].detach().to(torch::kFloat32).flatten(1);
    const torch::Tensor difference =
        (got[i].to(torch::kFloat32).flatten(1) - target).abs().mean(1);
    total = total +
            (difference / target.abs().mean(1).clamp_min(kMinMagnitude)).mean();
  }
  return total / static_cast<double>(got.size());
}

torch::Tensor gram(const torch::Tensor& map) {
  const torch::Tensor flat = map.to(torch::kFloat32).flatten(2);
  return torch::bmm(flat, flat.transpose(1, 2)) /
         static_cast<double>(flat.size(1) * flat.size(2));
}

torch::Tensor gram_loss(const std::vector<torch::Tensor>& got,
                        const std::vector<torch::Tensor>& wanted) {
  std::vector<torch::Tensor> a, b;
  for (const torch::Tensor& map : got) a.push_back(gram(map));
  for (const torch::Tensor& map : wanted) b.push_back(gram(map));
  return feature_matching_loss(a, b);
}

}  // namespace limner::train
