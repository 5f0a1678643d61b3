// The tensors of a module with their names.
#pragma once

#include <torch/nn/module.h>

namespace limner::train {

// Calls visit(name, tensor) for parameters, then buffers.
template <typename Visit>
void for_each_tensor(const torch::nn::Module& module, const Visit& visit) {
  for (const auto& item : module.named_parameters()) {
    visit(item.key(), item.value());
  }
  for (const auto& item : module.named_buffers()) {
    visit(item.key(), item.value());
  }
}

}  // namespace limner::train
