// The adversarial losses and their penalties against gradients worked out
// another way.
#include "train/losses/adversarial.h"

#include <cmath>

#include "train/modules/discriminator.h"
#include "train/modules/generator.h"
#include "train/modules/test_support.h"
#include "util/error.h"

namespace limner::train {
namespace {

TEST(Adversarial, ValuesOfTheNonSaturatingLoss) {
  const torch::Tensor real = torch::tensor({1.0F, -2.0F});
  const torch::Tensor fake = torch::tensor({0.5F, 3.0F});
  const auto softplus = [](double x) { return std::log1p(std::exp(x)); };
  EXPECT_NEAR(generator_loss(fake).item<double>(),
              (softplus(-0.5) + softplus(-3.0)) / 2, 1e-6);
  EXPECT_NEAR(
      discriminator_loss(real, fake).item<double>(),
      (softplus(0.5) + softplus(3.0) + softplus(-1.0) + softplus(2.0)) / 2,
      1e-6);
}

// A small discriminator in double precision, so that differences of its
// values are exact enough to be gradients.
Discriminator small_discriminator() {
  torch::manual_seed(3);
  DiscriminatorConfig config;
  config.channels = {8, 6, 4};
  Discriminator net(config);
  net->to(torch::kFloat64);
  return net;
}

TEST(Adversarial, R1IsTheSquaredGradient) {
  Discriminator net = small_discriminator();
  const torch::Tensor pictures =
      torch::randn({2, 3, 16, 16}, torch::kFloat64).requires_grad_(true);
  const double penalty = r1_penalty(net(pictures), pictures).item<double>();

  // Central differences at every pixel.
  const torch::NoGradGuard no_grad;
  const double h = 1e-5;
  double squares = 0.0;
  torch::Tensor moved = pictures.detach().clone();
  const torch::Tensor flat = moved.view({-1});
  for (int64_t i = 0; i < flat.numel(); ++i) {
    flat[i] += h;
    const double above = net(moved).sum().item<double>();
    flat[i] -= 2 * h;
    const double below = net(moved).sum().item<double>();
    flat[i] += h;
    squares += std::pow((above - below) / (2 * h), 2);
  }
  EXPECT_NEAR(penalty, squares / 2, 1e-4 * penalty);
}

// d penalty / d weight along a random direction, by differences.
TEST(Adversarial, R1HasAGradientForTheWeights) {
  Discriminator net = small_discriminator();
  const torch::Tensor pictures =
      torch::randn({4, 3, 16, 16}, torch::kFloat64).requires_grad_(true);
  r1_penalty(net(pictures), pictures).backward();
  std::vector<torch::Tensor> directions;
  double slope = 0.0;
  for (const torch::Tensor& weight : net->parameters()) {
    directions.push_back(torch::randn_like(weight));
    // A bias of the last layer moves all logits alike: no gradient.
    if (!weight.grad().defined()) continue;
    slope += (weight.grad() * directions.back()).sum().item<double>();
  }
  const double h = 1e-6;
  double difference = 0.0;
  for (const double sign : {1.0, -2.0}) {
    {
      const torch::NoGradGuard no_grad;
      size_t i = 0;
      for (torch::Tensor& weight : net->parameters()) {
        weight.add_(directions[i++] * (sign * h));
      }
    }
    difference += (sign > 0 ? 1.0 : -1.0) *
                  r1_penalty(net(pictures), pictures).item<double>();
  }
  EXPECT_NEAR(slope, difference / (2 * h), 1e-4 * std::abs(slope));
}

TEST(Adversarial, LazyR1ComesEverySoManySteps) {
  Discriminator net = small_discriminator();
  const torch::Tensor pictures = torch::randn({2, 3, 16, 16}, torch::kFloat64);
  const auto discriminate = [&](const torch::Tensor& x) { return net(x); };
  const R1Options options;
  EXPECT_FALSE(lazy_r1(discriminate, pictures, 1, options).defined());
  EXPECT_FALSE(lazy_r1(discriminate, pictures, 15, options).defined());
  const torch::Tensor input = pictures.clone().requires_grad_(true);
  const double plain = r1_penalty(net(input), input).item<double>();
  EXPECT_NEAR(lazy_r1(discriminate, pictures, 32, options).item<double>(),
              plain * 10.0 / 2.0 * 16, 1e-9 * plain);
  R1Options off;
  off.gamma = 0.0;
  EXPECT_FALSE(lazy_r1(discriminate, pictures, 0, off).defined());
}

TEST(Adversarial, PathLengthIsThatOfTheJacobian) {
  torch::manual_seed(4);
  GeneratorConfig config;
  config.style_width = 6;
  config.mapping_layers = 1;
  config.channels = {6, 5};
  Generator net(config);
  net->to(torch::kFloat64);
  SynthesisOptions synthesis;
  synthesis.fresh_noise = false;
  const torch::Tensor codes =
      torch::randn({2, 4, 6}, torch::kFloat64).requires_grad_(true);
  const torch::Tensor noise = torch::randn({2, 3, 8, 8}, torch::kFloat64);

  PathLengthOptions options;
  options.decay = 0.25;
  PathLength path(options);
  EXPECT_TRUE(path.due(8));
  EXPECT_FALSE(path.due(9));
  path.set_mean(0.5);
  const torch::Tensor pictures = net(codes, synthesis);
  const torch::Tensor penalty = path.penalty(pictures, codes, noise);

  // Central differences of sum(picture * noise) / 8 at every number.
  std::vector<double> lengths;
  {
    const torch::NoGradGuard no_grad;
    const double h = 1e-5;
    for (int64_t b = 0; b < 2; ++b) {
      double squares = 0.0;
      torch::Tensor moved = codes.detach().clone();
      const torch::Tensor flat = moved[b].view({-1});
      const auto value = [&] {
        return (net(moved, synthesis) * noise).sum().item<double>() / 8.0;
      };
      for (int64_t i = 0; i < flat.numel(); ++i) {
        flat[i] += h;
        const double above = value();
        flat[i] -= 2 * h;
        const double below = value();
        flat[i] += h;
        squares += std::pow((above - below) / (2 * h), 2);
      }
      lengths.push_back(std::sqrt(squares / 4));  // the mean over 4 styles
    }
  }
  const double mean = 0.5 + 0.25 * ((lengths[0] + lengths[1]) / 2 - 0.5);
  EXPECT_NEAR(path.mean(), mean, 1e-4 * mean);
  const double expected =
      (std::pow(lengths[0] - mean, 2) + std::pow(lengths[1] - mean, 2)) / 2;
  EXPECT_NEAR(penalty.item<double>(), expected * 2.0 * 4, 1e-3 * expected);
  penalty.backward();
  bool reached = false;
  for (const torch::Tensor& weight : net->parameters()) {
    reached = reached || (weight.grad().defined() &&
                          weight.grad().abs().max().item<double>() > 0);
  }
  EXPECT_TRUE(reached);
}

TEST(Adversarial, PenaltiesNeedAnInputWithGradients) {
  const torch::Tensor plain = torch::ones({1, 3, 4, 4});
  EXPECT_THROW(r1_penalty(plain.sum({1, 2, 3}), plain), Error);
}

}  // namespace
}  // namespace limner::train
