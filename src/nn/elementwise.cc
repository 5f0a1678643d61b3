#include "nn/elementwise.h"

#include <algorithm>

#include "nn/isa.h"
#include "nn/simd.h"
#include "nn/trace.h"
#include "util/parallel.h"

namespace limner {
namespace {

// Each kernel works on `pixels` groups of `lanes` floats of one channel block.

template <int B>
LIMNER_INLINE void affine_body(const float* x, const float* a, const float* b,
                               int64_t pixels, float* y) {
  const Vec<B> factor = at<B>(a);
  const Vec<B> offset = at<B>(b);
  for (int64_t i = 0; i < pixels; ++i) {
    at<B>(y + i * B) = factor * at<B>(x + i * B) + offset;
  }
}

LIMNER_KERNEL(void, affine_kernel,
              (int lanes, const float* x, const float* a, const float* b,
               int64_t pixels, float* y),
              (lanes, x, a, b, pixels, y)) {
  LIMNER_FOR_LANES(affine_body, x, a, b, pixels, y);
}

template <int B>
LIMNER_INLINE void add_scaled_body(const float* x, const float* scale,
                                   int64_t pixels, float* y) {
  const Vec<B> factor = at<B>(scale);
  for (int64_t i = 0; i < pixels; ++i) {
    at<B>(y + i * B) += factor * at<B>(x + i * B);
  }
}

LIMNER_KERNEL(void, add_scaled_kernel,
              (int lanes, const float* x, const float* scale, int64_t pixels,
               float* y),
              (lanes, x, scale, pixels, y)) {
  LIMNER_FOR_LANES(add_scaled_body, x, scale, pixels, y);
}

template <int B>
LIMNER_INLINE void prelu_body(float* x, const float* slope, int64_t pixels) {
  const Vec<B> factor = at<B>(slope);
  for (int64_t i = 0; i < pixels; ++i) {
    const Vec<B> v = at<B>(x + i * B);
    at<B>(x + i * B) = v >= 0.0F ? v : v * factor;
  }
}

LIMNER_KERNEL(void, prelu_kernel,
              (int lanes, float* x, const float* slope, int64_t pixels),
              (lanes, x, slope, pixels)) {
  LIMNER_FOR_LANES(prelu_body, x, slope, pixels);
}

template <int B>
LIMNER_INLINE void sum_body(const float* x, int64_t pixels, float* sums) {
  // Two sums, so that an addition need not wait for the one before.
  Vec<B> even = {};
  Vec<B> odd = {};
  int64_t i = 0;
  for (; i + 2 <= pixels; i += 2) {
    even += at<B>(x + i * B);
    odd += at<B>(x + (i + 1) * B);
  }
  if (i < pixels) even += at<B>(x + i * B);
  at<B>(sums) = even + odd;
}

LIMNER_KERNEL(void, sum_kernel,
              (int lanes, const float* x, int64_t pixels, float* sums),
              (lanes, x, pixels, sums)) {
  LIMNER_FOR_LANES(sum_body, x, pixels, sums);
}

template <int B>
LIMNER_INLINE void tail_body(float* r, const float* gate, const float* shortcut,
                             int step, const float* a, const float* b,
                             float* next, int64_t pixels) {
  const Vec<B> factor = at<B>(gate);
  for (int64_t i = 0; i < pixels; ++i) {
    const Vec<B> v = factor * at<B>(r + i * B) + at<B>(shortcut + i * step * B);
    at<B>(r + i * B) = v;
    if (next != nullptr) at<B>(next + i * B) = at<B>(a) * v + at<B>(b);
  }
}

LIMNER_KERNEL(void, tail_kernel,
              (int lanes, float* r, const float* gate, const float* shortcut,
               int step, const float* a, const float* b, float* next,
               int64_t pixels),
              (lanes, r, gate, shortcut, step, a, b, next, pixels)) {
  LIMNER_FOR_LANES(tail_body, r, gate, shortcut, step, a, b, next, pixels);
}

template <int B>
LIMNER_INLINE void lerp_body(const float* top, const float* bottom, float down,
                             float ratio, int in_width, int out_width,
                             float* out) {
  for (int x = 0; x < out_width; ++x) {
    const float position = ratio * static_cast<float>(x);
    const int left = std::min(static_cast<int>(position), in_width - 1);
    const int right = std::min(left + 1, in_width - 1);
    const float across = position - static_cast<float>(left);
    const Vec<B> upper = (1.0F - across) * at<B>(top + left * B) +
                         across * at<B>(top + right * B);
    const Vec<B> lower = (1.0F - across) * at<B>(bottom + left * B) +
                         across * at<B>(bottom + right * B);
    at<B>(out + x * B) = (1.0F - down) * upper + down * lower;
  }
}

LIMNER_KERNEL(void, lerp_kernel,
              (int lanes, const float* top, const float* bottom, float down,
               float ratio, int in_width, int out_width, float* out),
              (lanes, top, bottom, down, ratio, in_width, out_width, out)) {
  LIMNER_FOR_LANES(lerp_body, top, bottom, down, ratio, in_width, out_width,
                   out);
}

// Calls row(block, y, floats offset of the row in its block) for every row of
// every block of a map, in parallel.
template <typename Row>
void for_rows(const FeatureMap& map, const Row& row) {
  const int64_t floats = static_cast<int64_t>(map.width()) * channel_block();
  parallel_for(static_cast<int64_t>(map.blocks()) * map.height(), floats / 8,
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i) {
                   const int y = static_cast<int>(i % map.height());
                   row(static_cast<int>(i / map.height()), y, y * floats);
                 }
               });
}

}  // namespace

