#include "train/optim/flat_parameters.h"

#include <torch/utils.h>

#include <algorithm>
#include <utility>

#include "train/parallel/flat.h"
#include "util/error.h"

namespace limner::train {

FlatParameters::FlatParameters(std::vector<torch::Tensor> parameters)
    : parameters_(std::move(parameters)) {
  parameters_.erase(
      std::remove_if(parameters_.begin(), parameters_.end(),
                     [](const torch::Tensor& p) { return !p.requires_grad(); }),
      parameters_.end());
  if (parameters_.empty()) fail("there are no parameters to train");
  values_ = make_flat(parameters_);
  gradient_ = torch::zeros_like(values_);
  int64_t offset = 0;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const torch::Tensor& parameter = parameters_[i];
    const int64_t rows = parameter.dim() > 0 ? parameter.size(0) : 1;
    parts_.push_back({offset, parameter.numel(), rows});
    offset += flat_size(parameter.numel());
  }
  gradient();
}

torch::Tensor FlatParameters::view(const torch::Tensor& buffer,
                                   size_t index) const {
  const torch::Tensor& parameter = parameters_[index];
  return buffer.as_strided(parameter.sizes(), parameter.strides(),
                           parts_[index].offset);
}

bool FlatParameters::has_gradient(size_t index) const {
  const torch::Tensor& grad = parameters_[index].grad();
  return grad.defined() &&
         grad.data_ptr() == static_cast<char*>(gradient_.data_ptr()) +
                                parts_[index].offset * grad.element_size();
}

const torch::Tensor& FlatParameters::gradient() {
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    torch::Tensor& parameter = parameters_[i];
    if (parameter.data_ptr() !=
        static_cast<char*>(values_.data_ptr()) +
            parts_[i].offset * parameter.element_size()) {
      fail(
          "a parameter was moved or given to another optimiser after its own "
          "was made");
    }
    if (has_gradient(i)) continue;
    torch::Tensor place = view(gradient_, i);
    if (parameter.grad().defined()) {
      place.copy_(parameter.grad());
    } else {
      place.zero_();
    }
    parameter.mutable_grad() = place;
  }
  return gradient_;
}

void FlatParameters::zero_grad() {
  gradient_.zero_();
  for (size_t i = 0; i < parameters_.size(); ++i) {
    if (!has_gradient(i)) parameters_[i].mutable_grad() = view(gradient_, i);
  }
}

}  // namespace limner::train
