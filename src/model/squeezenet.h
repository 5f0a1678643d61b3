// SqueezeNet 1.0 (Iandola et al., 2016) without its classifier: what a network
// that has seen the many things of ImageNet makes of a picture. With a border
// of three zeros around the picture, so that its maps have exactly a half, a
// quarter, .. of the side. train/modules/feature_nets.h has the same network.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "nn/conv.h"
#include "weights/tensor.h"

namespace limner {

class SqueezeNet {
 public:
  // Channels of the maps that run() gives.
  static constexpr std::array<int, 4> kChannels = {96, 256, 512, 512};

  // Builds the network from the weights under `prefix` ("conv1__w",
  // "fire2__conv1x1_1__w", ...) for pictures of `side`, a multiple of 16.
  // Throws Error on missing or misshapen weights and on another side.
  SqueezeNet(const TensorMap& tensors, const std::string& prefix, int side);

  // picture: planar RGB [3, side, side] in [-1, 1]. Returns the activations of
  // conv1 (side / 2), fire4 (side / 4), fire8 (side / 8) and fire9 (side / 16).
  std::vector<FeatureMap> run(const std::vector<float>& picture,
                              Workspace& workspace) const;

 private:
  struct Fire {
    Conv squeeze, expand1, expand3;
    int half;  // channels of each of the two

    FeatureMap run(const FeatureMap& x, Workspace& workspace) const;
  };

  int side_;
  Conv first_;
  std::vector<Fire> fires_;  // fire2 .. fire9
};

}  // namespace limner
