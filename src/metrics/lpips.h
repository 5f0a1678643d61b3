// How different two pictures look: LPIPS, version 0.1 with AlexNet (Zhang et
// al., "The Unreasonable Effectiveness of Deep Features as a Perceptual
// Metric", 2018).
#pragma once

#include <memory>
#include <vector>

#include "image/image.h"
#include "weights/tensor.h"

namespace limner {

class Lpips {
 public:
  static constexpr int kMinSide = 32;

  // Weights: "net.layers.{0,3,6,8,10}.{weight,bias}" of AlexNet, "net.mean" and
  // "net.std" of its input, "lin.{0..4}.1.weight" of the channels. Throws Error
  // on missing or misshapen ones.
  explicit Lpips(const TensorMap& tensors);
  ~Lpips();
  Lpips(Lpips&&) noexcept;
  Lpips& operator=(Lpips&&) noexcept;

  // Two RGB pictures of one size, 32 px or more. 0: the same; about 0.7: as
  // different as two photos. Throws Error for others. Serves one thread at a
  // time; pictures of the size of the last ones are quickest.
  double distance(const Image& a, const Image& b);

  // The same of planar RGB [3, height, width] in [-1, 1].
  double distance(const std::vector<float>& a, const std::vector<float>& b,
                  int height, int width);

 private:
  struct Layers;
  std::unique_ptr<Layers> layers_;
};

}  // namespace limner
