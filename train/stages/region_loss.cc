#include "train/stages/region_loss.h"

#include "data/dataset.h"

namespace limner::train {
namespace {

// [B, h, w] -> [B, 19, h w] of zeros and ones.
torch::Tensor regions_of(const torch::Tensor& classes) {
  return torch::one_hot(classes.flatten(1), kMaskLabels)
      .transpose(1, 2)
      .to(torch::kFloat32);
}

}  // namespace

torch::Tensor region_colours(const torch::Tensor& pictures,
                             const torch::Tensor& classes) {
  const torch::Tensor regions = regions_of(classes);
  const torch::Tensor pixels =
      pictures.to(torch::kFloat32).flatten(2).transpose(1, 2);  // [B, hw, 3]
  const torch::Tensor area =
      regions.sum(2, /*keepdim=*/true).clamp_min(1.0);  // [B, 19, 1]
  const torch::Tensor mean = torch::bmm(regions, pixels) / area;
  const torch::Tensor square = torch::bmm(regions, pixels.square()) / area;
  const torch::Tensor deviation =
      ((square - mean.square()).clamp_min(0.0) + 1e-4).sqrt();
  return torch::cat({mean, deviation}, 2);
}

torch::Tensor region_loss(const torch::Tensor& result,
                          const torch::Tensor& result_classes,
                          const torch::Tensor& looks,
                          const torch::Tensor& looks_classes) {
  const auto covers = [](const torch::Tensor& classes) {
    return regions_of(classes).mean(2) >= 0.01;  // [B, 19]
  };
  const torch::Tensor both =
      (covers(result_classes) & covers(looks_classes)).to(torch::kFloat32);
  const torch::Tensor difference =
      (region_colours(result, result_classes) -
       region_colours(looks, looks_classes).detach())
          .abs()
          .mean(2);
  return (difference * both).sum() / both.sum().clamp_min(1.0);
}

}  // namespace limner::train
