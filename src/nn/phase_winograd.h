// Winograd's minimal filtering for 3x3 convolutions with stride 2 and their
// transposes, which oneDNN computes as direct sums only.
//
// With stride 2 the three taps of a row split by parity: the outer two are a
// two-tap filter over every other sample, the middle one a plain product over
// the samples between:
//   y[m] = (w0 x[2m-1] + w2 x[2m+1]) + w1 x[2m]
// The first part is computed four outputs at a time as F(4, 2) (Winograd 1980;
// Lavin and Gray, CVPR 2016) with 5 products for 8, the second with 4; in two
// dimensions 81 products make the 16 outputs that take 144 directly. The
// transpose splits the same way by the parity of the output. The four products
// of the middle tap share its weights, so the transformed weights are 36
// matrices for 9.
#pragma once

#include <memory>

#include "nn/packed_conv.h"

namespace limner {

enum class PhaseKind {
  kStrided,     // stride 2, padding 1: [in, h, w] -> [out, h/2, w/2]
  kTransposed,  // stride 2, no padding: [in, h, w] -> [out, 2h+1, 2w+1]
};

// weights: row-major [out, in, 3, 3]; bias: [out] or null. The result passes
// through LeakyReLU with `leaky_slope` (1: unchanged). height and width (of the
// input) must be even for kStrided.
std::unique_ptr<PackedConv> phase_winograd(PhaseKind kind, int in, int out,
                                           int height, int width,
                                           const float* weights,
                                           const float* bias,
                                           float leaky_slope = 1.0F);

}  // namespace limner
