// Pooling over small windows.
#pragma once

#include "nn/feature_map.h"

namespace limner {

// The maximum of every window of kernel x kernel pixels that lies inside of x,
// `stride` pixels apart: [C, h, w] -> [C, (h - kernel) / stride + 1, ...]. With
// `overhang` the division rounds up, as Caffe's: the last windows may hang over
// the right and lower edge, where only the inside counts. Throws Error when x
// is smaller than the window.
FeatureMap max_pool(const FeatureMap& x, int kernel, int stride,
                    Workspace& workspace, bool overhang = false);

// The maximum, or the mean, of the pixels of x that lie in the window of
// kernel x kernel around each pixel: [C, h, w] -> [C, h, w]. kernel: odd.
FeatureMap max_pool_around(const FeatureMap& x, int kernel,
                           Workspace& workspace);
FeatureMap mean_pool_around(const FeatureMap& x, int kernel,
                            Workspace& workspace);

}  // namespace limner
