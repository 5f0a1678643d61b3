// ArcFace's IR-SE 50 ("model_ir_se50.pth"): whose face it is (Deng et al.,
// "ArcFace", 2019). train/modules/arcface.h trains with the same network.
#pragma once

#include <memory>
#include <vector>

#include "nn/feature_map.h"
#include "weights/tensor.h"

namespace limner {

class ArcFace {
 public:
  // Weights: "input_layer", "body" and "output_layer", whose shapes tell the
  // sizes (112 px and 512 numbers as published). Throws Error on missing or
  // misshapen ones.
  explicit ArcFace(const TensorMap& tensors);
  ~ArcFace();
  ArcFace(ArcFace&&) noexcept;
  ArcFace& operator=(ArcFace&&) noexcept;

  int side() const;   // of the picture, a multiple of 16
  int width() const;  // numbers that describe a face

  // face: planar RGB [3, side, side] in [-1, 1]. Returns [width] of norm 1.
  // Throws Error for another size.
  std::vector<float> run(const std::vector<float>& face,
                         Workspace& workspace) const;

 private:
  struct Layers;
  std::unique_ptr<Layers> layers_;
};

}  // namespace limner
