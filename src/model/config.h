// What a model is, for those who make faces with it: every size, read from its
// weights, and the few options that weights cannot tell.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "model/layout.h"

namespace limner {

constexpr double kMaxSharpening = 4.0;

struct ModelConfig {
  int size = 0;         // side of the full picture in pixels, a power of two
  int styles = 0;       // 2 log2(size) - 2 style codes
  int style_width = 0;  // numbers a code (512)
  int split = 0;        // codes [0, split) follow the sketch
  int labels = 0;       // stroke classes the sketch encoders read (22)
  int input_side = 0;   // side of the encoders' input (256)
  int mapping_layers = 8;
  bool add_latent_avg = true;  // start_from_latent_avg
  // Drawings are reduced to input_side with every stroke kept, instead of the
  // nearest pixels as published.
  bool keep_strokes = false;
  // The sketch encoders read drawings of sketch_fold times input_side, each
  // sketch_fold x sketch_fold pixels as one of as many times `labels` channels.
  int sketch_fold = 1;
  // The generator also reads maps of the drawing (see model/structure.h); the
  // published models have none.
  bool structure_maps = false;
  // The sketch encoders read one more channel, the last: 1 - faithfulness at
  // every pixel, which says how far the lines may lie from where the photo has
  // them (0 to 1, after the refinement level of "Deep Plastic Surgery", Yang et
  // al., 2020). At faithfulness 1 it is all zeros.
  bool faithfulness = false;
  // How much the full picture's finest details are enlarged at the end, 0 to
  // kMaxSharpening (sharpen() of nn/styled.h); previews are not.
  double sharpening = 0.0;
  // Of the random looks that the file holds (see model/looks.h). 0: none, they
  // come from the mapping network.
  int look_components = 0;
  int64_t parameters = 0;  // numbers in the tensors of the layout

  // Side of the drawings that the sketch encoders read, and channels of it.
  int drawing_side() const { return input_side * sketch_fold; }
  int drawing_channels() const {
    return labels * sketch_fold * sketch_fold + (faithfulness ? 1 : 0);
  }

  nlohmann::json to_json() const;
};

// All tensors of the layout count as parameters.
ModelConfig model_config(const FaceConfig& config);

}  // namespace limner
