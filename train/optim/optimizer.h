// Optimisers over one flat buffer: their parameters become views of it (in
// place, their gradients too), so that a step, a norm or a sum over processes
// is one pass over memory however many tensors there are.
#pragma once

#include <torch/types.h>

#include <memory>
#include <string>
#include <vector>

#include "train/optim/flat_parameters.h"
#include "train/optim/state.h"

namespace limner::train {

struct OptimizerOptions {
  std::string kind = "adam";  // or "ranger"
  double lr = 5e-4;
  double beta1 = 0.5, beta2 = 0.99;
  double eps = 1e-8;
  // adam: added to the gradient, times the weight; ranger: decoupled.
  double weight_decay = 0;
};

// The settings published for Ranger: betas 0.95 and 0.999, eps 1e-5.
OptimizerOptions ranger_options(double lr);

class Optimizer {
 public:
  virtual ~Optimizer();
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  // One update with the gradients there are; a parameter without one counts
  // as having zeros.
  virtual void step() = 0;

  // Sets the gradients to zero (in place: they stay views of one buffer).
  void zero_grad();

  void set_lr(double lr) { options_.lr = lr; }
  double lr() const { return options_.lr; }

  // The moments and the count of steps, under `prefix` ("adam." is usual).
  // The rate is not part of it. load() throws Error on missing tensors or
  // other sizes.
  virtual void save(State& state, const std::string& prefix) const;
  virtual void load(const State& state, const std::string& prefix);

 protected:
  Optimizer(const OptimizerOptions& options,
            std::vector<torch::Tensor> parameters);

  OptimizerOptions options_;
  FlatParameters flat_;
  int64_t steps_ = 0;
  torch::Tensor mean_, square_;  // moving averages of g and of g^2, flat
};

// The parameters that need no gradient are left out. Move a module to its
// device before, not after. Throws Error on settings out of range, on
// parameters of several types or devices, or when there are none.
std::unique_ptr<Optimizer> make_optimizer(
    const OptimizerOptions& options, std::vector<torch::Tensor> parameters);

// Scales all gradients so that their common norm is at most `max_norm` (> 0).
// Returns the norm before, float64 without dimensions, where the gradients
// are: no other device is waited for. The same bits for any number of threads
// on a CPU while the gradients lie in one buffer.
torch::Tensor clip_gradients(const std::vector<torch::Tensor>& parameters,
                             double max_norm);

}  // namespace limner::train
