// Inception v3 (Szegedy et al., "Rethinking the Inception Architecture for
// Computer Vision", 2016) as the Frechet and Kernel Inception Distances use it:
// the network of 2015-12-05 under PyTorch's names
// ("pt_inception-2015-12-05-6726825d.pth").
#pragma once

#include <memory>
#include <vector>

#include "nn/feature_map.h"
#include "weights/tensor.h"

namespace limner {

class Inception {
 public:
  static constexpr int kSide = 299;       // of the pictures that it reads
  static constexpr int kFeatures = 2048;  // numbers that describe a picture

  // Builds the network for pictures of `side`, 75 or more (kSide for the
  // published distances), from "Conv2d_1a_3x3.conv.weight",
  // "Mixed_5b.branch1x1.bn.weight", ... Throws Error on missing or misshapen
  // weights.
  explicit Inception(const TensorMap& tensors, int side = kSide);
  ~Inception();
  Inception(Inception&&) noexcept;
  Inception& operator=(Inception&&) noexcept;

  int side() const;

  // picture: planar RGB [3, side, side] in [-1, 1]. Returns the mean of the
  // last map over its positions, [kFeatures]. As in the network of 2015-12-05,
  // mean pooling leaves the padding out and the last block pools maxima.
  std::vector<float> run(const std::vector<float>& picture,
                         Workspace& workspace) const;

 private:
  struct Layers;
  std::unique_ptr<Layers> layers_;
};

}  // namespace limner
