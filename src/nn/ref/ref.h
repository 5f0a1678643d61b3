// The layers as plain loops over planar [C, H, W] vectors: what the fast ones
// must agree with. Slow; for tests.
#pragma once

#include <cstddef>
#include <vector>

namespace limner::ref {

struct Map {
  int channels = 0;
  int height = 0;
  int width = 0;
  std::vector<float> values;  // [channels, height, width]

  Map() = default;
  Map(int c, int h, int w)
      : channels(c),
        height(h),
        width(w),
        values(static_cast<size_t>(c) * h * w) {}
  float& at(int c, int y, int x) {
    return values[(static_cast<size_t>(c) * height + y) * width + x];
  }
  float at(int c, int y, int x) const {
    return values[(static_cast<size_t>(c) * height + y) * width + x];
  }
};

// weights [out, in, kernel, kernel]; bias [out] or empty.
Map conv2d(const Map& x, const std::vector<float>& weights,
           const std::vector<float>& bias, int kernel, int stride, int pad);

// Stride 2, no padding; weights [out, in, 3, 3].
Map conv_transpose2d(const Map& x, const std::vector<float>& weights, int out);

// Zeros inserted `up`-fold, `before`/`after` zeros around, then convolved
// with the 4x4 kernel (StyleGAN2's upfirdn2d without downsampling).
Map upfirdn2d(const Map& x, const std::vector<float>& kernel, int up,
              int before, int after);

Map upsample_bilinear(const Map& x, int height, int width);

// BatchNorm in inference, eps 1e-5.
Map batch_norm(const Map& x, const std::vector<float>& weight,
               const std::vector<float>& bias, const std::vector<float>& mean,
               const std::vector<float>& variance);

Map prelu(const Map& x, const std::vector<float>& slope);

Map add(const Map& x, const Map& y);

// Every `step`-th pixel of every `step`-th row.
Map subsample(const Map& x, int step);

// Channel c times gate[c].
Map scale(const Map& x, const std::vector<float>& gate);

std::vector<float> means(const Map& x);

// y = weight_scale W x + bias_scale b; weights [rows, columns].
std::vector<float> linear(const std::vector<float>& x,
                          const std::vector<float>& weights,
                          const std::vector<float>& bias,
                          float weight_scale = 1.0F, float bias_scale = 1.0F);

// A matrix times another turned, and b: y = x W^T + b for each of the rows of x
// [rows, in]; weights [out, in], bias [out]. -> [rows, out]
std::vector<float> dense(const std::vector<float>& x, int rows,
                         const std::vector<float>& weights,
                         const std::vector<float>& bias);

// The rows r - reach .. r + reach of x [rows, width] side by side, zeros where
// there is none: [rows, (2 reach + 1) width].
std::vector<float> windows(const std::vector<float>& x, int rows, int reach);

// (x - mean) / sqrt(variance + 1e-5) * weight + bias over each row of x [rows,
// width].
std::vector<float> layer_norm(const std::vector<float>& x, int rows,
                              const std::vector<float>& weight,
                              const std::vector<float>& bias);

// softmax(q k^T / sqrt(width)) v; q, k, v: [rows, width]. Keys with away[r] get
// no weight.
std::vector<float> attend(const std::vector<float>& q,
                          const std::vector<float>& k,
                          const std::vector<float>& v, int rows,
                          const std::vector<bool>& away);

// gain * LeakyReLU(x, slope).
void leaky_relu(std::vector<float>& x, float slope, float gain);

// StyleGAN2's weights for one style: W / sqrt(fan_in) * s[in], demodulated on
// request. weights [out, in, kernel, kernel].
std::vector<float> modulated_weights(const std::vector<float>& weights, int out,
                                     const std::vector<float>& s,
                                     bool demodulate);

}  // namespace limner::ref
