#include "train/stages/part_loss.h"

#include "train/losses/losses.h"
#include "train/stages/settings.h"

namespace limner::train {
namespace {

constexpr int64_t kEnlarge = 2;
// Of the standardised crops, so that most of them lies in [-1, 1].
constexpr double kDeviation = 0.5;
// Added to a crop's deviation: noise in an even one stays small.
constexpr double kMinDeviation = 0.02;

torch::Tensor standardised(const torch::Tensor& pictures,
                           const FaceCrops& crops) {
  const torch::Tensor grey = cut_out(pictures.mean(1, true), crops);
  const torch::Tensor mean = grey.mean({2, 3}, true);
  const torch::Tensor deviation =
      (grey - mean).square().mean({2, 3}, true).add(1e-8).sqrt();
  const torch::Tensor found =
      crops.found.slice(0, 0, grey.size(0)).to(grey.device());
  return (grey - mean) / (deviation + kMinDeviation) * kDeviation *
         found.view({-1, 1, 1, 1});
}

}  // namespace

torch::Tensor part_loss(SqueezeNet net, const torch::Tensor& result,
                        const torch::Tensor& photo, const FaceCrops& crops,
                        bool bf16) {
  FaceCrops larger = crops;
  larger.height *= kEnlarge;
  larger.width *= kEnlarge;
  const torch::Tensor got = standardised(result, larger);
  torch::Tensor wanted;
  {
    const torch::NoGradGuard no_grad;
    wanted = standardised(photo, larger);
  }
  const auto colour = [](const torch::Tensor& x) {
    return x.expand({-1, 3, -1, -1}).contiguous(at::MemoryFormat::ChannelsLast);
  };
  const Autocast autocast(bf16, result.device());
  return perceptual_loss(net, colour(got), colour(wanted)) +
         torch::l1_loss(got, wanted);
}

}  // namespace limner::train
