// The published GradualStyleEncoder: an IR-SE body (of 50 layers in the
// official model), a small feature pyramid, and one head a style code.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/ir_se.h"
#include "nn/feature_map.h"
#include "weights/tensor.h"

namespace limner {

class Encoder {
 public:
  // Builds the parts that styles [first, last) need from the weights under
  // `prefix` ("encoder_face_fine."). Throws Error on missing or misshapen
  // weights.
  Encoder(const TensorMap& tensors, const std::string& prefix, int first,
          int last, const LayerPolicy& policy);
  ~Encoder();
  Encoder(Encoder&&) noexcept;
  Encoder& operator=(Encoder&&) noexcept;

  int input_channels() const;
  int input_side() const;
  int style_width() const;

  // Channels of the body's map of `level` 0 to 4 (see BodyMaps).
  int map_channels(int level) const;

  // x: [input_channels, side, side]. Returns [last - first, style_width],
  // not yet scaled. `maps`, if given, gets all maps of the body.
  std::vector<float> run(const FeatureMap& x, Workspace& workspace,
                         const Tap& tap = {}, BodyMaps* maps = nullptr) const;

 private:
  struct Layers;
  std::unique_ptr<Layers> layers_;
};

// The number of convolutions in the head of `style`. Throws Error when the
// head is missing.
int encoder_head_convs(const TensorMap& tensors, const std::string& prefix,
                       int style);

// Which map of the pyramid the head of `style` reads: 0 the deepest (c3), 1
// the middle (p2), 2 the largest (p1). Published rule: styles below 3, below
// 7, the rest.
int encoder_head_level(int style);

// The side of the picture that the encoder under `prefix` reads, told by the
// number of halvings in the head of `style`. Throws Error when that fits no
// encoder.
int encoder_input_side(const TensorMap& tensors, const std::string& prefix,
                       int style);

}  // namespace limner
