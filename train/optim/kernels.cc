#include "train/optim/kernels.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "nn/simd.h"
#include "train/parallel/flat.h"
#include "util/parallel.h"

namespace limner::train {
namespace {

// The rule in float32.
struct Factors {
  float beta1, beta2, rest1, rest2, decay, keep, rate, inverse_root, eps;
};

// The averages of value i.
LIMNER_INLINE void average(const Factors& f, int64_t i, const float* w,
                           const float* g, float* m, float* v) {
  const float slope = g[i] + f.decay * w[i];
  m[i] = f.beta1 * m[i] + f.rest1 * slope;
  v[i] = f.beta2 * v[i] + f.rest2 * (slope * slope);
}

// Values [begin, end).
LIMNER_KERNEL(void, update_range,
              (const Factors& f, int64_t begin, int64_t end,
               float* __restrict w, const float* __restrict g,
               float* __restrict m, float* __restrict v),
              (f, begin, end, w, g, m, v)) {
  for (int64_t i = begin; i < end; ++i) {
    average(f, i, w, g, m, v);
    w[i] = f.keep * w[i] -
           f.rate * (m[i] / (std::sqrt(v[i]) * f.inverse_root + f.eps));
  }
}

LIMNER_KERNEL(void, update_range_plain,
              (const Factors& f, int64_t begin, int64_t end,
               float* __restrict w, const float* __restrict g,
               float* __restrict m, float* __restrict v),
              (f, begin, end, w, g, m, v)) {
  for (int64_t i = begin; i < end; ++i) {
    average(f, i, w, g, m, v);
    w[i] = f.keep * w[i] - f.rate * m[i];
  }
}

}  // namespace

void update(const UpdateRule& rule, int64_t count, float* w, const float* g,
            float* m, float* v) {
  const auto single = [](double value) { return static_cast<float>(value); };
  const Factors factors = {
      single(rule.beta1),     single(rule.beta2),    single(1 - rule.beta1),
      single(1 - rule.beta2), single(rule.decay),    single(rule.keep),
      single(rule.rate),      single(1 / rule.root), single(rule.eps)};
  // Ranges begin at multiples of the vector width: every value then takes the
  // same instructions whoever computes it.
  const int64_t blocks = (count + kFlatAlignment - 1) / kFlatAlignment;
  parallel_for(blocks, kFlatAlignment, [&](int64_t begin, int64_t end) {
    begin *= kFlatAlignment;
    end = std::min(end * kFlatAlignment, count);
    if (rule.plain) {
      update_range_plain(factors, begin, end, w, g, m, v);
    } else {
      update_range(factors, begin, end, w, g, m, v);
    }
  });
}

double sum_of_squares(int64_t count, const float* values) {
  constexpr int64_t kBlock = 1 << 14;
  const int64_t blocks = (count + kBlock - 1) / kBlock;
  std::vector<double> sums(static_cast<size_t>(blocks));
  parallel_for(blocks, kBlock / 2, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      constexpr int64_t kLanes = 8;  // independent sums, so that it vectorises
      double lanes[kLanes] = {};
      const float* x = values + b * kBlock;
      const int64_t size = std::min(kBlock, count - b * kBlock);
      int64_t i = 0;
      for (; i + kLanes <= size; i += kLanes) {
        for (int64_t k = 0; k < kLanes; ++k) {
          const double value = x[i + k];
          lanes[k] += value * value;
        }
      }
      double sum = 0;
      for (; i < size; ++i) sum += static_cast<double>(x[i]) * x[i];
      for (const double lane : lanes) sum += lane;
      sums[static_cast<size_t>(b)] = sum;
    }
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

void centre_rows(int64_t rows, int64_t columns, float* values) {
  parallel_for(rows, columns, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      float* row = values + r * columns;
      double sum = 0;
      for (int64_t i = 0; i < columns; ++i) sum += row[i];
      const auto mean = static_cast<float>(sum / static_cast<double>(columns));
      for (int64_t i = 0; i < columns; ++i) row[i] -= mean;
    }
  });
}

}  // namespace limner::train
