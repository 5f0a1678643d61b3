// The encoder's passes over activations, each reading and writing a map once.
#pragma once

#include <vector>

#include "nn/feature_map.h"

namespace limner {

// Parameters of a pass have one value a channel, padded by pad_channels().

// y = a x + b: a BatchNorm in inference.
FeatureMap affine(const FeatureMap& x, const std::vector<float>& a,
                  const std::vector<float>& b, Workspace& workspace);

// In place: y = y + scale x.
void add_scaled(const FeatureMap& y, const FeatureMap& x,
                const std::vector<float>& scale);

// In place: x = max(x, 0) + slope min(x, 0).
void prelu(const FeatureMap& x, const std::vector<float>& slope);

// The mean of each channel, [C] (padded).
std::vector<float> channel_means(const FeatureMap& x);

// Ends a residual unit in one pass, in place:
//   r = gate r + shortcut(y step, x step)
//   next = a r + b   (the following unit's BatchNorm; skipped if null)
// r: [C, H, W]; shortcut: [C, >= (H-1) step + 1, ...]; next: [C, H, W].
struct UnitTail {
  const std::vector<float>* gate;
  const FeatureMap* shortcut;
  int step = 1;
  const std::vector<float>* a = nullptr;
  const std::vector<float>* b = nullptr;
  const FeatureMap* next = nullptr;
};
void unit_tail(const FeatureMap& r, const UnitTail& tail);

// Bilinear enlargement with aligned corners (PyTorch's align_corners=True).
FeatureMap upsample_bilinear(const FeatureMap& x, int height, int width,
                             Workspace& workspace);

}  // namespace limner
