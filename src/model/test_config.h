// A model for tests that no published one resembles.
#pragma once

#include "model/layout.h"

namespace limner {

// 32 px; coarse codes up to `split`; its depths and widths are its own.
inline FaceConfig unpublished_config(int split) {
  FaceConfig config = official_config(32, 16);
  config.split = split;
  config.sketch_fine.last = split;
  config.face_fine.first = split;
  for (EncoderConfig* encoder :
       {&config.sketch_coarse, &config.sketch_fine, &config.face_fine}) {
    encoder->side = 64;
    encoder->body.widths = {8, 12, 16, 24};
    encoder->body.units = {1, 2, 1, 2};
  }
  config.generator.style_width = 24;
  config.generator.channels = {40, 32, 20, 12};
  config.generator.mapping_layers = 3;
  config.keep_strokes = true;
  return config;
}

}  // namespace limner
