// For tests of the training rooms.
#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/compare.h"
#include "train/modules/weights_io.h"
#include "weights/npz.h"

namespace limner::train {

// Tests run side by side: more threads for each would only be in the way.
class OneThread : public testing::Environment {
 public:
  void SetUp() override { torch::set_num_threads(1); }
};
inline testing::Environment* const one_thread =
    testing::AddGlobalTestEnvironment(new OneThread);

inline std::vector<float> values_of(const torch::Tensor& tensor) {
  return from_torch(tensor).to_f32();
}

// The weights of a network as if they came from a file.
inline TensorMap tensors_of(const torch::nn::Module& module,
                            const std::string& prefix = "") {
  TensorMap map;
  map.source = "a test";
  for (const NamedTensor& one : named_tensors(module, prefix)) {
    map.tensors[one.name] = one.tensor;
  }
  return map;
}

// Norm of the difference over norm of `expected`.
inline double relative_error(const torch::Tensor& got,
                             const torch::Tensor& expected) {
  if (got.sizes() != expected.sizes()) return INFINITY;
  return limner::relative_error(values_of(got), values_of(expected));
}

inline std::filesystem::path reference_folder() {
  return std::filesystem::path(LIMNER_SHARED) / "reference";
}

}  // namespace limner::train
