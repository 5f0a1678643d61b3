#include "train/optim/optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/optim/adam.h>
#include <torch/utils.h>

#include <cmath>

#include "train/optim/ema.h"
#include "train/optim/kernels.h"
#include "train/parallel/flat.h"
#include "util/parallel.h"
#include "util/random.h"
#include "util/test_folder.h"

namespace limner::train {
namespace {

using ::testing::HasSubstr;

// "Random" parameters of several shapes, the same for the same seed.
std::vector<torch::Tensor> some_parameters(
    uint64_t seed, torch::ScalarType type = torch::kFloat32) {
  std::vector<torch::Tensor> parameters;
  for (const std::vector<int64_t>& shape : std::vector<std::vector<int64_t>>{
           {5}, {4, 3}, {2, 3, 3, 3}, {1, 4, 2, 1, 3}, {}, {17}}) {
    const torch::Tensor like = torch::empty(shape);
    const auto values =
        normal_values(seed++, static_cast<size_t>(like.numel()));
    parameters.push_back(
        torch::tensor(values).view(shape).to(type).requires_grad_());
  }
  parameters[2] = parameters[2]
                      .detach()
                      .contiguous(torch::MemoryFormat::ChannelsLast)
                      .requires_grad_();
  return parameters;
}

// A smooth loss with its minimum elsewhere for each parameter.
torch::Tensor loss_of(const std::vector<torch::Tensor>& parameters) {
  torch::Tensor loss = torch::zeros({}, parameters[0].dtype());
  double target = 0.3;
  for (const torch::Tensor& p : parameters) {
    const torch::Tensor way = torch::arange(p.numel(), p.options()).view_as(p);
    loss = loss + ((p - target) * (1 + 0.02 * way)).cosh().mean();
    target = -target * 1.5;
  }
  return loss;
}

double largest_difference(const std::vector<torch::Tensor>& a,
                          const std::vector<torch::Tensor>& b) {
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, (a[i] - b[i]).abs().max().item<double>());
  }
  return largest;
}

// float32 on the CPU has loops of its own; other types go through libtorch.
// Close to its aim Adam divides noise by its own size, so float32 is compared
// over few steps.
TEST(Adam, EqualsThatOfTorch) {
  for (const double decay : {0.0, 0.1}) {
    for (const auto type : {torch::kFloat32, torch::kFloat64}) {
      const bool coarse = type == torch::kFloat32;
      auto ours = some_parameters(1, type), theirs = some_parameters(1, type);
      OptimizerOptions options;
      options.lr = 0.02;
      options.weight_decay = decay;
      const auto optimizer = make_optimizer(options, ours);
      torch::optim::Adam reference(theirs, torch::optim::AdamOptions(0.02)
                                               .betas({0.5, 0.99})
                                               .eps(1e-8)
                                               .weight_decay(decay));
      for (int step = 0; step < (coarse ? 10 : 50); ++step) {
        optimizer->zero_grad();
        reference.zero_grad();
        loss_of(ours).backward();
        loss_of(theirs).backward();
        optimizer->step();
        reference.step();
      }
      EXPECT_LT(largest_difference(ours, theirs), coarse ? 2e-5 : 1e-9);
    }
  }
}

TEST(Adam, SumsSeveralBackwardPasses) {
  auto once = some_parameters(2), twice = some_parameters(2);
  const auto one = make_optimizer({}, once);
  const auto two = make_optimizer({}, twice);
  (loss_of(once) * 2).backward();
  loss_of(twice).backward();
  loss_of(twice).backward();
  EXPECT_LT(largest_difference(gradients(once), gradients(twice)), 1e-6);
}

// Ranger as published, a value at a time in float64.
class PlainRanger {
 public:
  explicit PlainRanger(const std::vector<torch::Tensor>& parameters) {
    for (const torch::Tensor& p : parameters) {
      const torch::Tensor dense = p.detach().contiguous();
      const double* values = dense.data_ptr<double>();
      Slot slot;
      slot.w.assign(values, values + p.numel());
      slot.slow = slot.w;
      slot.m.resize(slot.w.size());
      slot.v.resize(slot.w.size());
      slot.rows = p.dim() > 1 ? static_cast<size_t>(p.size(0)) : 0;
      slots_.push_back(slot);
    }
  }

