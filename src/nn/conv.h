// Convolutions by oneDNN or our Winograds, weights packed once at construction.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nn/feature_map.h"
#include "nn/packed_conv.h"

namespace limner {

struct ConvShape {
  int in = 0;      // channels
  int out = 0;     // channels
  int kernel = 3;  // square
  int stride = 1;
  int pad = 1;     // zeros on each side
  int height = 0;  // of the input
  int width = 0;
  // False: no zeros above and below, as for a band of rows that brings its
  // neighbours along.
  bool pad_rows = true;

  int row_pad() const { return pad_rows ? pad : 0; }
  int out_height() const {
    return (height + 2 * row_pad() - kernel) / stride + 1;
  }
  int out_width() const { return (width + 2 * pad - kernel) / stride + 1; }
  // Whether nn/phase_winograd.h computes it.
  bool has_phases() const {
    return kernel == 3 && pad == 1 && stride == 2 && pad_rows &&
           height % 2 == 0 && width % 2 == 0;
  }
};

enum class ConvAlgorithm {
  kDirect,           // oneDNN's direct sums
  kLibraryWinograd,  // oneDNN's Winograd, where it has one: else as kDirect
  kWinograd,         // nn/winograd.h
  kPhaseWinograd,    // nn/phase_winograd.h
  kSmall,            // nn/small_conv.h
};

// Those that can compute a convolution of this shape, or its transpose.
std::vector<ConvAlgorithm> conv_algorithms(const ConvShape& shape);
std::vector<ConvAlgorithm> transposed_conv_algorithms();

struct ConvOptions {
  // The fastest algorithm for this shape: Winograd's with stride 1,
  // PhaseWinograd with stride 2 and many outputs, SmallConv with few. Those
  // keep weights in 16 bits; off by up to 3e-4 of the result.
  bool fast = false;
  // Weights and input rounded to bfloat16, sums in float32, where the machine
  // computes that natively: half the memory, twice the speed.
  bool bf16 = false;
  // This algorithm, one of conv_algorithms(), to compare them; unset: what
  // `fast` allows and is known to be fast.
  std::optional<ConvAlgorithm> algorithm;
  // out += result instead of out = result.
  bool accumulate = false;
  // LeakyReLU with this slope on the result; 1 leaves it as it is.
  float leaky_slope = 1.0F;
  // [out], read at construction: PReLU with a slope for each channel on the
  // result; leaky_slope must then be 1. Null: none.
  const float* slopes = nullptr;
};

// y[o] = bias[o] + sum_i w[o,i] * x[i], for one picture and fixed sizes.
class Conv {
 public:
  // weights: row-major [out, in, kernel, kernel]; bias: [out] or null.
  Conv(const ConvShape& shape, const float* weights, const float* bias,
       const ConvOptions& options = {});

  // The name of the algorithm: the primitive that oneDNN chose, or ours.
  const char* implementation() const { return implementation_.c_str(); }

  // in: [shape.in, height, width]; out: [shape.out, out_height, out_width].
  void run(const FeatureMap& in, const FeatureMap& out,
           Workspace& workspace) const;
  // As above into a new map.
  FeatureMap run(const FeatureMap& in, Workspace& workspace) const;

 private:
  ConvShape shape_;
  std::unique_ptr<PackedConv> packed_;
  std::string implementation_;
  std::vector<float> slopes_;  // padded; after packed_, unless empty
};

// Transposed 3x3 convolution with stride 2 and no padding:
// [in, h, w] -> [out, 2h+1, 2w+1].
class TransposedConv {
 public:
  // weights: row-major [out, in, 3, 3] (as StyleGAN2 stores them). fast:
  // PhaseWinograd where there are many outputs. algorithm: as in ConvOptions.
  TransposedConv(int in, int out, int height, int width, const float* weights,
                 bool fast = false,
                 std::optional<ConvAlgorithm> algorithm = {});

  const char* implementation() const { return implementation_.c_str(); }

  FeatureMap run(const FeatureMap& in, Workspace& workspace) const;

 private:
  ConvShape shape_;  // that it is the transpose of, sizes of what it reads
  std::unique_ptr<PackedConv> packed_;
  std::string implementation_;
};

}  // namespace limner
