// Between limner's weight files and libtorch modules. A module's parameters
// and buffers carry the names of the published files, so a name in a file is a
// prefix and the module's own dotted name.
#pragma once

#include <torch/nn/module.h>

#include <string>
#include <vector>

#include "weights/safetensors.h"
#include "weights/tensor.h"

namespace limner::train {

// A copy on the CPU: float32, or int64 where the tensor holds integers.
torch::Tensor to_torch(const Tensor& tensor);

// A view as limner's writers take it, of a copy on the CPU where `tensor` is
// elsewhere or has gaps. Floating-point values become float32.
Tensor from_torch(const torch::Tensor& tensor);

// Sets every parameter and buffer of `module` from `tensors`, where their
// names open with `prefix` ("decoder."; may be empty). Tensors of other names
// are ignored; a counter of batch norm (num_batches_tracked) may be missing.
// Throws Error naming the first tensor that is missing, has another shape or
// values that are not finite; the module is unchanged then.
void load_weights(torch::nn::Module& module, const TensorMap& tensors,
                  const std::string& prefix);

// The tensors of a file that holds `tensors` below some container, without the
// container's name: "state_dict.conv1.weight" -> "conv1.weight" for
// "state_dict.". Others are dropped; all are kept when none has the name.
TensorMap without_container(const TensorMap& tensors,
                            const std::string& container);

// Every parameter and buffer of `module` under prefix + name, sorted by name.
std::vector<NamedTensor> named_tensors(const torch::nn::Module& module,
                                       const std::string& prefix);

}  // namespace limner::train
