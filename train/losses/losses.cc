#include "train/losses/losses.h"

#include <torch/nn/functional/loss.h>
#include <torch/nn/functional/normalization.h>
#include <torch/nn/functional/upsampling.h>

#include "util/error.h"

namespace limner::train {
namespace {

// The published crop of an aligned face.
constexpr int64_t kAlignedSide = 256;
constexpr int64_t kFaceTop = 35, kFaceBottom = 223;
constexpr int64_t kFaceLeft = 32, kFaceRight = 220;

// From brows to chin.
constexpr int64_t kFeaturesTop = 88, kFeaturesLeft = 64, kFeaturesSide = 128;

torch::Tensor pooled(const torch::Tensor& x, int64_t side) {
  if (x.size(2) == side && x.size(3) == side) return x;
  return torch::adaptive_avg_pool2d(x, {side, side});
}

// Part of a picture; where, in pixels of an aligned face of kAlignedSide.
torch::Tensor crop(const torch::Tensor& x, int64_t top, int64_t bottom,
                   int64_t left, int64_t right) {
  const auto at = [](int64_t where, int64_t side) {
    return where * side / kAlignedSide;
  };
  return x.slice(2, at(top, x.size(2)), at(bottom, x.size(2)))
      .slice(3, at(left, x.size(3)), at(right, x.size(3)));
}

constexpr int64_t kMocoSide = 224;

// Nothing flows back to the target.
template <typename Features>
std::vector<torch::Tensor> target_features(const Features& features,
                                           const torch::Tensor& target) {
  const torch::NoGradGuard no_grad;
  return features(target);
}

// The mean absolute difference of the first `count` features, summed.
template <typename Features>
torch::Tensor feature_l1(const Features& features, const torch::Tensor& result,
                         const torch::Tensor& target, size_t count) {
  const std::vector<torch::Tensor> got = features(result);
  const std::vector<torch::Tensor> wanted = target_features(features, target);
  if (count < 1 || count > got.size()) {
    fail("cannot compare {} layers of features, expected 1 to {}", count,
         got.size());
  }
  torch::Tensor loss = torch::l1_loss(got[0], wanted[0]);
  for (size_t i = 1; i < count; ++i) {
    loss = loss + torch::l1_loss(got[i], wanted[i]);
  }
  return loss;
}

torch::Tensor face_of(ArcFaceImpl& net, const torch::Tensor& x) {
  return net.forward(
      pooled(face_crop(pooled(x, kAlignedSide)), net.config().side));
}

torch::Tensor moco_features(ResNet50Impl& net, const torch::Tensor& x) {
  const torch::Tensor small = torch::nn::functional::interpolate(
      x, torch::nn::functional::InterpolateFuncOptions()
             .size(std::vector<int64_t>{kMocoSide, kMocoSide})
             .mode(torch::kNearest));
  return torch::nn::functional::normalize(
      net.forward(small), torch::nn::functional::NormalizeFuncOptions().dim(1));
}

// 1 - cosine, averaged over the batch; describe() makes [B, n] of norm 1.
template <typename Describe>
torch::Tensor cosine_distance(const Describe& describe,
                              const torch::Tensor& result,
                              const torch::Tensor& target) {
  torch::Tensor wanted;
  {
    const torch::NoGradGuard no_grad;
    wanted = describe(target);
  }
  return (1.0 - (describe(result) * wanted).sum(1)).mean();
}

}  // namespace

torch::Tensor l2_loss(const torch::Tensor& result,
                      const torch::Tensor& target) {
  return torch::mse_loss(result, target);
}

torch::Tensor lpips_loss(LpipsNet net, const torch::Tensor& result,
                         const torch::Tensor& target) {
  const auto features = [&](const torch::Tensor& x) {
    return net->features(x);
  };
  const std::vector<torch::Tensor> got = features(result);
  const std::vector<torch::Tensor> wanted = target_features(features, target);
  torch::Tensor loss;
  for (size_t i = 0; i < got.size(); ++i) {
    const torch::Tensor weighted =
        (got[i] - wanted[i]).square() * net->channel_weights(i);
    const torch::Tensor layer = weighted.sum(1).mean();
    loss = loss.defined() ? loss + layer : layer;
  }
  return loss;
}

torch::Tensor face_crop(const torch::Tensor& x) {
  return crop(x, kFaceTop, kFaceBottom, kFaceLeft, kFaceRight);
}

torch::Tensor scaled(const torch::Tensor& x, int64_t side) {
  if (x.size(2) == side) return x;
  if (x.size(2) > side) return torch::adaptive_avg_pool2d(x, {side, side});
  return torch::nn::functional::interpolate(
      x, torch::nn::functional::InterpolateFuncOptions()
             .size(std::vector<int64_t>{side, side})
             .mode(torch::kBilinear)
             .align_corners(false));
}

torch::Tensor features_crop(const torch::Tensor& x) {
  return scaled(crop(x, kFeaturesTop, kFeaturesTop + kFeaturesSide,
                     kFeaturesLeft, kFeaturesLeft + kFeaturesSide),
                x.size(2));
}

torch::Tensor id_loss(ArcFace net, const torch::Tensor& result,
                      const torch::Tensor& target) {
  return cosine_distance(
      [&](const torch::Tensor& x) { return face_of(*net, x); }, result, target);
}

torch::Tensor moco_loss(ResNet50 net, const torch::Tensor& result,
                        const torch::Tensor& target) {
  return cosine_distance(
      [&](const torch::Tensor& x) { return moco_features(*net, x); }, result,
      target);
}

torch::Tensor mask_loss(Unet net, const torch::Tensor& result,
                        const torch::Tensor& classes) {
  return torch::nn::functional::cross_entropy(net(result), classes);
}

torch::Tensor mask_feature_loss(Unet net, const torch::Tensor& result,
                                const torch::Tensor& target, int layers,
                                int side) {
  const auto features = [&](const torch::Tensor& x) {
    return net->features(side == 0 ? x : pooled(x, side));
  };
  return feature_l1(features, result, target, static_cast<size_t>(layers));
}

torch::Tensor fac_loss(SlimCnn net, const torch::Tensor& result,
                       const torch::Tensor& target) {
  const auto features = [&](const torch::Tensor& x) {
    return net->features(x);
  };
  return feature_l1(features, result, target, 4);
}

torch::Tensor w_norm_loss(const torch::Tensor& codes,
                          const torch::Tensor& latent_avg) {
  return (codes - latent_avg).square().sum({1, 2}).sqrt().mean();
}

torch::Tensor perceptual_loss(SqueezeNet net, const torch::Tensor& result,
                              const torch::Tensor& target) {
  const auto features = [&](const torch::Tensor& x) {
    std::vector<torch::Tensor> maps = net->features(x);
    for (torch::Tensor& map : maps) map = unit_norm(map);
    return maps;
  };
  const std::vector<torch::Tensor> got = features(result);
  const std::vector<torch::Tensor> wanted = target_features(features, target);
  torch::Tensor loss;
  for (size_t i = 0; i < got.size(); ++i) {
    const torch::Tensor layer = (got[i] - wanted[i]).square().sum(1).mean();
    loss = loss.defined() ? loss + layer : layer;
  }
  return loss / static_cast<double>(got.size());
}

}  // namespace limner::train
