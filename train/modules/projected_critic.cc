#include "train/modules/projected_critic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace limner::train {
namespace {

constexpr double kMinMean = 1e-3;  // keeps black pictures' maps finite
// Layers that halve a map before it is judged, from the finest.
constexpr std::array<int, 4> kHalvings = {2, 1, 1, 0};

torch::Tensor random_weight(int64_t out, int64_t in, int64_t kernel) {
  const double fan_in = static_cast<double>(in * kernel * kernel);
  return torch::randn({out, in, kernel, kernel}) / std::sqrt(fan_in);
}

}  // namespace

ProjectedCriticImpl::ProjectedCriticImpl(SqueezeNet squeezenet, int width)
    : squeezenet_(std::move(squeezenet)) {
  for (size_t i = 0; i < SqueezeNetImpl::kChannels.size(); ++i) {
    mix_.push_back(
        register_buffer(fmt::format("mix{}", i),
                        random_weight(width, SqueezeNetImpl::kChannels[i], 1)));
    if (i + 1 < SqueezeNetImpl::kChannels.size()) {
      lift_.push_back(register_buffer(fmt::format("lift{}", i),
                                      random_weight(width, width, 3)));
    }
    Judge judge;
    const auto add = [&](int stride) {
      judge.convs.push_back(
          register_module(fmt::format("judge{}_conv{}", i, judge.convs.size()),
                          SpectralConv(width, width, 3, stride)));
    };
    for (int k = 0; k < kHalvings[i]; ++k) add(2);
    add(1);
    judge.last = register_module(fmt::format("judge{}_last", i),
                                 verdict_layer(width, 1));
    judges_.push_back(std::move(judge));
  }
}

std::vector<torch::Tensor> ProjectedCriticImpl::features(
    const torch::Tensor& x) {
  std::vector<torch::Tensor> maps = squeezenet_->features(x);
  for (torch::Tensor& map : maps) {
    map = map / map.mean({1, 2, 3}, /*keepdim=*/true).clamp_min(kMinMean);
  }
  return maps;
}

torch::Tensor ProjectedCriticImpl::forward(
    const std::vector<torch::Tensor>& features) {
  std::vector<torch::Tensor> logits;
  torch::Tensor deeper;
  for (size_t i = judges_.size(); i-- > 0;) {
    torch::Tensor map = torch::conv2d(features[i], mix_[i]);
    if (deeper.defined()) {
      map = (map + torch::upsample_nearest2d(
                       torch::conv2d(deeper, lift_[i], {}, 1, 1),
                       {map.size(2), map.size(3)})) *
            std::sqrt(0.5);
    }
    deeper = map;
    for (SpectralConv& conv : judges_[i].convs) {
      map = spectral_activation(conv(map));
    }
    logits.push_back(judges_[i].last(map).to(torch::kFloat32).flatten(1));
  }
  // A judge of few patches repeats them up to the number of the finest.
  int64_t max = 0;
  for (const torch::Tensor& each : logits) max = std::max(max, each.size(1));
  for (torch::Tensor& each : logits) {
    each = each.repeat_interleave(max / each.size(1), 1);
  }
  return torch::cat(logits, 1);
}

}  // namespace limner::train
