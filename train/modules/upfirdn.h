// StyleGAN2's upfirdn2d: zeros between the pixels, a 4x4 filter, every few
// pixels kept, in one pass over the maps. libtorch's depthwise convolutions
// take several times as long on a CPU.
#pragma once

#include <torch/types.h>

namespace limner::train {

struct UpfirdnOptions {
  int up = 1;      // up - 1 zeros after each pixel and row
  int down = 1;    // of the filtered map, every down-th pixel and row
  int before = 0;  // zeros to the left and above, as many as needed after
  int64_t height = 0, width = 0;  // of the result
  // Input (output) comes as the four maps of even and odd rows and columns:
  // [B, 4 C, h/2, w/2], first those of row 0, column 0, then of row 0, column
  // 1, ... Its sides in the formula are then h and w.
  bool phases_in = false, phases_out = false;
};

// y[i, j] = sum over a, b of kernel[a, b] z[i down + a - before,
// j down + b - before], with z[k up, l up] = x[k, l] and zeros elsewhere.
// x: [B, C, h, w]; kernel: [4, 4], a constant. Returns [B, C, height, width] of
// x's type. Differentiable any number of times.
torch::Tensor upfirdn(const torch::Tensor& x, const torch::Tensor& kernel,
                      const UpfirdnOptions& options);

}  // namespace limner::train