FeatureMap affine(const FeatureMap& x, const std::vector<float>& a,
                  const std::vector<float>& b, Workspace& workspace) {
  const TracedScope scope("affine");
  FeatureMap y = workspace.take(x.channels(), x.height(), x.width());
  const int lanes = channel_block();
  for_rows(x, [&](int block, int, int64_t offset) {
    affine_kernel(lanes, x.block(block) + offset, a.data() + block * lanes,
                  b.data() + block * lanes, x.width(), y.block(block) + offset);
  });
  return y;
}

void add_scaled(const FeatureMap& y, const FeatureMap& x,
                const std::vector<float>& scale) {
  const TracedScope scope("add_scaled");
  const int lanes = channel_block();
  for_rows(y, [&](int block, int, int64_t offset) {
    add_scaled_kernel(lanes, x.block(block) + offset,
                      scale.data() + block * lanes, y.width(),
                      y.block(block) + offset);
  });
}

void prelu(const FeatureMap& x, const std::vector<float>& slope) {
  const TracedScope scope("prelu");
  const int lanes = channel_block();
  for_rows(x, [&](int block, int, int64_t offset) {
    prelu_kernel(lanes, x.block(block) + offset, slope.data() + block * lanes,
                 x.width());
  });
}

std::vector<float> channel_means(const FeatureMap& x) {
  const TracedScope scope("channel_means");
  const int lanes = channel_block();
  std::vector<float> means(static_cast<size_t>(x.blocks()) * lanes);
  const int64_t area = static_cast<int64_t>(x.height()) * x.width();
  parallel_for(x.blocks(), area * lanes / 16, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      // Rows are summed in float, the rows' sums in double.
      double totals[16] = {};
      for (int y = 0; y < x.height(); ++y) {
        float sums[16];
        sum_kernel(lanes,
                   x.block(static_cast<int>(block)) +
                       static_cast<int64_t>(y) * x.width() * lanes,
                   x.width(), sums);
        for (int c = 0; c < lanes; ++c) totals[c] += sums[c];
      }
      for (int c = 0; c < lanes; ++c) {
        means[block * lanes + c] =
            static_cast<float>(totals[c] / static_cast<double>(area));
      }
    }
  });
  return means;
}

void unit_tail(const FeatureMap& r, const UnitTail& tail) {
  const TracedScope scope("unit_tail");
  const int lanes = channel_block();
  const int64_t shortcut_row =
      static_cast<int64_t>(tail.shortcut->width()) * lanes * tail.step;
  for_rows(r, [&](int block, int y, int64_t offset) {
    const int channel = block * lanes;
    const bool with_next = tail.next != nullptr;
    tail_kernel(lanes, r.block(block) + offset, tail.gate->data() + channel,
                tail.shortcut->block(block) + y * shortcut_row, tail.step,
                with_next ? tail.a->data() + channel : nullptr,
                with_next ? tail.b->data() + channel : nullptr,
                with_next ? tail.next->block(block) + offset : nullptr,
                r.width());
  });
}

FeatureMap upsample_bilinear(const FeatureMap& x, int height, int width,
                             Workspace& workspace) {
  const TracedScope scope("upsample_bilinear");
  FeatureMap out = workspace.take(x.channels(), height, width);
  const int lanes = channel_block();
  const auto ratio = [](int from, int to) {
    return to > 1 ? static_cast<float>(from - 1) / static_cast<float>(to - 1)
                  : 0.0F;
  };
  const float ratio_y = ratio(x.height(), height);
  const float ratio_x = ratio(x.width(), width);
  const int64_t in_row = static_cast<int64_t>(x.width()) * lanes;
  for_rows(out, [&](int block, int y, int64_t offset) {
    const float position = ratio_y * static_cast<float>(y);
    const int top = std::min(static_cast<int>(position), x.height() - 1);
    const int bottom = std::min(top + 1, x.height() - 1);
    lerp_kernel(lanes, x.block(block) + top * in_row,
                x.block(block) + bottom * in_row,
                position - static_cast<float>(top), ratio_x, x.width(), width,
                out.block(block) + offset);
  });
  return out;
}

}  // namespace limner
