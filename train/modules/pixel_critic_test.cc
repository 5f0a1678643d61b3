// Discriminators of pixels and crops: shapes, spectral norms, that they can
// learn.
#include "train/modules/pixel_critic.h"

#include <gmock/gmock.h>
#include <torch/optim/adam.h>

#include "train/modules/test_support.h"
#include "util/error.h"

namespace limner::train {
namespace {

double largest_singular_value(const torch::Tensor& weight) {
  return std::get<1>(torch::svd(weight.flatten(1))).max().item<double>();
}

TEST(SpectralConv, HasNormOne) {
  torch::manual_seed(1);
  SpectralConv conv(6, 8, 3);
  {
    const torch::NoGradGuard no_grad;
    conv->weight.mul_(7.0);
    for (int i = 0; i < 200; ++i) conv->refresh();
  }
  // One pixel at a time shows the weights as they act.
  const torch::Tensor identity = torch::eye(54).view({54, 6, 3, 3});
  const torch::Tensor acting =
      conv->forward(identity).select(2, 1).select(2, 1) - conv->bias;
  EXPECT_NEAR(largest_singular_value(acting), 1.0, 1e-3);
}

TEST(SpectralConv, ReadingChangesNothing) {
  torch::manual_seed(2);
  SpectralConv conv(3, 4, 3, 2);
  const torch::Tensor x = torch::randn({1, 3, 8, 8});
  const torch::Tensor once = conv->forward(x);
  EXPECT_TRUE(torch::equal(once, conv->forward(x)));
  EXPECT_EQ(once.sizes(), torch::IntArrayRef({1, 4, 4, 4}));
}

TEST(SpectralConv, GradientKnowsOfTheNorm) {
  // A change of the weight along itself changes nothing that it does.
  torch::manual_seed(3);
  SpectralConv conv(3, 4, 3);
  for (int i = 0; i < 100; ++i) conv->refresh();
  conv->forward(torch::randn({2, 3, 6, 6})).square().sum().backward();
  const torch::Tensor gradient = conv->weight.grad();
  const double along = (gradient * conv->weight).sum().item<double>();
  EXPECT_LT(std::abs(along), 1e-3 * gradient.norm().item<double>() *
                                 conv->weight.norm().item<double>());
}

TEST(PixelCritic, ReadsPicturesOfSeveralSides) {
  torch::manual_seed(4);
  PixelCriticConfig config;
  config.widths = {8, 12, 16};
  PixelCritic critic(config);
  EXPECT_EQ(critic->side_step(), 8);
  const auto reading = critic->forward(torch::randn({2, 3, 16, 24}));
  EXPECT_EQ(reading.logits.sizes(), torch::IntArrayRef({2, 20, 16, 24}));
  ASSERT_EQ(reading.maps.size(), 2U);
  EXPECT_EQ(reading.maps[0].sizes(), torch::IntArrayRef({2, 12, 4, 6}));
  EXPECT_EQ(reading.maps[1].sizes(), torch::IntArrayRef({2, 8, 8, 12}));
  EXPECT_THROW(critic->forward(torch::randn({1, 3, 12, 16})), Error);
}

TEST(PixelCritic, LearnsWhatAPixelShows) {
  // Dark pixels are class 0, bright ones class 1.
  torch::manual_seed(5);
  PixelCriticConfig config;
  config.widths = {8, 16};
  config.parts = 2;
  PixelCritic critic(config);
  torch::optim::Adam adam(critic->parameters(), 0.01);
  const auto sample = [&] {
    const torch::Tensor classes = torch::randint(0, 2, {4, 8, 8});
    const torch::Tensor pictures = (classes * 2 - 1)
                                       .unsqueeze(1)
                                       .to(torch::kFloat32)
                                       .expand({-1, 3, -1, -1});
    return std::make_pair(pictures, classes);
  };
  for (int i = 0; i < 150; ++i) {
    const auto [pictures, classes] = sample();
    adam.zero_grad();
    torch::nll_loss2d(torch::log_softmax(critic->forward(pictures).logits, 1),
                      classes)
        .backward();
    adam.step();
    refresh_spectral_norms(*critic);
  }
  const auto [pictures, classes] = sample();
  const torch::Tensor read = critic->forward(pictures).logits.argmax(1);
  EXPECT_GT((read == classes).to(torch::kFloat32).mean().item<double>(), 0.95);
}

TEST(PatchCritic, GivesAVerdictForEachPatch) {
  torch::manual_seed(6);
  PatchCritic critic(8);
  const auto reading = critic->forward(torch::randn({2, 3, 32, 64}));
  EXPECT_EQ(reading.logits.sizes(), torch::IntArrayRef({2, 1, 8, 16}));
  EXPECT_EQ(reading.maps.size(), 5U);
}

}  // namespace
}  // namespace limner::train
