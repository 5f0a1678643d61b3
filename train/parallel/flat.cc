#include "train/parallel/flat.h"

#include <torch/utils.h>

#include "util/error.h"

namespace limner::train {

int64_t flat_size(int64_t elements) {
  return (elements + kFlatAlignment - 1) / kFlatAlignment * kFlatAlignment;
}

torch::Tensor make_flat(const std::vector<torch::Tensor>& tensors) {
  const torch::NoGradGuard no_grad;
  if (tensors.empty()) return torch::zeros({0});
  int64_t total = 0;
  for (const torch::Tensor& tensor : tensors) {
    if (tensor.dtype() != tensors[0].dtype() ||
        tensor.device() != tensors[0].device()) {
      fail("parameters that are trained together need one type and device");
    }
    total += flat_size(tensor.numel());
  }
  torch::Tensor buffer = torch::zeros({total}, tensors[0].options());
  int64_t offset = 0;
  for (torch::Tensor tensor : tensors) {
    const torch::Tensor dense =
        tensor.is_non_overlapping_and_dense() ? tensor : tensor.contiguous();
    torch::Tensor view =
        buffer.as_strided(dense.sizes(), dense.strides(), offset);
    view.copy_(dense);
    tensor.set_data(view);
    offset += flat_size(tensor.numel());
  }
  return buffer;
}

torch::Tensor flat_view(const std::vector<torch::Tensor>& tensors) {
  if (tensors.empty()) return {};
  const torch::Tensor& first = tensors[0];
  const auto* storage = first.storage().unsafeGetStorageImpl();
  const int64_t begin = first.storage_offset();
  int64_t next = begin;  // where the next tensor has to begin
  int64_t end = begin;   // of the last one: what follows may be another's
  for (const torch::Tensor& tensor : tensors) {
    if (tensor.storage().unsafeGetStorageImpl() != storage ||
        tensor.dtype() != first.dtype() || tensor.storage_offset() != next ||
        !tensor.is_non_overlapping_and_dense()) {
      return {};
    }
    end = next + tensor.numel();
    next += flat_size(tensor.numel());
  }
  return first.detach().as_strided({end - begin}, {1}, begin);
}

std::vector<torch::Tensor> gradients(
    const std::vector<torch::Tensor>& parameters) {
  std::vector<torch::Tensor> result;
  result.reserve(parameters.size());
  for (const torch::Tensor& parameter : parameters) {
    if (parameter.grad().defined()) result.push_back(parameter.grad());
  }
  return result;
}

}  // namespace limner::train
