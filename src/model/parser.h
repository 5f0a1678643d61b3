// The face parser: a U-Net that gives every pixel of a face its part, perhaps
// with a second encoder that has seen more than faces ("context").
// train/modules/unet.h trains the same network.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nn/feature_map.h"
#include "weights/tensor.h"

namespace limner {

class Parser {
 public:
  static constexpr int kClasses = 19;  // CelebAMask-HQ's, 0 is background

  // Builds the network for pictures of `side` from the weights under `prefix`
  // ("conv1.conv1.0.weight", ...; the published parser's names). Throws Error
  // on missing or misshapen weights and on a side that its levels do not
  // divide.
  Parser(const TensorMap& tensors, const std::string& prefix, int side);
  ~Parser();
  Parser(Parser&&) noexcept;
  Parser& operator=(Parser&&) noexcept;

  int side() const;

  // picture: planar RGB [3, side, side] in [-1, 1]. Returns logits
  // [kClasses, side, side].
  std::vector<float> run(const std::vector<float>& picture,
                         Workspace& workspace) const;

  // The same picture as a whole: the channel means of the deepest map.
  std::vector<float> features(const std::vector<float>& picture,
                              Workspace& workspace) const;

 private:
  struct Layers;
  std::unique_ptr<Layers> layers_;
};

}  // namespace limner
