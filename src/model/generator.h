// StyleGAN2: the mapping network and the synthesis network.
#pragma once

#include <memory>
#include <vector>

#include "model/structure.h"

namespace limner {

// z or an encoder's W output -> w: PixelNorm and fully connected layers.
class Mapping {
 public:
  Mapping(const TensorMap& tensors, const GeneratorLayout& layout);
  ~Mapping();
  Mapping(Mapping&&) noexcept;
  Mapping& operator=(Mapping&&) noexcept;

  // z: [width]; returns w: [width].
  std::vector<float> run(const float* z, const Tap& tap = {}) const;

 private:
  struct Layers;
  std::unique_ptr<Layers> layers_;
};

// Codes -> picture.
class Synthesis {
 public:
  Synthesis(const TensorMap& tensors, const GeneratorLayout& layout,
            const LayerPolicy& policy);
  ~Synthesis();
  Synthesis(Synthesis&&) noexcept;
  Synthesis& operator=(Synthesis&&) noexcept;

  int size() const;  // side of the full picture

  // codes: [styles, width]; maps: structure maps, at most one a resolution.
  // Returns planar RGB [3, side, side] in about [-1, 1], side = stop_at (a
  // resolution of the network) or size() for 0. Throws Error on maps of other
  // shapes.
  std::vector<float> run(const float* codes,
                         const std::vector<StructureMap>& maps, int stop_at,
                         Workspace& workspace, const Tap& tap = {}) const;

 private:
  struct Layers;
  struct Step;

  // Modulation for convolution k, whose input scale is `scale`; sets it to the
  // next one's and carries the colours on to this resolution.
  std::unique_ptr<Step> prepare(const float* codes, size_t k, bool last,
                                std::vector<float>& scale,
                                std::vector<float>& rgb) const;
  static FeatureMap run_bands(const FeatureMap& wide, const Step& first,
                              const Step& second, Workspace& workspace);

  std::unique_ptr<Layers> layers_;
};

}  // namespace limner
