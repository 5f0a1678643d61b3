// What networks of pictures of many sizes check.
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace limner::train {

// Throws Error, which names the network ("a parsing network"), unless x is
// [B, 3, h, w] with sides that `step` divides.
void check_pictures(const torch::Tensor& x, int64_t step, const char* network);

}  // namespace limner::train
