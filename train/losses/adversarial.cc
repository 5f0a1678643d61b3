#include "train/losses/adversarial.h"

#include <torch/autograd.h>

#include <cmath>

#include "util/error.h"

namespace limner::train {
namespace {

// d sum(y) / d x with its graph.
torch::Tensor gradient(const torch::Tensor& y, const torch::Tensor& x) {
  if (!x.requires_grad()) {
    fail("a gradient penalty needs an input that asks for gradients");
  }
  return torch::autograd::grad({y.sum()}, {x}, /*grad_outputs=*/{},
                               /*retain_graph=*/true, /*create_graph=*/true)[0];
}

}  // namespace

torch::Tensor verdict_loss(const torch::Tensor& logits, bool as_real) {
  return torch::softplus(as_real ? -logits : logits);
}

torch::Tensor generator_loss(const torch::Tensor& fake) {
  return verdict_loss(fake, true).mean();
}

torch::Tensor discriminator_loss(const torch::Tensor& real,
                                 const torch::Tensor& fake) {
  return verdict_loss(fake, false).mean() + verdict_loss(real, true).mean();
}

torch::Tensor r1_penalty(const torch::Tensor& real,
                         const torch::Tensor& pictures) {
  return gradient(real, pictures).square().flatten(1).sum(1).mean();
}

torch::Tensor lazy_r1(
    const std::function<torch::Tensor(const torch::Tensor&)>& discriminate,
    const torch::Tensor& pictures, int64_t step, const R1Options& options) {
  if (options.gamma == 0.0 || step % options.every != 0) return {};
  const torch::Tensor input = pictures.detach().requires_grad_(true);
  const double weight = options.gamma / 2.0 * options.every;
  return r1_penalty(discriminate(input), input) * weight;
}

torch::Tensor PathLength::penalty(const torch::Tensor& pictures,
                                  const torch::Tensor& codes,
                                  const torch::Tensor& noise) {
  const double pixels =
      static_cast<double>(pictures.size(2)) * pictures.size(3);
  const torch::Tensor drawn =
      noise.defined() ? noise : torch::randn_like(pictures);
  // Scaled so that the length does not depend on the resolution.
  const torch::Tensor jacobian =
      gradient(pictures * drawn * (1.0 / std::sqrt(pixels)), codes);
  const torch::Tensor lengths = jacobian.square().sum(2).mean(1).sqrt();
  mean_ += options_.decay * (lengths.detach().mean().item<double>() - mean_);
  return (lengths - mean_).square().mean() * (options_.weight * options_.every);
}

}  // namespace limner::train
