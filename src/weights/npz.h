// NumPy .npz archives (stored or deflated .npy members), for reference data
// and feature networks that come as such.
#pragma once

#include <filesystem>

#include "weights/tensor.h"

namespace limner {

// Reads every array. Throws Error when the archive or a member is damaged,
// an object array, or of a type that DType lacks.
TensorMap read_npz(const std::filesystem::path& path);

}  // namespace limner
