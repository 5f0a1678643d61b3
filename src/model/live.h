// From a weight file to what the networks need: configuration and the tensors
// that take part in computing a face.
#pragma once

#include <string>
#include <vector>

#include "model/config.h"
#include "weights/checkpoint.h"

namespace limner {

// The model's tensors under their canonical names ("decoder.conv1...",
// "latent_avg"), whichever container they came in. Throws Error when the file
// is not such a model.
TensorMap model_tensors(const Checkpoint& checkpoint);

// Reads every size from the shapes of the weights and the options from the
// file's values (absent ones take the published defaults). Throws Error when
// a key weight is missing or sizes contradict each other.
ModelConfig read_config(const Checkpoint& checkpoint);

// Names of those tensors of the file that are used, sorted: W encoder style 0,
// W+ encoder styles below the split, face encoder styles from the split on,
// mapping, synthesis, looks. (Building the networks finds what is missing.)
std::vector<std::string> live_tensors(const Checkpoint& checkpoint);

// One tensor as float32 in row-major order, checked to have `shape` (-1: any
// size) and only finite values; its resident pages are dropped afterwards.
std::vector<float> load_values(const TensorMap& tensors,
                               const std::string& name, const Shape& shape);

}  // namespace limner
