#include "model/config.h"

#include <nlohmann/json.hpp>

namespace limner {

nlohmann::json ModelConfig::to_json() const {
  return {{"size", size},
          {"styles", styles},
          {"style_width", style_width},
          {"split", split},
          {"labels", labels},
          {"input_side", input_side},
          {"mapping_layers", mapping_layers},
          {"add_latent_avg", add_latent_avg},
          {"keep_strokes", keep_strokes},
          {"sketch_fold", sketch_fold},
          {"structure_maps", structure_maps},
          {"faithfulness", faithfulness},
          {"sharpening", sharpening},
          {"look_components", look_components},
          {"parameters", parameters}};
}

ModelConfig model_config(const FaceConfig& config) {
  ModelConfig model;
  model.size = config.generator.size();
  model.styles = config.generator.styles();
  model.style_width = config.generator.style_width;
  model.split = config.split;
  model.labels = config.labels();
  model.input_side = config.sketch_coarse.side;
  model.mapping_layers = config.generator.mapping_layers;
  model.add_latent_avg = config.add_latent_avg;
  model.keep_strokes = config.keep_strokes;
  model.sketch_fold = config.sketch_fold;
  model.structure_maps = config.structure_maps;
  model.faithfulness = config.faithfulness;
  model.sharpening = config.generator.sharpening;
  model.look_components = config.look_components;
  for (const TensorLayout& tensor : tensors_of(face_layout(config))) {
    int64_t count = 1;
    for (const int64_t side : tensor.shape) count *= side;
    model.parameters += count;
  }
  return model;
}

}  // namespace limner
