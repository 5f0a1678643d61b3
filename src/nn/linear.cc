#include "nn/linear.h"

#include <utility>

#include "nn/simd.h"
#include "nn/trace.h"
#include "util/parallel.h"

namespace limner {
namespace {

// Four vectors of sums, whatever the instruction set, so that every machine
// adds in the same order.
LIMNER_KERNEL(float, dot, (const float* a, const float* b, int count),
              (a, b, count)) {
  Vec<16> sums[4] = {};
  int i = 0;
  for (; i + 64 <= count; i += 64) {
    for (int part = 0; part < 4; ++part) {
      sums[part] += at<16>(a + i + part * 16) * at<16>(b + i + part * 16);
    }
  }
  for (; i + 16 <= count; i += 16) sums[0] += at<16>(a + i) * at<16>(b + i);
  float total = 0.0F;
  for (; i < count; ++i) total += a[i] * b[i];
  const Vec<16> sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  for (int lane = 0; lane < 16; ++lane) total += sum[lane];
  return total;
}

}  // namespace

Linear::Linear(int rows, int columns, std::vector<float> weights,
               float weight_scale, std::vector<float> bias, float bias_scale)
    : rows_(rows),
      columns_(columns),
      weights_(std::move(weights)),
      bias_(std::move(bias)) {
  for (float& value : weights_) value *= weight_scale;
  for (float& value : bias_) value *= bias_scale;
}

std::vector<float> Linear::run(const float* x) const {
  const TracedScope scope("linear");
  std::vector<float> y(rows_);
  parallel_for(rows_, columns_ / 8, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      y[row] = dot(weights_.data() + row * columns_, x, columns_) +
               (bias_.empty() ? 0.0F : bias_[row]);
    }
  });
  return y;
}

void leaky_relu(std::vector<float>& x, float slope, float scale) {
  for (float& value : x) {
    value = scale * (value >= 0.0F ? value : slope * value);
  }
}

}  // namespace limner
