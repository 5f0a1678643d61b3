// Losses of the discriminators of pixels and crops, against values worked out
// by hand and gradients as differences of values.
#include "train/losses/pixel_adversarial.h"

#include <cmath>

#include "train/losses/diff_augment.h"
#include "train/modules/test_support.h"
#include "util/error.h"

namespace limner::train {
namespace {

// d loss / d x at every element, by central differences.
template <typename Loss>
torch::Tensor differences(const torch::Tensor& x, const Loss& loss) {
  constexpr double kStep = 1e-3;
  torch::Tensor gradient = torch::zeros_like(x);
  const torch::NoGradGuard no_grad;
  for (int64_t i = 0; i < x.numel(); ++i) {
    const auto at = [&](double shift) {
      torch::Tensor moved = x.detach().clone();
      moved.view(-1)[i] += shift;
      return loss(moved).template item<double>();
    };
    gradient.view(-1)[i] = (at(kStep) - at(-kStep)) / (2 * kStep);
  }
  return gradient;
}

template <typename Loss>
void expect_gradient(const torch::Tensor& x, const Loss& loss,
                     double tolerance) {
  torch::Tensor input = x.detach().clone().requires_grad_(true);
  loss(input).backward();
  const torch::Tensor wanted = differences(x, loss);
  EXPECT_LT((input.grad() - wanted).abs().max().item<double>(), tolerance);
}

TEST(BalancedWeights, GiveEveryClassThatIsThereTheSameSay) {
  // 6 pixels of class 0, 2 of class 1, none of class 2, one that counts
  // nowhere.
  const torch::Tensor classes =
      torch::tensor({{{0, 0, 0}, {0, 0, 0}, {1, 1, -1}}});
  const torch::Tensor counts = count_classes(classes, 3);
  EXPECT_TRUE(
      torch::equal(counts, torch::tensor({6.0, 2.0, 0.0}, torch::kFloat64)));
  const torch::Tensor weights = balanced_weights(counts);
  EXPECT_NEAR(weights[0].item<double>() * 6, 4.0, 1e-9);
  EXPECT_NEAR(weights[1].item<double>() * 2, 4.0, 1e-9);
  EXPECT_EQ(weights[2].item<double>(), 0.0);
}

TEST(BalancedWeights, AreLimitedForClassesOfFewPixels) {
  const torch::Tensor counts = torch::tensor({9999.0, 1.0}, torch::kFloat64);
  const torch::Tensor weights = balanced_weights(counts, 10.0);
  EXPECT_NEAR((weights[1] / weights[0]).item<double>(), 10.0 / 0.50005, 1e-3);
  EXPECT_NEAR((weights * counts).sum().item<double>(), 10000.0, 1e-6);
}

TEST(PixelLoss, ValuesOfAKnownCase) {
  // Two pixels, two parts and "made".
  const torch::Tensor logits =
      torch::tensor({1.0F, 0.0F, 2.0F, -1.0F, 0.0F, 3.0F}).view({1, 3, 1, 2});
  const torch::Tensor classes = torch::tensor({{{0, 1}}});
  const torch::Tensor weights = torch::tensor({0.5, 1.5}, torch::kFloat64);
  const auto entropy = [](double a, double b, double c, double own) {
    return std::log(std::exp(a) + std::exp(b) + std::exp(c)) - own;
  };
  const double first = entropy(1, 2, 0, 1);     // pixel 0 read as class 0
  const double second = entropy(0, -1, 3, -1);  // pixel 1 as class 1
  EXPECT_NEAR(pixel_generator_loss(logits, classes, weights).item<double>(),
              (0.5 * first + 1.5 * second) / 2, 1e-6);
  const double made = (entropy(1, 2, 0, 0) + entropy(0, -1, 3, 3)) / 2;
  EXPECT_NEAR(
      pixel_discriminator_loss(logits, logits, classes, weights).item<double>(),
      (0.5 * first + 1.5 * second) / 2 + made, 1e-6);
  // A pixel that counts nowhere stays in the number of all.
  const torch::Tensor some = torch::tensor({{{-1, 1}}});
  EXPECT_NEAR(
      pixel_discriminator_loss(logits, logits, some, weights).item<double>(),
      (1.5 * second + entropy(0, -1, 3, 3)) / 2, 1e-6);
}

TEST(PixelLoss, GradientsAreThoseOfItsValues) {
  torch::manual_seed(5);
  const torch::Tensor logits = torch::randn({2, 4, 3, 3});
  const torch::Tensor classes = torch::randint(-1, 3, {2, 3, 3}, torch::kInt64);
  const torch::Tensor weights = balanced_weights(count_classes(classes, 3));
  expect_gradient(
      logits,
      [&](const torch::Tensor& x) {
        return pixel_generator_loss(x, classes, weights);
      },
      1e-3);
  expect_gradient(
      logits,
      [&](const torch::Tensor& x) {
        return pixel_discriminator_loss(x, x * 0.5, classes, weights);
      },
      1e-3);
}

TEST(FeatureMatching, IsRelativeToTheWantedMaps) {
  const torch::Tensor wanted = torch::tensor({2.0F, -2.0F}).view({1, 2, 1, 1});
  const torch::Tensor got = torch::tensor({3.0F, -2.0F}).view({1, 2, 1, 1});
  // |1| + 0 over |2| + |2|; a second pair of maps is equal.
  EXPECT_NEAR(
      feature_matching_loss({got, wanted}, {wanted, wanted}).item<double>(),
      0.125, 1e-6);
  EXPECT_THROW(feature_matching_loss({got}, {}), Error);
  torch::manual_seed(6);
  const torch::Tensor maps = torch::randn({2, 3, 2, 2});
  const torch::Tensor aim = torch::randn({2, 3, 2, 2});
  expect_gradient(
      maps,
      [&](const torch::Tensor& x) { return feature_matching_loss({x}, {aim}); },
      1e-3);
  expect_gradient(
      maps, [&](const torch::Tensor& x) { return gram_loss({x}, {aim}); },
      1e-3);
}

TEST(FeatureMatching, GramForgetsPlaces) {
  torch::manual_seed(7);
  const torch::Tensor map = torch::randn({1, 3, 4, 4});
  EXPECT_LT((gram(map) - gram(map.flip({2, 3}))).abs().max().item<double>(),
            1e-6);
  // Products of one channel of ones: h w / (C h w).
  EXPECT_NEAR(gram(torch::ones({1, 1, 2, 2}))[0][0][0].item<double>(), 1.0,
              1e-6);
}

DiffAugmentOptions full() {
  DiffAugmentOptions options;
  options.strength = 1.0;
  return options;
}

TEST(DiffAugment, NoStrengthChangesNothing) {
  const torch::Tensor pictures = torch::randn({2, 3, 8, 8});
  const torch::Tensor classes = torch::randint(0, 19, {2, 8, 8});
  const DiffAugment off({}, 2, 8, 1, 0, 1);
  EXPECT_TRUE(torch::equal(off.pictures(pictures), pictures));
  EXPECT_TRUE(torch::equal(off.classes(classes), classes));
}

TEST(DiffAugment, ClassesMoveWithTheirPixels) {
  // A picture that shows its classes, grey kept by switching colours off.
  DiffAugmentOptions options = full();
  options.brightness = options.saturation = options.contrast = 0;
  torch::manual_seed(8);
  const torch::Tensor classes = torch::randint(1, 19, {8, 16, 16});
  const torch::Tensor pictures =
      classes.unsqueeze(1).to(torch::kFloat32).expand({-1, 3, -1, -1});
  const DiffAugment augment(options, 8, 16, 3, 0, 1);
  const torch::Tensor moved = augment.classes(classes);
  const torch::Tensor shown = augment.pictures(pictures).select(1, 0);
  EXPECT_FALSE(torch::equal(moved, classes));
  EXPECT_LT((shown - moved.clamp_min(0)).abs().max().item<double>(), 1e-4);
  const double lost = (moved < 0).to(torch::kFloat32).mean().item<double>();
  EXPECT_GT(lost, 0.02);
  EXPECT_LT(lost, 0.6);
}

TEST(DiffAugment, DependsOnSeedAndPlaceInTheBatchAlone) {
  torch::manual_seed(9);
  const torch::Tensor pictures = torch::randn({4, 3, 8, 8});
  const torch::Tensor whole =
      DiffAugment(full(), 4, 8, 11, 0, 1).pictures(pictures);
  const torch::Tensor odd =
      DiffAugment(full(), 2, 8, 11, 1, 2)
          .pictures(pictures.index_select(0, torch::tensor({1, 3})));
  EXPECT_TRUE(torch::equal(whole.index_select(0, torch::tensor({1, 3})), odd));
  EXPECT_FALSE(torch::equal(
      whole, DiffAugment(full(), 4, 8, 12, 0, 1).pictures(pictures)));
}

TEST(DiffAugment, GradientsPass) {
  torch::manual_seed(10);
  const torch::Tensor pictures = torch::randn({1, 3, 4, 4});
  const DiffAugment augment(full(), 1, 4, 2, 0, 1);
  const torch::Tensor aim = torch::randn({1, 3, 4, 4});
  expect_gradient(
      pictures,
      [&](const torch::Tensor& x) { return (augment.pictures(x) * aim).sum(); },
      2e-2);
}

}  // namespace
}  // namespace limner::train
