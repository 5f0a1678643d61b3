#include "nn/weight_panels.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "nn/isa.h"
#include "nn/simd.h"
#include "util/parallel.h"

namespace limner {
namespace {

constexpr int kLineBytes = 64;  // of the cache
constexpr float kLargest = 32767.0F;

// One matrix of a panel: values [depth][2 * B] -> packed, scales [2 * B].
template <int B>
LIMNER_INLINE void pack_body(const float* values, int depth, int16_t* packed,
                             float* scales) {
  constexpr int kWidth = 2 * B;
  float largest[kWidth] = {};
  for (int k = 0; k < depth; ++k) {
    for (int o = 0; o < kWidth; ++o) {
      largest[o] = std::max(largest[o], std::fabs(values[k * kWidth + o]));
    }
  }
  float factors[kWidth];
  for (int o = 0; o < kWidth; ++o) {
    scales[o] = largest[o] / kLargest;
    factors[o] = largest[o] > 0.0F ? kLargest / largest[o] : 0.0F;
  }
  for (int k = 0; k < depth; ++k) {
    for (int o = 0; o < kWidth; ++o) {
      const float value = values[k * kWidth + o] * factors[o];
      // Rounded to nearest; the factor may exceed the largest by an ulp.
      const float rounded = value + std::copysign(0.5F, value);
      packed[k * kWidth + o] = static_cast<int16_t>(
          std::min(std::max(rounded, -kLargest), kLargest));
    }
  }
}

LIMNER_KERNEL(void, pack_kernel,
              (int lanes, const float* values, int depth, int16_t* packed,
               float* scales),
              (lanes, values, depth, packed, scales)) {
  LIMNER_FOR_LANES(pack_body, values, depth, packed, scales);
}

template <int B>
LIMNER_INLINE void unpack_body(const int16_t* packed, const float* scales,
                               int depth, float* values) {
  typedef int16_t Packed
      __attribute__((vector_size(B * sizeof(int16_t)), aligned(2), may_alias));
  const Vec<B> scale[2] = {at<B>(scales), at<B>(scales + B)};
  for (int i = 0; i < 2 * depth; ++i) {
    const Packed whole = *reinterpret_cast<const Packed*>(packed + i * B);
    at<B>(values + i * B) =
        __builtin_convertvector(whole, Vec<B>) * scale[i % 2];
  }
}

LIMNER_KERNEL(void, unpack_kernel,
              (int lanes, const int16_t* packed, const float* scales, int depth,
               float* values),
              (lanes, packed, scales, depth, values)) {
  LIMNER_FOR_LANES(unpack_body, packed, scales, depth, values);
}

// next_panel: of 2 * B weights of `bytes` bytes a step in depth.
template <int B>
LIMNER_INLINE void multiply_body(const WeightPanels::Product& p, int depth,
                                 const char* next_panel, int bytes) {
  constexpr int kAtOnce = kTileRows<B>;
  static_assert(WeightPanels::kRows % kAtOnce == 0);
  // Every row tile fetches its share of the lines of the next panel that B
  // steps in depth take, so that they arrive at an even pace.
  const int step_lines = 2 * B * B * bytes / kLineBytes;
  constexpr int kSecondCache = 2;  // locality hint
  const int64_t ahead = p.next_a - p.a;
  for (int r = 0; r < p.rows; r += kAtOnce) {
    const int line_begin = step_lines * r / p.rows;
    const int line_end = step_lines * (r + kAtOnce) / p.rows;
    const float* from[kAtOnce];
    Vec<B> left[kAtOnce] = {};
    Vec<B> right[kAtOnce] = {};
#pragma GCC unroll 8
    for (int i = 0; i < kAtOnce; ++i) {
      from[i] = p.a + p.offsets[r + i];
      if (p.accumulate) {
        left[i] = at<B>(p.c + (r + i) * 2 * B);
        right[i] = at<B>(p.c + (r + i) * 2 * B + B);
      }
    }
    for (int step = 0; step < depth; step += B) {
      const float* b = p.panel + step * 2 * B;
      const char* b_soon = next_panel + int64_t{step} * 2 * B * bytes;
      for (int line = line_begin; line < line_end; ++line) {
        __builtin_prefetch(b_soon + line * kLineBytes, 0, kSecondCache);
      }
#pragma GCC unroll 8
      for (int i = 0; i < kAtOnce; ++i) {
        __builtin_prefetch(from[i] + ahead + step, 0, kSecondCache);
      }
#pragma GCC unroll 2
      for (int k = 0; k < B; ++k) {
        const Vec<B> b0 = at<B>(b + k * 2 * B);
        const Vec<B> b1 = at<B>(b + k * 2 * B + B);
#pragma GCC unroll 8
        for (int i = 0; i < kAtOnce; ++i) {
          const float factor = from[i][step + k];
          left[i] += factor * b0;
          right[i] += factor * b1;
        }
      }
    }
#pragma GCC unroll 8
    for (int i = 0; i < kAtOnce; ++i) {
      at<B>(p.c + (r + i) * 2 * B) = left[i];
      at<B>(p.c + (r + i) * 2 * B + B) = right[i];
    }
  }
}

LIMNER_KERNEL(void, multiply_kernel,
              (int lanes, const WeightPanels::Product& product, int depth,
               const char* next_panel, int bytes),
              (lanes, product, depth, next_panel, bytes)) {
  LIMNER_FOR_LANES(multiply_body, product, depth, next_panel, bytes);
}

}  // namespace

int WeightPanels::width() { return 2 * channel_block(); }

bool WeightPanels::are_narrow(int in, int out, int matrices) {
  // Smaller ones stay in the caches, where floats need no unpacking.
  constexpr size_t kLarge = size_t{4} << 20;
  const size_t columns = size_t{1} * divide_up(out, width()) * width();
  const size_t rows =
      size_t{1} * divide_up(in, channel_block()) * channel_block();
  return columns * matrices * rows * sizeof(float) > kLarge;
}

WeightPanels::WeightPanels(int in, int out, int taps, int matrices,
                           const float* weights, const Transform& transform,
                           bool may_narrow)
    : panels_(divide_up(out, width())),
      depth_(divide_up(in, channel_block()) * channel_block()),
      matrices_(matrices),
      narrow_(may_narrow && are_narrow(in, out, matrices)) {
  const int wide = width();
  const size_t outputs_of_all = size_t{1} * panels_ * matrices_ * wide;
  const size_t count = outputs_of_all * depth_;
  weights_ = allocate(count * (narrow_ ? sizeof(int16_t) : sizeof(float)));
  if (narrow_) scales_ = allocate(outputs_of_all * sizeof(float));
  const int64_t count_of_matrix = int64_t{depth_} * wide;
  // The elements that an input has in all matrices are written in turn: a line
  // more between these keeps them out of one another's cache sets.
  const int64_t step = count_of_matrix + kLineBytes / sizeof(float);
  parallel_for(panels_, step * matrices_, [&](int64_t begin, int64_t end) {
    std::vector<float> values(step * matrices_);  // of a panel
    // Weights of an output lie side by side for so many inputs.
    constexpr int kInputs = 8;
    std::vector<float> of_inputs(size_t{kInputs} * taps * wide);
    for (int64_t panel = begin; panel < end; ++panel) {
      const int first = static_cast<int>(panel) * wide;
      const int outputs = std::min(wide, out - first);
      // Only the last panel has fewer than those before.
      std::fill(of_inputs.begin(), of_inputs.end(), 0.0F);
      for (int input = 0; input < in; input += kInputs) {
        const int inputs = std::min(kInputs, in - input);
        for (int o = 0; o < outputs; ++o) {
          const float* w = weights + (int64_t{first + o} * in + input) * taps;
          for (int i = 0; i < inputs * taps; ++i) {
            of_inputs[i * wide + o] = w[i];
          }
        }
        for (int i = 0; i < inputs; ++i) {
          transform(of_inputs.data() + int64_t{i} * taps * wide,
                    values.data() + int64_t{input + i} * wide, step);
        }
      }
      const int index = static_cast<int>(panel);
      for (int m = 0; m < matrices_; ++m) {
        const float* from = values.data() + m * step;
        if (!narrow_) {
          std::copy_n(from, count_of_matrix,
                      reinterpret_cast<float*>(packed(index, m)));
          continue;
        }
        pack_kernel(channel_block(), from, depth_,
                    reinterpret_cast<int16_t*>(packed(index, m)),
                    scales(index, m));
      }
    }
  });
}

char* WeightPanels::packed(int panel, int matrix) const {
  const size_t bytes = narrow_ ? sizeof(int16_t) : sizeof(float);
  return static_cast<char*>(weights_.get()) +
         (int64_t{panel} * matrices_ + matrix) * depth_ * width() * bytes;
}

float* WeightPanels::scales(int panel, int matrix) const {
  return static_cast<float*>(scales_.get()) +
         (int64_t{panel} * matrices_ + matrix) * width();
}

const float* WeightPanels::unpack(int panel, int matrix, float* space) const {
  const char* weights = packed(panel, matrix);
  if (!narrow_) return reinterpret_cast<const float*>(weights);
  unpack_kernel(channel_block(), reinterpret_cast<const int16_t*>(weights),
                scales(panel, matrix), depth_, space);
  return space;
}

void WeightPanels::multiply(const Product& product) const {
  multiply_kernel(channel_block(), product, depth_,
                  packed(product.next_panel, product.next_matrix),
                  narrow_ ? sizeof(int16_t) : sizeof(float));
}

}  // namespace limner
