// What Inception makes of a picture, as the published distances take it.
#pragma once

#include <vector>

#include "image/image.h"
#include "model/inception.h"

namespace limner {

class InceptionFeatures {
 public:
  explicit InceptionFeatures(const TensorMap& tensors) : network_(tensors) {}

  // An RGB picture of any size, brought to 299 x 299 by bilinear interpolation
  // without antialiasing, pixel middles on pixel middles -> 2048 numbers.
  // Throws Error for others. Serves one thread at a time.
  std::vector<float> describe(const Image& picture);

 private:
  Inception network_;
  Workspace workspace_;
};

// planar [3, h, w] -> [3, side, side]: the value at (i + 0.5) h / side - 0.5,
// at least 0, between the pixels around it (PyTorch's align_corners=False).
std::vector<float> interpolate_to(const std::vector<float>& planes, int h,
                                  int w, int side);

}  // namespace limner
