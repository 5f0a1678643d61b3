#include "train/optim/optimizer.h"

#include <torch/utils.h>

#include <cmath>
#include <utility>

#include "train/optim/kernels.h"
#include "train/parallel/flat.h"
#include "util/error.h"

namespace limner::train {
namespace {

bool plain_memory(const torch::Tensor& tensor) {
  return tensor.is_cpu() && tensor.scalar_type() == torch::kFloat32;
}

void check(const OptimizerOptions& options) {
  const auto beta = [](double value) { return value >= 0 && value < 1; };
  if (!(options.lr >= 0))
    fail("the rate is {}, expected 0 or more", options.lr);
  if (!beta(options.beta1) || !beta(options.beta2)) {
    fail("the betas are {} and {}, expected 0 or more, below 1", options.beta1,
         options.beta2);
  }
  if (!(options.eps > 0)) fail("eps is {}, expected above 0", options.eps);
  if (!(options.weight_decay >= 0)) {
    fail("the weight decay is {}, expected 0 or more", options.weight_decay);
  }
}

// As kernels.h has it, for any device and type.
void apply(const UpdateRule& rule, const torch::Tensor& w,
           const torch::Tensor& g, const torch::Tensor& m,
           const torch::Tensor& v) {
  if (plain_memory(w)) {
    update(rule, w.numel(), w.data_ptr<float>(), g.data_ptr<float>(),
           m.data_ptr<float>(), v.data_ptr<float>());
    return;
  }
  const torch::Tensor slope = rule.decay != 0 ? g.add(w, rule.decay) : g;
  m.mul_(rule.beta1).add_(slope, 1 - rule.beta1);
  v.mul_(rule.beta2).addcmul_(slope, slope, 1 - rule.beta2);
  if (rule.keep != 1) w.mul_(rule.keep);
  if (rule.plain) {
    w.add_(m, -rule.rate);
  } else {
    w.addcdiv_(m, v.sqrt().div_(rule.root).add_(rule.eps), -rule.rate);
  }
}

// Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015.
class Adam : public Optimizer {
 public:
  Adam(const OptimizerOptions& options, std::vector<torch::Tensor> parameters)
      : Optimizer(options, std::move(parameters)) {}

  void step() override {
    const torch::NoGradGuard no_grad;
    const auto t = static_cast<double>(++steps_);
    UpdateRule rule;
    rule.beta1 = options_.beta1;
    rule.beta2 = options_.beta2;
    rule.decay = options_.weight_decay;
    rule.rate = options_.lr / (1 - std::pow(options_.beta1, t));
    rule.root = std::sqrt(1 - std::pow(options_.beta2, t));
    rule.eps = options_.eps;
    apply(rule, flat_.values(), flat_.gradient(), mean_, square_);
  }
};

// Rectified Adam (Liu et al., "On the Variance of the Adaptive Learning Rate
// and Beyond", 2020) inside Lookahead (Zhang et al., "Lookahead Optimizer: k
// steps forward, 1 step back", 2019), with centred gradients (Yong et al.,
// "Gradient Centralization", 2020).
class Ranger : public Optimizer {
 public:
  Ranger(const OptimizerOptions& options, std::vector<torch::Tensor> parameters)
      : Optimizer(options, std::move(parameters)),
        slow_(flat_.values().clone()) {}

  void step() override {
    const torch::NoGradGuard no_grad;
    ++steps_;
    centre_gradients();
    apply(rule(), flat_.values(), flat_.gradient(), mean_, square_);
    if (steps_ % kLookahead == 0) {
      slow_.lerp_(flat_.values(), kTowards);
      flat_.values().copy_(slow_);
    }
  }

  void save(State& state, const std::string& prefix) const override {
    Optimizer::save(state, prefix);
    state.put(prefix + "slow", slow_);
  }

  void load(const State& state, const std::string& prefix) override {
    Optimizer::load(state, prefix);
    state.copy_to(prefix + "slow", slow_);
  }

 private:
  static constexpr int kLookahead = 6;
  static constexpr double kTowards = 0.5;
  // Below so many averaged gradients their variance says nothing yet.
  static constexpr double kEnough = 5;

