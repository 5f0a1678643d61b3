#include "model/structure.h"

#include "nn/conv.h"

namespace limner {
namespace {

struct Layer {
  int level;          // of the generator
  size_t body_level;  // of the encoder's maps
  Conv conv;
};

}  // namespace

struct Structure::Layers {
  std::vector<Layer> layers;
};

Structure::Structure(const TensorMap& tensors,
                     const std::vector<StructureLayout>& layout)
    : layers_(std::make_unique<Layers>()) {
  for (const auto& [level, body_level, conv] : layout) {
    const auto weights = load_values(tensors, conv.weight);
    const auto bias = load_values(tensors, conv.bias);
    const int side = 4 << level;
    const ConvShape shape{conv.in, conv.out, 1, 1, 0, side, side};
    layers_->layers.push_back({level, static_cast<size_t>(body_level),
                               Conv(shape, weights.data(), bias.data(), {})});
  }
}

Structure::~Structure() = default;
Structure::Structure(Structure&&) noexcept = default;
Structure& Structure::operator=(Structure&&) noexcept = default;

std::vector<StructureMap> Structure::run(const BodyMaps& maps,
                                         Workspace& workspace) const {
  std::vector<StructureMap> result;
  for (const Layer& layer : layers_->layers) {
    const FeatureMap map = layer.conv.run(maps[layer.body_level], workspace);
    result.push_back(
        {layer.level, map.channels(), map.height(), to_planar(map)});
  }
  return result;
}

}  // namespace limner
