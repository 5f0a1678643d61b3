// A face model's tensors, whichever container they came in.
#pragma once

#include "weights/checkpoint.h"

namespace limner {

// The model's tensors under their canonical names (layout.h), without what
// DataParallel, a training run and the like write before them. Throws Error
// when the file is not such a model, and says what other known one it is.
TensorMap model_tensors(const Checkpoint& checkpoint);

// Whether model_tensors() finds a face model at the first look: a generator
// under its canonical name.
bool has_generator(const Checkpoint& checkpoint);

}  // namespace limner
