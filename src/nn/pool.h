// Pooling over small windows.
#pragma once

#include "nn/feature_map.h"

namespace limner {

// The maximum of every window of kernel x kernel pixels that lies inside of x,
// `stride` pixels apart: [C, h, w] -> [C, (h - kernel) / stride + 1, ...].
// Throws Error when x is smaller than the window.
FeatureMap max_pool(const FeatureMap& x, int kernel, int stride,
                    Workspace& workspace);

}  // namespace limner
