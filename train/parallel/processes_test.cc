#include "train/parallel/processes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/nn/modules/linear.h>
#include <torch/utils.h>

#include "train/parallel/flat.h"
#include "train/parallel/test_processes.h"
#include "util/error.h"
#include "util/test_folder.h"

namespace limner::train {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

TEST(Processes, AloneChangesNothing) {
  const auto alone = Processes::alone();
  EXPECT_EQ(alone->world(), 1);
  EXPECT_TRUE(alone->main());
  torch::Tensor x = torch::arange(3);
  alone->sum(x);
  alone->broadcast(x);
  alone->barrier();
  EXPECT_TRUE(x.equal(torch::arange(3)));
}

void set_gradient(const torch::Tensor& parameter, double value) {
  torch::Tensor(parameter).mutable_grad() = torch::full_like(parameter, value);
}

TEST(ProcessesHelper, DISABLED_Calls) {
  const auto processes = Processes::from_environment();
  ASSERT_EQ(processes->world(), 3);
  const int rank = processes->rank();
  EXPECT_EQ(processes->local_rank(), rank);

  torch::Tensor sum = torch::full({2, 3}, rank + 1.0);
  processes->sum(sum);
  EXPECT_TRUE(sum.equal(torch::full({2, 3}, 6.0)));

  torch::Tensor gaps = torch::full({4, 4}, rank + 1.0);
  torch::Tensor column = gaps.narrow(1, 1, 1);
  processes->sum(column);
  EXPECT_TRUE(column.equal(torch::full({4, 1}, 6.0)));
  EXPECT_TRUE(gaps.narrow(1, 2, 2).equal(torch::full({4, 2}, rank + 1.0)));

  torch::Tensor integers = torch::full({3}, rank, torch::kInt64);
  processes->broadcast(integers);
  EXPECT_TRUE(integers.equal(torch::zeros({3}, torch::kInt64)));

  torch::nn::Linear linear(3, 2);
  processes->broadcast_module(*linear);
  torch::Tensor difference = linear->weight.detach().clone();
  processes->sum(difference);
  EXPECT_TRUE(torch::allclose(difference, linear->weight * 3));

  // Apart, with one missing on some; then in one buffer.
  const std::vector<torch::Tensor> parameters = linear->parameters();
  set_gradient(parameters[0], rank);
  if (rank == 2) set_gradient(parameters[1], 6);
  processes->average_gradients(parameters);
  EXPECT_TRUE(parameters[0].grad().equal(torch::full({2, 3}, 1.0)));
  EXPECT_TRUE(parameters[1].grad().equal(torch::full({2}, 2.0)));
  make_flat({parameters[0].grad(), parameters[1].grad()});
  parameters[0].grad().fill_(rank);
  processes->average_gradients(parameters);
  EXPECT_TRUE(parameters[0].grad().equal(torch::full({2, 3}, 1.0)));
  EXPECT_TRUE(parameters[1].grad().equal(torch::full({2}, 2.0)));
  processes->barrier();
}

TEST(Processes, SumBroadcastAndAverage) {
  EXPECT_THAT(run_in_processes("ProcessesHelper.DISABLED_Calls", 3), Each(0));
}

TEST(ProcessesHelper, DISABLED_OneLeaves) {
  const auto processes = Processes::from_environment();
  if (processes->rank() == 1) ::_exit(0);
  torch::Tensor sum = torch::ones({1000});
  EXPECT_THAT(error_of([&] { processes->sum(sum); }),
              HasSubstr("another process is gone"));
}

TEST(Processes, AProcessThatIsGoneIsAnError) {
  EXPECT_THAT(run_in_processes("ProcessesHelper.DISABLED_OneLeaves", 2),
              Each(0));
}

TEST(Flat, TensorsBecomeViewsOfOneBuffer) {
  const torch::Tensor a = torch::arange(6.0).view({2, 3});
  const torch::Tensor b = torch::arange(72.0)
                              .view({1, 2, 6, 6})
                              .to(torch::MemoryFormat::ChannelsLast);
  const torch::Tensor c = torch::tensor(5.0);
  const std::vector<torch::Tensor> before = {a.clone(), b.clone(), c.clone()};
  EXPECT_FALSE(flat_view({a, b, c}).defined());
  const torch::Tensor buffer = make_flat({a, b, c});
  EXPECT_EQ(buffer.numel(), 16 + 80 + 16);
  EXPECT_TRUE(a.equal(before[0]));
  EXPECT_TRUE(b.equal(before[1]));
  EXPECT_EQ(b.strides(), before[1].strides());
  EXPECT_TRUE(c.equal(before[2]));
  const torch::Tensor view = flat_view({a, b, c});
  ASSERT_TRUE(view.defined());
  EXPECT_EQ(view.numel(), 16 + 80 + 1);
  view.mul_(2);
  EXPECT_TRUE(b.equal(before[1] * 2));
  EXPECT_EQ(buffer.sum().item<double>(), 2 * (15 + 2556 + 5));
  EXPECT_TRUE(flat_view({b, c}).defined());
  EXPECT_FALSE(flat_view({a, c}).defined());
  EXPECT_FALSE(flat_view({b, a}).defined());
}

TEST(Flat, ATensorOfALargerOneKeepsToItself) {
  const torch::Tensor all = torch::ones({40});
  flat_view({all.narrow(0, 0, 3)}).mul_(5);
  EXPECT_EQ(all.sum().item<double>(), 37 + 15);
}

TEST(Flat, TypesMustAgree) {
  EXPECT_THAT(error_of([] {
                make_flat({torch::ones({2}), torch::ones({2}, torch::kInt64)});
              }),
              HasSubstr("need one type"));
}

}  // namespace
}  // namespace limner::train
