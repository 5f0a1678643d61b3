// A face model's weight file, read once: from here on its networks are built.
#pragma once

#include <string>
#include <vector>

#include "model/config.h"
#include "model/layout.h"
#include "weights/checkpoint.h"

namespace limner {

struct FaceWeights {
  TensorMap tensors;  // under the names of the layout, and others
  FaceConfig face;
  FaceLayout layout;
  ModelConfig config;  // counts the tensors that the file has

  // Names of the layout's tensors that the file has, sorted. (Building the
  // networks finds what is missing.)
  std::vector<std::string> names() const;
};

// Reads every size from the shapes of the weights and the options from the
// file's values (absent ones take the published defaults). Throws Error when
// the file is no face model, a key weight is missing or sizes contradict each
// other.
FaceWeights read_face_weights(const Checkpoint& checkpoint);

}  // namespace limner
