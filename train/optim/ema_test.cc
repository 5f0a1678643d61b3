#include "train/optim/ema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/utils.h>

#include "train/optim/optimizer.h"
#include "util/test_folder.h"

namespace limner::train {
namespace {

using ::testing::HasSubstr;

torch::nn::Sequential network() {
  return torch::nn::Sequential(torch::nn::Linear(3, 4),
                               torch::nn::BatchNorm1d(4),
                               torch::nn::Linear(4, 2));
}

TEST(Ema, FollowsWhereverTheParametersLie) {
  // 0: no optimiser; 1: made before; 2: made after.
  for (const int order : {0, 1, 2}) {
    torch::nn::Sequential source = network(), average = network();
    std::unique_ptr<Optimizer> optimizer;
    if (order == 1) optimizer = make_optimizer({}, source->parameters());
    Ema ema(*source, *average);
    if (order == 2) optimizer = make_optimizer({}, source->parameters());
    std::vector<torch::Tensor> expected;
    for (const torch::Tensor& p : source->parameters()) {
      expected.push_back(p.detach().clone());
    }
    const torch::NoGradGuard no_grad;
    for (int step = 1; step <= 3; ++step) {
      for (torch::Tensor& p : source->parameters()) p.add_(step);
      source->buffers()[0].fill_(step);
      ema.update(0.75);
      const auto parameters = source->parameters();
      const auto averages = average->parameters();
      for (size_t i = 0; i < expected.size(); ++i) {
        expected[i] = expected[i] * 0.75 + parameters[i] * 0.25;
        EXPECT_TRUE(torch::allclose(averages[i], expected[i], 1e-6, 1e-6));
        EXPECT_FALSE(averages[i].requires_grad());
      }
      EXPECT_EQ(average->buffers()[0][0].item<int>(), step);
    }
    ema.update(0);
    EXPECT_TRUE(average->parameters()[0].equal(source->parameters()[0]));
  }
}

TEST(Ema, NetworksMustMatch) {
  torch::nn::Sequential source = network();
  torch::nn::Linear other(3, 4);
  EXPECT_THAT(error_of([&] { Ema(*source, *other); }), HasSubstr("tensors"));
  torch::nn::Sequential wide(torch::nn::Linear(3, 5), torch::nn::BatchNorm1d(5),
                             torch::nn::Linear(5, 2));
  EXPECT_THAT(error_of([&] { Ema(*source, *wide); }), HasSubstr("0.weight"));
  torch::nn::Sequential average = network();
  Ema ema(*source, *average);
  EXPECT_THAT(error_of([&] { ema.update(1.5); }), HasSubstr("0 to 1"));
}

}  // namespace
}  // namespace limner::train
