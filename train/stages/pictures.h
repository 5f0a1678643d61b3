// Pictures for people to look at, from tensors.
#pragma once

#include <torch/types.h>

#include <vector>

#include "image/image.h"

namespace limner::train {

// [B, 3, h, w] in [-1, 1], clamped -> uint8 [B, h, w, 3].
torch::Tensor to_bytes(const torch::Tensor& pictures);

// Labels of parts [B, h, w] (0..18) or of strokes (0..22) in their colours:
// uint8 [B, h, w, 3].
torch::Tensor colour_parts(const torch::Tensor& classes);
torch::Tensor colour_strokes(const torch::Tensor& sketch);

// Rows of a sample sheet.
constexpr int kSheetRows = 6;

// One row a picture, one column an entry: columns [B, h, w, 3] of bytes, all
// of the same B, enlarged without smoothing to the tallest side.
Image sheet_of(const std::vector<torch::Tensor>& columns);

}  // namespace limner::train
