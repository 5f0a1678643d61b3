// Structure maps: a second way, beside style codes, from a drawing to the
// generator, for small models. A style code changes a whole layer, so where a
// stroke lies must be pressed into a few hundred numbers; here the W+ encoder's
// maps of the drawing also go, each through a 1x1 convolution, to the
// generator's map of the same side, where they are added to what the last
// convolution of that resolution reads. The published models have none.
#pragma once

#include <memory>
#include <vector>

#include "model/encoder.h"

namespace limner {

// What one resolution of the generator gets: planar [channels, side, side].
struct StructureMap {
  int level = 0;  // of the generator: 0 at 4 px, 1 at 8 px, ...
  int channels = 0;
  int side = 0;  // 4 << level
  std::vector<float> values;
};

class Structure {
 public:
  // Throws Error on missing or misshapen weights.
  Structure(const TensorMap& tensors,
            const std::vector<StructureLayout>& layout);
  ~Structure();
  Structure(Structure&&) noexcept;
  Structure& operator=(Structure&&) noexcept;

  // maps: those of the encoder's body. From small to large.
  std::vector<StructureMap> run(const BodyMaps& maps,
                                Workspace& workspace) const;

 private:
  struct Layers;
  std::unique_ptr<Layers> layers_;
};

}  // namespace limner
