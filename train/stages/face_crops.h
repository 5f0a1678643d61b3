// Eyes and mouths, cut out of pictures by their masks.
#pragma once

#include <torch/types.h>

namespace limner::train {

// One box a picture, all to be brought to the same size.
struct FaceCrops {
  torch::Tensor frames;  // [B, 2, 3]: affine, of the picture in [-1, 1]
  torch::Tensor found;   // [B]: 1 where the part is there, 0 elsewhere
  int64_t height = 0, width = 0;  // of the crops, pixels
};

// Both eyes in one crop of half the side by a quarter; found where both are
// seen. classes: [B, side, side] int64 on the CPU, 0..18.
FaceCrops eye_crops(const torch::Tensor& classes);

// Lips and mouth, a square of three eighths of the side.
FaceCrops mouth_crops(const torch::Tensor& classes);

// pictures: [B, C, side, side], the first B of the crops' -> [B, C, height,
// width] by bilinear interpolation; gradients pass.
torch::Tensor cut_out(const torch::Tensor& pictures, const FaceCrops& crops);

}  // namespace limner::train