  UpdateRule rule() const {
    const auto t = static_cast<double>(steps_);
    const double power2 = std::pow(options_.beta2, t);
    const double max = 2 / (1 - options_.beta2) - 1;
    const double length = max - 2 * t * power2 / (1 - power2);
    UpdateRule rule;
    rule.beta1 = options_.beta1;
    rule.beta2 = options_.beta2;
    rule.keep = 1 - options_.weight_decay * options_.lr;
    rule.eps = options_.eps;
    rule.plain = length <= kEnough;
    rule.rate = options_.lr / (1 - std::pow(options_.beta1, t));
    if (!rule.plain) {
      rule.rate *= std::sqrt((1 - power2) * (length - 4) / (max - 4) *
                             (length - 2) / length * max / (max - 2));
    }
    return rule;
  }

  // Each output's slice of a weight of two or more dimensions gets mean zero.
  void centre_gradients() {
    const torch::Tensor& flat = flat_.gradient();
    for (size_t i = 0; i < flat_.parts().size(); ++i) {
      const FlatParameters::Part& part = flat_.parts()[i];
      const torch::Tensor& grad = flat_.parameters()[i].grad();
      if (grad.dim() < 2 || part.count == 0) continue;
      const int64_t columns = part.count / part.rows;
      if (plain_memory(flat) && (part.rows == 1 || grad.stride(0) == columns)) {
        centre_rows(part.rows, columns, flat.data_ptr<float>() + part.offset);
      } else {
        std::vector<int64_t> inner;
        for (int64_t d = 1; d < grad.dim(); ++d) inner.push_back(d);
        torch::Tensor(grad).sub_(grad.mean(inner, true));
      }
    }
  }

  torch::Tensor slow_;
};

}  // namespace

OptimizerOptions ranger_options(double lr) {
  OptimizerOptions options;
  options.kind = "ranger";
  options.lr = lr;
  options.beta1 = 0.95;
  options.beta2 = 0.999;
  options.eps = 1e-5;
  return options;
}

Optimizer::Optimizer(const OptimizerOptions& options,
                     std::vector<torch::Tensor> parameters)
    : options_(options),
      flat_(std::move(parameters)),
      mean_(torch::zeros_like(flat_.values())),
      square_(torch::zeros_like(flat_.values())) {}

Optimizer::~Optimizer() = default;

void Optimizer::zero_grad() { flat_.zero_grad(); }

void Optimizer::save(State& state, const std::string& prefix) const {
  state.values[prefix + "steps"] = steps_;
  state.put(prefix + "mean", mean_);
  state.put(prefix + "square", square_);
}

void Optimizer::load(const State& state, const std::string& prefix) {
  const auto steps = state.values.find(prefix + "steps");
  if (steps == state.values.end() || !steps->is_number_unsigned()) {
    fail("the state holds no optimiser \"{}\"", prefix);
  }
  state.copy_to(prefix + "mean", mean_);
  state.copy_to(prefix + "square", square_);
  steps_ = steps->get<int64_t>();
}

std::unique_ptr<Optimizer> make_optimizer(
    const OptimizerOptions& options, std::vector<torch::Tensor> parameters) {
  check(options);
  if (options.kind == "adam") {
    return std::make_unique<Adam>(options, std::move(parameters));
  }
  if (options.kind == "ranger") {
    return std::make_unique<Ranger>(options, std::move(parameters));
  }
  fail("there is no optimiser \"{}\", expected adam or ranger",
       printable(options.kind, 40));
}

torch::Tensor clip_gradients(const std::vector<torch::Tensor>& parameters,
                             double max_norm) {
  if (!(max_norm > 0)) fail("the largest norm is {}, expected > 0", max_norm);
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> grads = gradients(parameters);
  if (const torch::Tensor all = flat_view(grads); all.defined()) grads = {all};
  torch::Tensor squares = torch::zeros({}, torch::kFloat64);
  for (const torch::Tensor& grad : grads) {
    if (plain_memory(grad) && grad.is_non_overlapping_and_dense()) {
      squares += sum_of_squares(grad.numel(), grad.data_ptr<float>());
    } else {
      squares =
          squares.to(grad.device()) + grad.norm().to(torch::kFloat64).square();
    }
  }
  const torch::Tensor norm = squares.sqrt();
  if (norm.is_cpu()) {
    // Not for a norm that is no number: the loss tells of it.
    const auto value = norm.item<double>();
    if (value > max_norm) {
      for (torch::Tensor& grad : grads) grad.mul_(max_norm / (value + 1e-6));
    }
    return norm;
  }
  const torch::Tensor factor = (max_norm / (norm + 1e-6)).clamp_max(1.0);
  for (torch::Tensor& grad : grads) grad.mul_(factor);
  return norm;
}

}  // namespace limner::train
