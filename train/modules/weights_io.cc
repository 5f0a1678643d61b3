#include "train/modules/weights_io.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "train/modules/each_tensor.h"

namespace limner::train {
namespace {

// Batch norm counts its batches for a momentum that falls with them. Ours is
// constant, so the counter is kept for the names only.
const std::string kCounter = "num_batches_tracked";

bool is_counter(const std::string& name) {
  return name.size() >= kCounter.size() &&
         name.compare(name.size() - kCounter.size(), kCounter.size(),
                      kCounter) == 0;
}

bool is_integer(DType type) {
  return type == DType::kI64 || type == DType::kI32 || type == DType::kI16 ||
         type == DType::kI8 || type == DType::kU8;
}

}  // namespace

torch::Tensor to_torch(const Tensor& tensor) {
  torch::Tensor result = torch::empty(tensor.shape, torch::kFloat32);
  tensor.copy_f32(result.data_ptr<float>());
  // Integers of weight files are class numbers and counters, far below 2^24.
  return is_integer(tensor.type) ? result.to(torch::kInt64) : result;
}

Tensor from_torch(const torch::Tensor& tensor) {
  const bool integer = !tensor.is_floating_point();
  const auto kept = std::make_shared<torch::Tensor>(
      tensor.detach()
          .to(torch::kCPU, integer ? torch::kInt64 : torch::kFloat32)
          .contiguous());
  Tensor result;
  result.type = integer ? DType::kI64 : DType::kF32;
  result.shape = kept->sizes().vec();
  result.strides = contiguous_strides(result.shape);
  result.data = static_cast<const unsigned char*>(kept->data_ptr());
  result.owner = kept;
  result.release = [] {};
  return result;
}

void load_weights(torch::nn::Module& module, const TensorMap& tensors,
                  const std::string& prefix) {
  std::vector<std::pair<torch::Tensor, torch::Tensor>> loaded;  // to, from
  for_each_tensor(module, [&](const std::string& key, torch::Tensor target) {
    const std::string name = prefix + key;
    if (is_counter(name) && !tensors.has(name)) return;
    const std::vector<float> values =
        load_values(tensors, name, target.sizes().vec());
    torch::Tensor source = torch::empty(target.sizes(), torch::kFloat32);
    std::memcpy(source.data_ptr(), values.data(),
                values.size() * sizeof(float));
    loaded.emplace_back(std::move(target), std::move(source));
  });
  const torch::NoGradGuard no_grad;
  for (auto& [target, source] : loaded) target.copy_(source);
}

TensorMap without_container(const TensorMap& tensors,
                            const std::string& container) {
  TensorMap result;
  result.source = tensors.source;
  for (const auto& [name, tensor] : tensors.tensors) {
    if (name.compare(0, container.size(), container) == 0) {
      result.tensors.emplace(name.substr(container.size()), tensor);
    }
  }
  return result.tensors.empty() ? tensors : result;
}

std::vector<NamedTensor> named_tensors(const torch::nn::Module& module,
                                       const std::string& prefix) {
  std::vector<NamedTensor> named;
  for_each_tensor(module,
                  [&](const std::string& key, const torch::Tensor& value) {
                    const Tensor tensor = from_torch(value);
                    named.push_back({prefix + key, tensor, tensor.type});
                  });
  std::sort(named.begin(), named.end(),
            [](const NamedTensor& a, const NamedTensor& b) {
              return a.name < b.name;
            });
  return named;
}

}  // namespace limner::train
