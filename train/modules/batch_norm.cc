#include "train/modules/batch_norm.h"

#include <ATen/Context.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>
#include <torch/utils.h>

#include <utility>

#include "util/error.h"

namespace limner::train {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// Carries the processes from the forward to the backward pass.
struct Holder : public torch::CustomClassHolder {
  explicit Holder(std::shared_ptr<Processes> held)
      : processes(std::move(held)) {}
  std::shared_ptr<Processes> processes;
};

// A value a channel, against [B, C, h, w].
Tensor channels(const Tensor& values) { return values.view({1, -1, 1, 1}); }

struct Statistics {
  Tensor mean, variance;  // [C], float64; the variance is biased
  double count = 0;       // values a channel
};

// Over all processes. Sums are float64, so that a large mean does not drown
// the variance.
Statistics statistics_of(const Tensor& x, Processes* processes) {
  const auto own = torch::var_mean(x, {0, 2, 3}, /*unbiased=*/false);
  const Tensor variance = std::get<0>(own).to(torch::kFloat64);
  const Tensor mean = std::get<1>(own).to(torch::kFloat64);
  const double count = static_cast<double>(x.numel() / x.size(1));
  Tensor sums = torch::cat({mean * count, (variance + mean * mean) * count,
                            torch::full({1}, count, mean.options())});
  processes->sum(sums);
  const int64_t width = x.size(1);
  Statistics result;
  result.count = sums[2 * width].item<double>();
  result.mean = sums.narrow(0, 0, width) / result.count;
  result.variance =
      (sums.narrow(0, width, width) / result.count - result.mean * result.mean)
          .clamp_min(0);
  return result;
}

class Normalize : public torch::autograd::Function<Normalize> {
 public:
  // x: [B, C, h, w]; the others [C].
  static Tensor forward(AutogradContext* context, const Tensor& x,
                        const Tensor& weight, const Tensor& bias,
                        const Tensor& mean, const Tensor& inverse, double count,
                        const c10::IValue& holder) {
    context->save_for_backward({x, weight, mean, inverse});
    context->saved_data["count"] = count;
    context->saved_data["holder"] = holder;
    const Tensor scale = weight * inverse;
    return torch::addcmul(channels(bias - mean * scale), x, channels(scale));
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    if (torch::GradMode::is_enabled()) {
      fail("batch norm over several processes has no second derivative");
    }
    const tensor_list saved = context->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1], &mean = saved[2],
                 &inverse = saved[3];
    const Tensor& slope = gradients[0];
    const double count = context->saved_data["count"].toDouble();
    const auto holder = c10::static_intrusive_pointer_cast<Holder>(
        context->saved_data["holder"].toCapsule());

    const Tensor unit = (x - channels(mean)) * channels(inverse);
    const Tensor to_bias = slope.sum({0, 2, 3});
    const Tensor to_weight = (slope * unit).sum({0, 2, 3});
    // Through the statistics, every process' loss depends on every x.
    Tensor sums = torch::stack({to_bias, to_weight}).to(torch::kFloat64);
    holder->processes->sum(sums);
    const Tensor means = (sums / count).to(x.dtype());
    const Tensor to_x = (slope - channels(means[0]) - unit * channels(means[1]))
                            .mul_(channels(weight * inverse));
    return {to_x, to_weight, to_bias, Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

BatchNorm2dImpl::BatchNorm2dImpl(const torch::nn::BatchNormOptions& options)
    : options_(options) {
  reset();
}

void BatchNorm2dImpl::reset() {
  const int64_t channels = options_.num_features();
  weight = register_parameter("weight", torch::ones({channels}));
  bias = register_parameter("bias", torch::zeros({channels}));
  running_mean = register_buffer("running_mean", torch::zeros({channels}));
  running_var = register_buffer("running_var", torch::ones({channels}));
  num_batches_tracked =
      register_buffer("num_batches_tracked", torch::zeros({}, torch::kInt64));
}

void BatchNorm2dImpl::set_processes(std::shared_ptr<Processes> processes) {
  processes_ = std::move(processes);
}

Tensor BatchNorm2dImpl::forward(const Tensor& x) {
  if (x.dim() != 4) fail("batch norm of {} dimensions, expected 4", x.dim());
  double share = 0;  // of this batch in the running statistics
  if (is_training()) {
    const torch::NoGradGuard no_grad;
    num_batches_tracked += 1;
    share =
        options_.momentum().has_value()
            ? *options_.momentum()
            : 1.0 / static_cast<double>(num_batches_tracked.item<int64_t>());
  }
  if (is_training() && processes_ != nullptr && processes_->world() > 1) {
    return forward_together(x, share);
  }
  return torch::batch_norm(x, weight, bias, running_mean, running_var,
                           is_training(), share, options_.eps(),
                           at::globalContext().userEnabledCuDNN());
}

Tensor BatchNorm2dImpl::forward_together(const Tensor& x, double share) {
  Statistics statistics;
  {
    const torch::NoGradGuard no_grad;
    statistics = statistics_of(x, processes_.get());
    const double unbiased = statistics.count / (statistics.count - 1);
    running_mean.lerp_(statistics.mean.to(running_mean.dtype()), share);
    running_var.lerp_((statistics.variance * unbiased).to(running_var.dtype()),
                      share);
  }
  const Tensor mean = statistics.mean.to(x.dtype());
  const Tensor inverse =
      (statistics.variance + options_.eps()).rsqrt().to(x.dtype());
  return Normalize::apply(
      x, weight, bias, mean, inverse, statistics.count,
      c10::IValue::make_capsule(c10::make_intrusive<Holder>(processes_)));
}

void set_processes(torch::nn::Module& module,
                   const std::shared_ptr<Processes>& processes) {
  module.apply([&](torch::nn::Module& part) {
    if (auto* norm = part.as<BatchNorm2dImpl>()) norm->set_processes(processes);
  });
}

}  // namespace limner::train
