// The IR-SE body (of 50 layers in the official model) that reads drawings,
// photos and, in ArcFace, faces: residual units with squeeze and excitation in
// four groups that each halve the side.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/layout.h"
#include "nn/conv.h"
#include "nn/feature_map.h"
#include "nn/spot_conv.h"
#include "weights/tensor.h"

namespace limner {

// Sees intermediate results under the names of the reference dumps; for
// tests. Maps arrive planar [C, H, W].
using Tap = std::function<void(const std::string& name,
                               const std::vector<float>& values)>;

// Which layers may use faster, less exact algorithms.
struct LayerPolicy {
  bool fast = true;
  bool bf16 = false;  // wide layers in bfloat16, whatever the file stores
  // Layers whose weight name starts with one of these stay exact.
  std::vector<std::string> exact;

  bool fast_for(const std::string& weight) const;
};

// How to compute the convolution of `in` channels whose weights are
// stored as `stored` under the name `weight`.
ConvOptions conv_options(const LayerPolicy& policy, const std::string& weight,
                         DType stored, int in);

// A BatchNorm in inference as y = a x + b.
struct Affine {
  std::vector<float> a, b;  // [channels]
};
// Reads NAME.weight, .bias, .running_mean and .running_var. Throws Error when
// they are missing, misshapen or of a negative variance.
Affine load_batch_norm(const TensorMap& tensors, const std::string& name,
                       int channels, float epsilon = 1e-5F);

// The maps of a body by level: that of the input layer, then those that the
// four groups end with; level i has the side `side` >> i.
using BodyMaps = std::array<FeatureMap, 5>;

// What a body reads: any picture, or one that is nearly empty.
enum class BodyInput { kPicture, kSpots };

class IrSeBody {
 public:
  // Builds the input layer and the body for pictures of `side`, a multiple of
  // 16. Throws Error on missing or misshapen weights.
  IrSeBody(const TensorMap& tensors, const BodyLayout& layout, int side,
           const LayerPolicy& policy, BodyInput input = BodyInput::kPicture);
  ~IrSeBody();
  IrSeBody(IrSeBody&&) noexcept;
  IrSeBody& operator=(IrSeBody&&) noexcept;

  int inputs() const;  // channels of the picture
  // Of the map that group 0..3 ends with.
  int channels(int group) const;
  int side(int group) const;

  // The input layer alone. x: [inputs, side, side], of the kind that this body
  // was built for.
  FeatureMap enter(const FeatureMap& x, Workspace& workspace) const;
  FeatureMap enter(const SpotMap& x, Workspace& workspace) const;

  // What follows it. Maps that are not wanted are empty; the last always comes.
  BodyMaps run(FeatureMap entered, const std::array<bool, 5>& wanted,
               Workspace& workspace, const Tap& tap = {}) const;

 private:
  struct Layers;
  std::unique_ptr<Layers> layers_;
};

}  // namespace limner
