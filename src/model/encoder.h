// The published GradualStyleEncoder: an IR-SE body (of 50 layers in the
// official model), a small feature pyramid, and one head a style code.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/ir_se.h"
#include "model/layout.h"
#include "nn/feature_map.h"
#include "weights/tensor.h"

namespace limner {

class Encoder {
 public:
  // Builds the parts that the styles of the layout need. Throws Error on
  // missing or misshapen weights.
  Encoder(const TensorMap& tensors, const EncoderLayout& layout,
          const LayerPolicy& policy, BodyInput input = BodyInput::kPicture);
  ~Encoder();
  Encoder(Encoder&&) noexcept;
  Encoder& operator=(Encoder&&) noexcept;

  const EncoderConfig& config() const;

  // x: [inputs, side, side], of the kind that it was built for. Returns
  // [last - first, style_width], not yet scaled. `maps`, if given, gets all
  // maps of the body.
  std::vector<float> run(const FeatureMap& x, Workspace& workspace,
                         const Tap& tap = {}, BodyMaps* maps = nullptr) const;
  std::vector<float> run(const SpotMap& x, Workspace& workspace,
                         const Tap& tap = {}, BodyMaps* maps = nullptr) const;

 private:
  std::vector<float> go_on(FeatureMap entered, Workspace& workspace,
                           const Tap& tap, BodyMaps* maps) const;

  struct Layers;
  std::unique_ptr<Layers> layers_;
};

}  // namespace limner
