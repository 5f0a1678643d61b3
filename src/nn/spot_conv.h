// The first convolution of a picture that is nearly empty, such as lines on
// paper: only its spots are multiplied, each once for every tap.
#pragma once

#include <vector>

#include "nn/feature_map.h"

namespace limner {

// A map [channels, height, width] of zeros with ones here and there, and one
// channel more of the same value everywhere, where there is such a one.
struct SpotMap {
  struct Spot {
    int x;
    int channel;  // 0 .. channels - 1
  };
  int channels = 0;  // with the one that is everywhere
  int height = 0;
  int width = 0;
  std::vector<Spot> spots;  // row by row; none twice
  std::vector<int> rows;    // [height + 1]: where a row's spots begin
  bool has_everywhere = false;
  float everywhere = 0;  // of the last channel
};

// y = PReLU(bias + w * x) with 3x3 kernels, stride 1 and zeros around: direct
// sums of floats, on every machine in the same order.
class SpotConv {
 public:
  // weights: row-major [out, in, 3, 3]; bias, slopes: [out].
  SpotConv(int in, int out, const float* weights, const float* bias,
           const float* slopes);

  // x: [in, height, width] -> [out, height, width].
  FeatureMap run(const SpotMap& x, Workspace& workspace) const;

 private:
  void sum_rows(const SpotMap& x, int first, int last,
                const FeatureMap& out) const;

  int in_, out_;
  int padded_;                       // outputs, to whole blocks
  std::vector<float> weights_;       // [in][9][padded]
  std::vector<float> edges_;         // [16][padded]: see sum_rows()
  std::vector<float> bias_, slope_;  // [padded]
};

}  // namespace limner
