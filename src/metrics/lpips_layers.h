// AlexNet's convolutions as LPIPS takes them, for measuring and for training.
#pragma once

#include <array>

namespace limner {

struct AlexConv {
  int index;  // in the published list of layers
  int in, out, kernel, stride, pad;
  bool pool_before;  // 3x3, stride 2
};

constexpr std::array<AlexConv, 5> kAlexNet = {{
    {0, 3, 64, 11, 4, 2, false},
    {3, 64, 192, 5, 1, 2, true},
    {6, 192, 384, 3, 1, 1, true},
    {8, 384, 256, 3, 1, 1, false},
    {10, 256, 256, 3, 1, 1, false},
}};

// Keeps a norm of zero from dividing by it; as published.
constexpr double kLpipsEpsilon = 1e-10;

}  // namespace limner
