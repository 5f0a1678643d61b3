#include "nn/dense.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "nn/isa.h"
#include "nn/simd.h"
#include "util/parallel.h"

namespace limner {
namespace {

constexpr float kEpsilon = 1e-5F;  // of the layer norm, as libtorch has it

constexpr int kRows = 8;  // that are handed out together

// c = alpha a b + beta c, all row-major: a [m, k], b [k, n], c [m, n], rows
// lda, ldb and ldc floats apart.
struct Product {
  int m, n, k;
  float alpha;
  const float* a;
  int64_t lda;
  const float* b;
  int64_t ldb;
  float beta;
  float* c;
  int64_t ldc;
};

// Rows [r, r + Rows), columns [x, x + Vectors B).
template <int B, int Rows, int Vectors>
LIMNER_INLINE void multiply_tile(const Product& p, int64_t r, int64_t x) {
  Vec<B> sum[Rows][Vectors] = {};
  const float* a = p.a + r * p.lda;
  const float* b = p.b + x;
  for (int k = 0; k < p.k; ++k, b += p.ldb) {
#pragma GCC unroll 8
    for (int i = 0; i < Rows; ++i) {
      const float factor = a[i * p.lda + k];
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; ++v) {
        sum[i][v] += factor * at<B>(b + v * B);
      }
    }
  }
  for (int i = 0; i < Rows; ++i) {
    for (int v = 0; v < Vectors; ++v) {
      Vec<B>& c = at<B>(p.c + (r + i) * p.ldc + x + v * B);
      const Vec<B> old = p.beta == 0 ? Vec<B>{} : p.beta * c;
      c = p.alpha * sum[i][v] + old;
    }
  }
}

// Rows [r, r + Rows), all columns: two vectors, one vector, single columns.
template <int B, int Rows>
LIMNER_INLINE void multiply_rows(const Product& p, int64_t r) {
  int64_t x = 0;
  for (; x + 2 * B <= p.n; x += 2 * B) multiply_tile<B, Rows, 2>(p, r, x);
  for (; x + B <= p.n; x += B) multiply_tile<B, Rows, 1>(p, r, x);
  for (; x < p.n; ++x) multiply_tile<1, Rows, 1>(p, r, x);
}

// Rows [first, last).
template <int B>
LIMNER_INLINE void multiply_body(const Product& p, int64_t first,
                                 int64_t last) {
  constexpr int kAtOnce = kTileRows<B>;
  int64_t r = first;
  for (; r + kAtOnce <= last; r += kAtOnce) multiply_rows<B, kAtOnce>(p, r);
  for (; r < last; ++r) multiply_rows<B, 1>(p, r);
}

LIMNER_KERNEL(void, multiply_kernel,
              (int lanes, const Product& p, int64_t first, int64_t last),
              (lanes, p, first, last)) {
  LIMNER_FOR_LANES(multiply_body, p, first, last);
}

void multiply(const Product& p) {
  const int64_t tiles = (p.m + kRows - 1) / kRows;
  constexpr int64_t kProductsANanosecond = 32;
  const int64_t cost = 1 + int64_t{kRows} * p.n * p.k / kProductsANanosecond;
  parallel_for(tiles, cost, [&](int64_t begin, int64_t end) {
    multiply_kernel(channel_block(), p, begin * kRows,
                    std::min<int64_t>(p.m, end * kRows));
  });
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
  multiply(
      {rows, out_, in_, 1.0F, x, in_, weights_.data(), out_, 1.0F, y, out_});
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
    multiply({last - first, out_, width, 1.0F,
              x + static_cast<int64_t>(first + shift) * width, width,
              weights_.data() + static_cast<int64_t>(tap) * width * out_, out_,
              1.0F, y + static_cast<int64_t>(first) * out_, out_});
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
  std::vector<float> columns(static_cast<size_t>(rows) * width);  // k turned
  for (int r = 0; r < rows; ++r) {
    for (int i = 0; i < width; ++i) {
      columns[static_cast<size_t>(i) * rows + r] =
          k[static_cast<int64_t>(r) * stride + i];
    }
  }
  multiply({rows, rows, width, scale, q, stride, columns.data(), rows, 0.0F,
            scores, rows});
  for (int r = 0; r < rows; ++r) {
    float* row = scores + static_cast<int64_t>(r) * rows;
    float maximum = -INFINITY;
    for (int i = 0; i < rows; ++i) {
      if (!away[i]) maximum = std::max(maximum, row[i]);
    }
    float sum = 0;
    for (int i = 0; i < rows; ++i) {
      row[i] = away[i] ? 0.0F : std::exp(row[i] - maximum);
      sum += row[i];
    }
    for (int i = 0; i < rows; ++i) row[i] /= sum;
  }
  multiply(
      {rows, width, rows, 1.0F, scores, rows, v, stride, 0.0F, y, y_stride});
}

}  // namespace limner
