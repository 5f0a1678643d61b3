#include "model/structure.h"

#include <fmt/format.h>

#include <string>

#include "model/generator.h"
#include "model/live.h"
#include "nn/conv.h"

namespace limner {
namespace {

const std::string kPrefix = "structure.";

struct Layer {
  int level;          // of the generator
  size_t body_level;  // of the encoder's maps
  Conv conv;
};

}  // namespace

int structure_body_level(int side, int level) {
  for (int deep = 0; deep < 5; ++deep) {
    if (side >> deep == 4 << level) return deep;
  }
  return -1;
}

bool has_structure_maps(const TensorMap& tensors) {
  const auto first = tensors.tensors.lower_bound(kPrefix);
  return first != tensors.tensors.end() &&
         first->first.compare(0, kPrefix.size(), kPrefix) == 0;
}

struct Structure::Layers {
  std::vector<Layer> layers;
};

Structure::Structure(const TensorMap& tensors, const Encoder& encoder)
    : layers_(std::make_unique<Layers>()) {
  for (int level = 0; level < synthesis_resolutions(tensors); ++level) {
    const int deep = structure_body_level(encoder.input_side(), level);
    if (deep < 0) continue;
    const std::string name = fmt::format("{}{}", kPrefix, level);
    const int in = encoder.map_channels(deep);
    const int out = synthesis_channels(tensors, level);
    const auto weights =
        load_values(tensors, name + ".weight", {out, in, 1, 1});
    const auto bias = load_values(tensors, name + ".bias", {out});
    const ConvShape shape{in, out, 1, 1, 0, 4 << level, 4 << level};
    layers_->layers.push_back({level, static_cast<size_t>(deep),
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
