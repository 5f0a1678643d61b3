#include "train/modules/batch_norm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/utils.h>

#include <vector>

#include "train/parallel/test_processes.h"
#include "util/random.h"
#include "util/test_folder.h"

namespace limner::train {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

torch::Tensor drawn(uint64_t seed, const std::vector<int64_t>& shape) {
  const torch::Tensor like = torch::empty(shape);
  const auto values = normal_values(seed, static_cast<size_t>(like.numel()));
  return torch::tensor(values).view(shape);
}

torch::nn::Sequential small_network() {
  torch::nn::Sequential network(
      torch::nn::Conv2d(torch::nn::Conv2dOptions(3, 6, 3).padding(1)),
      BatchNorm2d(6), torch::nn::PReLU(),
      torch::nn::Conv2d(torch::nn::Conv2dOptions(6, 4, 3).stride(2)),
      BatchNorm2d(torch::nn::BatchNormOptions(4).momentum(0.3)));
  const torch::NoGradGuard no_grad;
  uint64_t seed = 7;
  for (torch::Tensor& parameter : network->parameters()) {
    parameter.copy_(drawn(seed++, parameter.sizes().vec()) * 0.4 + 0.2);
  }
  return network;
}

// Three steps of descent on the pictures [first, last) of the same eight.
void train(torch::nn::Sequential network, Processes& processes, int64_t first,
           int64_t last) {
  for (uint64_t step = 0; step < 3; ++step) {
    // A mean far from zero is where careless sums lose digits.
    const torch::Tensor x = drawn(100 + step, {8, 3, 9, 9}) + 20;
    const torch::Tensor target = drawn(200 + step, {8, 4, 4, 4});
    network->zero_grad();
    const torch::Tensor loss = (network->forward(x.slice(0, first, last)) -
                                target.slice(0, first, last))
                                   .square()
                                   .mean();
    loss.backward();
    processes.average_gradients(network->parameters());
    const torch::NoGradGuard no_grad;
    for (torch::Tensor& parameter : network->parameters()) {
      parameter.sub_(parameter.grad(), 0.05);
    }
  }
}

TEST(BatchNormHelper, DISABLED_Halves) {
  const auto processes = Processes::from_environment();
  ASSERT_EQ(processes->world(), 2);
  torch::nn::Sequential whole = small_network(), half = small_network();
  set_processes(*half, processes);
  train(whole, *Processes::alone(), 0, 8);
  train(half, *processes, processes->rank() * 4, processes->rank() * 4 + 4);
  const auto close = [](const torch::Tensor& a, const torch::Tensor& b) {
    return torch::allclose(a.to(torch::kFloat64), b.to(torch::kFloat64), 1e-5,
                           1e-5);
  };
  for (const auto& item : whole->named_parameters()) {
    EXPECT_TRUE(close(item.value(), half->named_parameters()[item.key()]))
        << item.key();
  }
  for (const auto& item : whole->named_buffers()) {
    EXPECT_TRUE(close(item.value(), half->named_buffers()[item.key()]))
        << item.key();
  }
  const torch::Tensor x = torch::ones({2, 6, 3, 3}, torch::requires_grad());
  BatchNorm2d norm(6);
  norm->set_processes(processes);
  EXPECT_THAT(error_of([&] {
                torch::autograd::grad({norm(x).square().sum()}, {x}, {}, true,
                                      true);
              }),
              HasSubstr("no second derivative"));
}

TEST(BatchNorm, TwoProcessesEqualOne) {
  EXPECT_THAT(run_in_processes("BatchNormHelper.DISABLED_Halves", 2), Each(0));
}

TEST(BatchNorm, AloneIsThatOfTorch) {
  BatchNorm2d ours(5);
  torch::nn::BatchNorm2d theirs(5);
  set_processes(*ours, Processes::alone());
  EXPECT_EQ(ours->named_parameters().keys(), theirs->named_parameters().keys());
  EXPECT_EQ(ours->named_buffers().keys(), theirs->named_buffers().keys());
  const torch::Tensor x = drawn(3, {4, 5, 6, 7});
  EXPECT_TRUE(ours(x).equal(theirs(x)));
  EXPECT_TRUE(ours->running_var.equal(theirs->running_var));
  ours->eval();
  theirs->eval();
  EXPECT_TRUE(ours(x).equal(theirs(x)));
}

}  // namespace
}  // namespace limner::train
