#include "nn/dense.h"

#include <dnnl.h>

#include <algorithm>
#include <cmath>

#include "util/error.h"

namespace limner {
namespace {

constexpr float kEpsilon = 1e-5F;  // of the layer norm, as libtorch has it

// c = alpha a op(b) + beta c, row-major: a [m, k], c [m, n].
void product(bool transpose_b, int m, int n, int k, float alpha, const float* a,
             int lda, const float* b, int ldb, float beta, float* c, int ldc) {
  if (m == 0 || n == 0 || k == 0) return;
  if (dnnl_sgemm('N', transpose_b ? 'T' : 'N', m, n, k, alpha, a, lda, b, ldb,
                 beta, c, ldc) != dnnl_success) {
    fail("oneDNN could not multiply matrices of {} x {} and {} x {}", m, k, k,
         n);
  }
}

}  // namespace

Dense::Dense(const TensorMap& tensors, const std::string& prefix, int out,
             int in) {
  const Tensor& weight = tensors.at(prefix + "weight", {out, in});
  out_ = static_cast<int>(weight.shape[0]);
  in_ = static_cast<int>(weight.shape[1]);
  const std::vector<float> rows = weight.to_f32();
  weights_.resize(rows.size());
  for (int o = 0; o < out_; ++o) {
    for (int i = 0; i < in_; ++i) {
      weights_[static_cast<size_t>(i) * out_ + o] =
          rows[static_cast<size_t>(o) * in_ + i];
    }
  }
  bias_ = tensors.at(prefix + "bias", {out_}).to_f32();
}

void Dense::run(const float* x, int rows, float* y) const {
  for (int r = 0; r < rows; ++r) {
    std::copy(bias_.begin(), bias_.end(), y + static_cast<int64_t>(r) * out_);
  }
  product(false, rows, out_, in_, 1.0F, x, in_, weights_.data(), out_, 1.0F, y,
          out_);
}

void Dense::run_windows(const float* x, int rows, int reach, float* y) const {
  const int width = in_ / (2 * reach + 1);
  for (int r = 0; r < rows; ++r) {
    std::copy(bias_.begin(), bias_.end(), y + static_cast<int64_t>(r) * out_);
  }
  for (int tap = 0; tap <= 2 * reach; ++tap) {
    // Row r reads row r + shift, where there is one.
    const int shift = tap - reach;
    const int first = std::max(0, -shift);
    const int last = std::min(rows, rows - shift);
    if (first >= last) continue;
    product(false, last - first, out_, width, 1.0F,
            x + static_cast<int64_t>(first + shift) * width, width,
            weights_.data() + static_cast<int64_t>(tap) * width * out_, out_,
            1.0F, y + static_cast<int64_t>(first) * out_, out_);
  }
}

LayerNorm::LayerNorm(const TensorMap& tensors, const std::string& prefix,
                     int width)
    : weight_(tensors.at(prefix + "weight", {width}).to_f32()),
      bias_(tensors.at(prefix + "bias", {width}).to_f32()) {}

void LayerNorm::run(const float* x, int rows, float* y) const {
  const auto width = static_cast<int>(weight_.size());
  for (int r = 0; r < rows; ++r, x += width, y += width) {
    float sum = 0;
    for (int i = 0; i < width; ++i) sum += x[i];
    const float mean = sum / static_cast<float>(width);
    float squares = 0;
    for (int i = 0; i < width; ++i) squares += (x[i] - mean) * (x[i] - mean);
    const float scale =
        1.0F / std::sqrt(squares / static_cast<float>(width) + kEpsilon);
    for (int i = 0; i < width; ++i) {
      y[i] = (x[i] - mean) * scale * weight_[i] + bias_[i];
    }
  }
}

void attend(const float* q, const float* k, const float* v, int rows, int width,
            int stride, const std::vector<bool>& away, float* y, int y_stride,
            float* scores) {
  const float scale = 1.0F / std::sqrt(static_cast<float>(width));
  product(true, rows, rows, width, scale, q, stride, k, stride, 0.0F, scores,
          rows);
  for (int r = 0; r < rows; ++r) {
    float* row = scores + static_cast<int64_t>(r) * rows;
    float most = -INFINITY;
    for (int i = 0; i < rows; ++i) {
      if (!away[i]) most = std::max(most, row[i]);
    }
    float sum = 0;
    for (int i = 0; i < rows; ++i) {
      row[i] = away[i] ? 0.0F : std::exp(row[i] - most);
      sum += row[i];
    }
    for (int i = 0; i < rows; ++i) row[i] /= sum;
  }
  product(false, rows, width, rows, 1.0F, scores, rows, v, stride, 0.0F, y,
          y_stride);
}

}  // namespace limner