  void step(const std::vector<torch::Tensor>& gradients, double lr,
            double decay) {
    const double beta1 = 0.95, beta2 = 0.999, eps = 1e-5;
    ++t_;
    for (size_t s = 0; s < slots_.size(); ++s) {
      Slot& slot = slots_[s];
      const torch::Tensor dense = gradients[s].contiguous();
      std::vector<double> g(dense.data_ptr<double>(),
                            dense.data_ptr<double>() + dense.numel());
      for (size_t row = 0; row < slot.rows; ++row) {
        const size_t length = g.size() / slot.rows;
        double mean = 0;
        for (size_t i = 0; i < length; ++i) mean += g[row * length + i];
        mean /= static_cast<double>(length);
        for (size_t i = 0; i < length; ++i) g[row * length + i] -= mean;
      }
      const double max = 2 / (1 - beta2) - 1;
      const double power = std::pow(beta2, t_);
      const double sma = max - 2 * t_ * power / (1 - power);
      const double unbias = 1 - std::pow(beta1, t_);
      for (size_t i = 0; i < g.size(); ++i) {
        slot.v[i] = beta2 * slot.v[i] + (1 - beta2) * g[i] * g[i];
        slot.m[i] = beta1 * slot.m[i] + (1 - beta1) * g[i];
        slot.w[i] -= decay * lr * slot.w[i];
        if (sma > 5) {
          const double r = std::sqrt((1 - power) * (sma - 4) / (max - 4) *
                                     (sma - 2) / sma * max / (max - 2));
          slot.w[i] -=
              lr * r / unbias * slot.m[i] / (std::sqrt(slot.v[i]) + eps);
        } else {
          slot.w[i] -= lr / unbias * slot.m[i];
        }
        if (std::fmod(t_, 6) == 0) {
          slot.slow[i] += 0.5 * (slot.w[i] - slot.slow[i]);
          slot.w[i] = slot.slow[i];
        }
      }
    }
  }

  double largest_difference(const std::vector<torch::Tensor>& others) const {
    double largest = 0;
    for (size_t s = 0; s < slots_.size(); ++s) {
      const torch::Tensor dense =
          others[s].detach().to(torch::kFloat64).contiguous();
      for (size_t i = 0; i < slots_[s].w.size(); ++i) {
        largest = std::max(
            largest, std::fabs(slots_[s].w[i] - dense.data_ptr<double>()[i]));
      }
    }
    return largest;
  }

 private:
  struct Slot {
    std::vector<double> w, m, v, slow;
    size_t rows = 0;
  };
  std::vector<Slot> slots_;
  double t_ = 0;
};

TEST(Ranger, EqualsThePlainOne) {
  for (const double decay : {0.0, 0.1}) {
    for (const auto type : {torch::kFloat32, torch::kFloat64}) {
      auto ours = some_parameters(3, type);
      auto plain = some_parameters(3, torch::kFloat64);
      PlainRanger reference(plain);
      OptimizerOptions options = ranger_options(0.02);
      options.weight_decay = decay;
      const auto optimizer = make_optimizer(options, ours);
      for (int step = 0; step < 40; ++step) {
        optimizer->zero_grad();
        loss_of(ours).backward();
        std::vector<torch::Tensor> gradients;
        for (const torch::Tensor& p : ours) {
          gradients.push_back(p.grad().to(torch::kFloat64).clone());
        }
        optimizer->step();
        reference.step(gradients, 0.02, decay);
      }
      EXPECT_LT(reference.largest_difference(ours),
                type == torch::kFloat32 ? 2e-5 : 1e-12);
    }
  }
}

TEST(Optimizer, StateGoesOnBitForBit) {
  for (const char* kind : {"adam", "ranger"}) {
    OptimizerOptions options = ranger_options(0.02);
    options.kind = kind;
    auto whole = some_parameters(4), parts = some_parameters(4);
    auto one = make_optimizer(options, whole);
    auto two = make_optimizer(options, parts);
    for (int step = 0; step < 20; ++step) {
      if (step == 9) {
        const TestFolder folder;
        State state;
        two->save(state, "o.");
        state.save(folder / "state");
        two = make_optimizer(options, parts);
        two->load(State::load(folder / "state"), "o.");
      }
      one->zero_grad();
      two->zero_grad();
      loss_of(whole).backward();
      loss_of(parts).backward();
      one->step();
      two->step();
    }
    EXPECT_EQ(largest_difference(whole, parts), 0) << kind;
  }
  EXPECT_THAT(error_of([] {
                make_optimizer({}, some_parameters(1))->load(State(), "o.");
              }),
              HasSubstr("no optimiser \"o.\""));
}

