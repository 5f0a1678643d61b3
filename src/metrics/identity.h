// How much two faces look like one person's, by ArcFace.
#pragma once

#include <utility>
#include <vector>

#include "image/image.h"
#include "model/arcface.h"
#include "nn/feature_map.h"

namespace limner {

class FaceIdentity {
 public:
  explicit FaceIdentity(ArcFace network) : network_(std::move(network)) {}

  // A square RGB picture of an aligned face -> what describes whose it is, of
  // norm 1. As the published identity loss takes it: averaged or spread to 256
  // px, rows 35 to 222 and columns 32 to 219 of that averaged to the network's
  // side. Throws Error for others. Serves one thread at a time.
  std::vector<float> describe(const Image& face);

  // The cosine of both: 1 for the same face, about 0 for strangers.
  double similarity(const Image& a, const Image& b);

 private:
  ArcFace network_;
  Workspace workspace_;
};

// planar [3, h, w] -> [3, height, width]: pixel i of a row is the mean of the
// pixels floor(i w / width) .. ceil((i + 1) w / width) - 1, and so are the
// rows (PyTorch's adaptive average pooling).
std::vector<float> average_to(const std::vector<float>& planes, int h, int w,
                              int height, int width);

}  // namespace limner
