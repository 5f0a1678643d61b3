// The discriminator that looks through a fixed classifier.
#include "train/modules/projected_critic.h"

#include <gmock/gmock.h>
#include <torch/nn/functional.h>
#include <torch/optim/adam.h>

namespace limner::train {
namespace {

constexpr int kBorder = 3;

SqueezeNet fixed_net() {
  SqueezeNet net(kBorder);
  for (torch::Tensor& weight : net->parameters()) weight.requires_grad_(false);
  return net;
}

// Pictures of noise, and the same without what is finer than four pixels.
torch::Tensor fine_pictures(int64_t count) {
  return torch::rand({count, 3, 64, 64}) * 2 - 1;
}

torch::Tensor coarse(const torch::Tensor& pictures) {
  return torch::upsample_nearest2d(torch::avg_pool2d(pictures, 4), {64, 64});
}

TEST(ProjectedCritic, GivesEachJudgeTheSameSay) {
  torch::manual_seed(1);
  ProjectedCritic critic(fixed_net(), 16);
  const auto maps = critic->features(fine_pictures(2));
  ASSERT_EQ(maps.size(), 4U);
  EXPECT_EQ(maps[0].sizes(), torch::IntArrayRef({2, 96, 32, 32}));
  EXPECT_EQ(maps[3].sizes(), torch::IntArrayRef({2, 512, 4, 4}));
  for (const torch::Tensor& map : maps) {
    EXPECT_TRUE(torch::allclose(map.mean({1, 2, 3}), torch::ones({2}), 1e-4));
  }
  // 32, 16, 8 and 4 px judged at 8, 8, 4 and 4: 64 verdicts each.
  const torch::Tensor logits = critic(maps);
  EXPECT_EQ(logits.sizes(), torch::IntArrayRef({2, 256}));
  // The deepest judge comes first; its patches are repeated four times.
  EXPECT_TRUE(torch::equal(logits.slice(1, 0, 64).view({2, 16, 4}).std(2),
                           torch::zeros({2, 16})));
}

TEST(ProjectedCritic, TrainsItsJudgesAlone) {
  torch::manual_seed(2);
  ProjectedCritic critic(fixed_net(), 16);
  for (const auto& item : critic->named_parameters()) {
    EXPECT_THAT(item.key(), testing::HasSubstr("judge"));
  }
  torch::Tensor x = fine_pictures(1).requires_grad_(true);
  critic(critic->features(x)).mean().backward();
  EXPECT_GT(x.grad().abs().sum().item<double>(), 0);
}

// That the gradient is that of the mean logit: by differences, in double.
TEST(ProjectedCritic, GradientToThePicture) {
  torch::manual_seed(3);
  ProjectedCritic critic(fixed_net(), 8);
  torch::Tensor x = fine_pictures(1).requires_grad_(true);
  const auto mean = [&](const torch::Tensor& picture) {
    return critic(critic->features(picture)).mean();
  };
  mean(x).backward();
  const torch::Tensor direction = x.grad() / x.grad().norm();
  const double along = (x.grad() * direction).sum().item<double>();
  const torch::NoGradGuard no_grad;
  constexpr double kStep = 0.02;
  const double difference =
      (mean(x + direction * kStep) - mean(x - direction * kStep))
          .item<double>() /
      (2 * kStep);
  EXPECT_NEAR(difference, along, 0.05 * along);
}

TEST(ProjectedCritic, SoonTellsSoftPicturesFromFineOnes) {
  torch::manual_seed(4);
  ProjectedCritic critic(fixed_net(), 16);
  torch::optim::Adam adam(critic->parameters(), 2e-3);
  for (int i = 0; i < 40; ++i) {
    const torch::Tensor fine = fine_pictures(4);
    adam.zero_grad();
    (torch::softplus(-critic(critic->features(fine))).mean() +
     torch::softplus(critic(critic->features(coarse(fine)))).mean())
        .backward();
    adam.step();
    refresh_spectral_norms(*critic);
  }
  const torch::NoGradGuard no_grad;
  const torch::Tensor fine = fine_pictures(8);
  const torch::Tensor real = critic(critic->features(fine)).mean(1);
  const torch::Tensor made = critic(critic->features(coarse(fine))).mean(1);
  EXPECT_GT(real.min().item<double>(), made.max().item<double>() + 0.5);
}

}  // namespace
}  // namespace limner::train
