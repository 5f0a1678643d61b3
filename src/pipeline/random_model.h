// Models with random weights, in the official names and shapes and at any
// scale: for tests, the demo and the bench, which need a model but no data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "model/config.h"
#include "weights/tensor.h"

namespace limner {

struct RandomModelOptions {
  int size = 256;          // side of the picture: a power of two, 16..1024
  int width_divisor = 16;  // widths of the official model over this: a power
                           // of two, 1..16
  uint64_t seed = 1;
  DType type = DType::kF32;   // of matrices: kF32 or kBF16
  bool faithfulness = false;  // see ModelConfig
  double sharpening = 0.0;    // see ModelConfig
};

// One tensor and how its random values are spread.
struct RandomTensor {
  std::string name;
  Shape shape;
  double mean = 0.0;
  // Standard deviation; values are uniform in mean +- sqrt(3) * deviation.
  double deviation = 0.0;
  bool blur_kernel = false;  // [1,3,3,1] x [1,3,3,1] / 16 instead
};

// Every tensor of the model's layout (model/layout.h). Spreads follow the
// activations of a sane network (He's rule for weights, batch-norm statistics
// that fit them). Throws Error on bad options.
std::vector<RandomTensor> random_tensors(const RandomModelOptions& options);

// The sizes of such a model.
ModelConfig random_model_config(const RandomModelOptions& options);

// How a model file stores a tensor when `wanted` (kF32, kBF16) is asked for:
// matrices and convolutions as `wanted`, everything small or delicate (biases,
// batch-norm statistics, slopes, noise, the mean code) as kF32.
DType stored_type(const std::string& name, const Shape& shape, DType wanted);

// Draws the tensors and writes them as safetensors with the config in the
// metadata, atomically. The same options give the same file. Returns its
// SHA-256 in hex.
std::string write_random_model(const std::filesystem::path& path,
                               const RandomModelOptions& options);

}  // namespace limner