TEST(Optimizer, GradientsThatWanderComeBack) {
  auto steady = some_parameters(5), moving = some_parameters(5);
  const auto one = make_optimizer({}, steady);
  const auto two = make_optimizer({}, moving);
  loss_of(steady).backward();
  loss_of(moving).backward({}, true, /*create_graph=*/true);
  moving[1].mutable_grad() = moving[1].grad().detach().clone();
  one->step();
  two->step();
  EXPECT_EQ(largest_difference(steady, moving), 0);
  moving[0].mutable_grad() = torch::Tensor();
  two->zero_grad();
  EXPECT_TRUE(moving[0].grad().defined());
  moving[0].set_data(moving[0].detach().clone());
  EXPECT_THAT(error_of([&] { two->step(); }), HasSubstr("was moved"));
}

TEST(Optimizer, ThreadsDoNotMatter) {
  std::vector<std::vector<torch::Tensor>> results;
  const int before = threads();
  for (const int team : {1, 2, 3}) {
    set_threads(team);
    std::vector<torch::Tensor> parameters = {
        torch::tensor(normal_values(9, 100'003)).requires_grad_()};
    const auto optimizer = make_optimizer({}, parameters);
    parameters[0].mutable_grad().copy_(
        torch::tensor(normal_values(10, 100'003)));
    clip_gradients(parameters, 1.0);
    optimizer->step();
    results.push_back(parameters);
  }
  set_threads(before);
  EXPECT_EQ(largest_difference(results[0], results[1]), 0);
  EXPECT_EQ(largest_difference(results[0], results[2]), 0);
}

TEST(Optimizer, BadSettingsAreErrors) {
  const auto problem = [](const OptimizerOptions& options) {
    return error_of([&] { make_optimizer(options, some_parameters(1)); });
  };
  OptimizerOptions options;
  options.kind = "sgd";
  EXPECT_THAT(problem(options), HasSubstr("adam or ranger"));
  options = {};
  options.beta2 = 1;
  EXPECT_THAT(problem(options), HasSubstr("betas"));
  options = {};
  options.lr = NAN;
  EXPECT_THAT(problem(options), HasSubstr("rate"));
  EXPECT_THAT(error_of([] { make_optimizer({}, {torch::ones({2})}); }),
              HasSubstr("no parameters"));
}

TEST(ClipGradients, NormAndScale) {
  for (const bool flat : {true, false}) {
    auto parameters = some_parameters(6);
    std::unique_ptr<Optimizer> optimizer;
    if (flat) optimizer = make_optimizer({}, parameters);
    loss_of(parameters).backward();
    double squares = 0;
    for (const torch::Tensor& p : parameters) {
      squares += p.grad().square().sum().item<double>();
    }
    const double norm = std::sqrt(squares);
    EXPECT_NEAR(clip_gradients(parameters, 2 * norm).item<double>(), norm,
                1e-5 * norm);
    EXPECT_NEAR(clip_gradients(parameters, norm / 3).item<double>(), norm,
                1e-5 * norm);
    EXPECT_NEAR(clip_gradients(parameters, norm).item<double>(), norm / 3,
                1e-5 * norm);
    parameters[0].grad()[1] = NAN;
    EXPECT_TRUE(std::isnan(clip_gradients(parameters, norm).item<double>()));
  }
}

TEST(Kernels, SumOfSquaresIsExactEnough) {
  for (const size_t count : {0U, 1U, 7U, 16384U, 16389U, 100'001U}) {
    const auto values = normal_values(count, count);
    double sum = 0;
    for (const float value : values) sum += static_cast<double>(value) * value;
    EXPECT_NEAR(sum_of_squares(static_cast<int64_t>(count), values.data()), sum,
                1e-9 * (1 + sum));
  }
}

}  // namespace
}  // namespace limner::train
