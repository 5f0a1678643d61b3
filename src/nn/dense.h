// Layers over many short vectors at once, the rows of a row-major matrix: what
// transformers are made of.
#pragma once

#include <vector>

#include "weights/tensor.h"

namespace limner {

// y = x W^T + b for every row.
class Dense {
 public:
  Dense() = default;
  // Reads prefix + "weight" [out, in] and prefix + "bias" [out]. Throws Error
  // when they are missing or of another shape; -1 takes any size.
  Dense(const TensorMap& tensors, const std::string& prefix, int out, int in);

  int in() const { return in_; }
  int out() const { return out_; }

  // x: [rows, in] -> y: [rows, out]; they must not overlap.
  void run(const float* x, int rows, float* y) const;

  // The same where the input of row r is the rows r - reach .. r + reach of
  // x: [rows, in / (2 reach + 1)], one after the other; rows outside are 0.
  void run_windows(const float* x, int rows, int reach, float* y) const;

 private:
  int in_ = 0, out_ = 0;
  std::vector<float> weights_;  // [in, out]
  std::vector<float> bias_;     // [out]
};

// (x - mean) / sqrt(variance + 1e-5) * weight + bias over each row.
class LayerNorm {
 public:
  LayerNorm() = default;
  // Reads prefix + "weight" and "bias" [width]. Throws Error as Dense does.
  LayerNorm(const TensorMap& tensors, const std::string& prefix, int width);

  // x: [rows, width] -> y, which may be x.
  void run(const float* x, int rows, float* y) const;

 private:
  std::vector<float> weight_, bias_;
};

// softmax(scale q k^T) v of one head. q, k, v: `rows` rows of `width` floats,
// `stride` floats apart; y: likewise, `y_stride` apart. Keys with away[r] are
// left out; at least one must stay. scores: work space of rows * rows floats.
void attend(const float* q, const float* k, const float* v, int rows, int width,
            int stride, const std::vector<bool>& away, float* y, int y_stride,
            float* scores);

}  // namespace limner
