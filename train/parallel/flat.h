// Many tensors in one buffer. The networks have hundreds of small tensors;
// what runs over all of them (norms, sums over processes, updates) is then one
// operation instead of hundreds.
#pragma once

#include <torch/types.h>

#include <vector>

namespace limner::train {

// Each tensor of a buffer begins at a multiple of this many elements: a cache
// line of float32.
constexpr int64_t kFlatAlignment = 16;

int64_t flat_size(int64_t elements);  // rounded up to kFlatAlignment

// Copies `tensors` (of one type and device) into one new buffer, whose gaps
// are zero, and makes each of them a view of it. Strides stay where a tensor
// has no gaps. Returns the buffer, one-dimensional. Throws Error when types or
// devices differ.
torch::Tensor make_flat(const std::vector<torch::Tensor>& tensors);

// The part of a buffer that `tensors` fill when they lie in it one after the
// other as make_flat() places them; undefined when they do not.
torch::Tensor flat_view(const std::vector<torch::Tensor>& tensors);

// The defined gradients of `parameters`.
std::vector<torch::Tensor> gradients(
    const std::vector<torch::Tensor>& parameters);

}  // namespace limner::train
