#include "nn/styled.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "nn/isa.h"
#include "nn/simd.h"
#include "nn/trace.h"
#include "util/parallel.h"

namespace limner {
namespace {

constexpr float kSlope = 0.2F;
constexpr float kGain = 1.41421356237309505F;

template <int B>
LIMNER_INLINE void scale_body(const float* x, const float* scale,
                              int64_t pixels, float* y) {
  for (int64_t i = 0; i < pixels; ++i) {
    at<B>(y + i * B) = at<B>(x + i * B) * at<B>(scale);
  }
}

LIMNER_KERNEL(void, scale_kernel,
              (int lanes, const float* x, const float* scale, int64_t pixels,
               float* y),
              (lanes, x, scale, pixels, y)) {
  LIMNER_FOR_LANES(scale_body, x, scale, pixels, y);
}

// Parameters of one channel block.
struct BlockTail {
  const float* demodulation;
  const float* bias;
  const float* next_scale;  // null: 1
  const float* red;         // null: no colour layer
  const float* green;
  const float* blue;
};

// sqrt(2) LeakyReLU_0.2(demodulation y + noise + bias)
template <int B>
LIMNER_INLINE void activate(const Vec<B>& y, const BlockTail& tail, float noise,
                            Vec<B>& v) {
  const Vec<B> sum = at<B>(tail.demodulation) * y + (at<B>(tail.bias) + noise);
  v = kGain * (sum >= 0.0F ? sum : kSlope * sum);
}

template <int B>
LIMNER_INLINE void store(const Vec<B>& v, const BlockTail& tail, float* out) {
  if (tail.next_scale != nullptr) {
    at<B>(out) = v * at<B>(tail.next_scale);
  } else {
    at<B>(out) = v;
  }
}

// Colour sums are kept a lane each ([pixel][3][B]) and added up at the end.
template <int B>
LIMNER_INLINE void tail_body(const float* y, const BlockTail& tail,
                             const float* noise, float noise_weight, int pixels,
                             float* out, float* colour) {
  for (int i = 0; i < pixels; ++i) {
    Vec<B> v;
    activate<B>(at<B>(y + i * B), tail, noise_weight * noise[i], v);
    if (colour != nullptr) {
      float* sums = colour + i * 3 * B;
      at<B>(sums) += at<B>(tail.red) * v;
      at<B>(sums + B) += at<B>(tail.green) * v;
      at<B>(sums + 2 * B) += at<B>(tail.blue) * v;
    }
    if (out != nullptr) store<B>(v, tail, out + i * B);
  }
}

LIMNER_KERNEL(void, tail_kernel,
              (int lanes, const float* y, const BlockTail& tail,
               const float* noise, float noise_weight, int pixels, float* out,
               float* colour),
              (lanes, y, tail, noise, noise_weight, pixels, out, colour)) {
  LIMNER_FOR_LANES(tail_body, y, tail, noise, noise_weight, pixels, out,
                   colour);
}

LIMNER_KERNEL(void, add_lanes,
              (int lanes, const float* colour, int pixels, float* red,
               float* green, float* blue),
              (lanes, colour, pixels, red, green, blue)) {
  float* planes[3] = {red, green, blue};
  for (int i = 0; i < pixels; ++i) {
    for (int p = 0; p < 3; ++p) {
      float sum = 0.0F;
      for (int c = 0; c < lanes; ++c) sum += colour[(i * 3 + p) * lanes + c];
      planes[p][i] += sum;
    }
  }
}

// out[x] = sum_i k[i] rows[i][x], rows that are null count as zero.
template <int B>
LIMNER_INLINE void vertical_body(const float* const* rows, const float* kernel,
                                 int64_t floats, float* out) {
  for (int64_t x = 0; x < floats; x += B) {
    at<B>(out + x) =
        kernel[0] * at<B>(rows[0] + x) + kernel[1] * at<B>(rows[1] + x) +
        kernel[2] * at<B>(rows[2] + x) + kernel[3] * at<B>(rows[3] + x);
  }
}

LIMNER_KERNEL(void, vertical_kernel,
              (int lanes, const float* const* rows, const float* kernel,
               int64_t floats, float* out),
              (lanes, rows, kernel, floats, out)) {
  LIMNER_FOR_LANES(vertical_body, rows, kernel, floats, out);
}

template <int B>
LIMNER_INLINE void horizontal_tail_body(const float* row, const float* kernel,
                                        const BlockTail& tail,
                                        const float* noise, float noise_weight,
                                        int pixels, float* out) {
  for (int i = 0; i < pixels; ++i) {
    const float* in = row + static_cast<int64_t>(i) * B;
    const Vec<B> blurred = kernel[0] * at<B>(in) + kernel[1] * at<B>(in + B) +
                           kernel[2] * at<B>(in + 2 * B) +
                           kernel[3] * at<B>(in + 3 * B);
    Vec<B> v;
    activate<B>(blurred, tail, noise_weight * noise[i], v);
    store<B>(v, tail, out + i * B);
  }
}

LIMNER_KERNEL(void, horizontal_tail_kernel,
              (int lanes, const float* row, const float* kernel,
               const BlockTail& tail, const float* noise, float noise_weight,
               int pixels, float* out),
              (lanes, row, kernel, tail, noise, noise_weight, pixels, out)) {
  LIMNER_FOR_LANES(horizontal_tail_body, row, kernel, tail, noise, noise_weight,
                   pixels, out);
}

BlockTail block_tail(const StyledTail& tail, int block, int padded) {
  const int channel = block * channel_block();
  BlockTail part{};
  part.demodulation = tail.demodulation->data() + channel;
  part.bias = tail.bias->data() + channel;
  if (tail.next_scale != nullptr) {
    part.next_scale = tail.next_scale->data() + channel;
  }
  if (tail.rgb_weights != nullptr) {
    part.red = tail.rgb_weights->data() + channel;
    part.green = part.red + padded;
    part.blue = part.green + padded;
  }
  return part;
}

}  // namespace

FeatureMap modulate(const FeatureMap& x, const std::vector<float>& scale,
                    Workspace& workspace) {
  const TracedScope scope("modulate");
  FeatureMap out = workspace.take(x.channels(), x.height(), x.width());
  const int lanes = channel_block();
  const int64_t area = static_cast<int64_t>(x.height()) * x.width();
  parallel_for(x.blocks(), area, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int block = static_cast<int>(i);
      scale_kernel(lanes, x.block(block), scale.data() + block * lanes, area,
                   out.block(block));
    }
  });
  return out;
}

void styled_tail(const FeatureMap& y, const StyledTail& tail) {
  styled_tail(y, tail, {0, y.height()}, nullptr);
}

void styled_tail(const FeatureMap& y, const StyledTail& tail, const Rows& rows,
                 const FeatureMap* out) {
  const TracedScope scope("styled_tail");
  // Short enough that the colour sums of a strip stay in the first cache.
  constexpr int kStrip = 32;
  const int lanes = channel_block();
  const int width = y.width();
  const int padded = y.blocks() * lanes;
  const int64_t area = static_cast<int64_t>(rows.height) * width;
  const int64_t start = static_cast<int64_t>(rows.first) * width;
  parallel_for(
      y.height(), static_cast<int64_t>(width) * padded / 4,
      [&](int64_t begin, int64_t end) {
        float colour[kStrip * 3 * 16];
        for (int64_t row = begin; row < end; ++row) {
          for (int x = 0; x < width; x += kStrip) {
            const int pixels = std::min(kStrip, width - x);
            const int64_t own = row * width + x;  // in the band
            const int64_t pixel = start + own;    // in the layer
            if (tail.rgb != nullptr) {
              std::memset(colour, 0, sizeof(float) * pixels * 3 * lanes);
            }
            for (int block = 0; block < y.blocks(); ++block) {
              float* from = y.block(block) + own * lanes;
              float* to =
                  out == nullptr ? from : out->block(block) + pixel * lanes;
              tail_kernel(lanes, from, block_tail(tail, block, padded),
                          tail.noise + pixel, tail.noise_weight, pixels,
                          tail.keep ? to : nullptr,
                          tail.rgb != nullptr ? colour : nullptr);
            }
            if (tail.rgb != nullptr) {
              add_lanes(lanes, colour, pixels, tail.rgb + pixel,
                        tail.rgb + area + pixel, tail.rgb + 2 * area + pixel);
            }
          }
        }
      });
}

FeatureMap blur_styled_tail(const FeatureMap& t, const float* kernel,
                            const StyledTail& tail, Workspace& workspace) {
  FeatureMap out = workspace.take(t.channels(), t.height() - 1, t.width() - 1);
  blur_styled_tail(t, kernel, tail, 0, out);
  return out;
}

void blur_styled_tail(const FeatureMap& t, const float* kernel,
                      const StyledTail& tail, int first,
                      const FeatureMap& out) {
  const TracedScope scope("blur_styled_tail");
  const int lanes = channel_block();
  const int width = t.width() - 1;
  const int64_t in_row = static_cast<int64_t>(t.width()) * lanes;
  const int64_t out_row = static_cast<int64_t>(width) * lanes;
  const int padded = t.blocks() * lanes;
  // PyTorch's upfirdn2d convolves, so the taps run backwards.
  const float vertical[4] = {kernel[3], kernel[2], kernel[1], kernel[0]};
  const float horizontal[4] = {kernel[7], kernel[6], kernel[5], kernel[4]};
  const std::vector<float> zeros(in_row);
  parallel_for(static_cast<int64_t>(t.blocks()) * out.height(), in_row / 2,
               [&](int64_t begin, int64_t end) {
                 // One column of zeros on each side.
                 std::vector<float> blurred(in_row + 2 * lanes);
                 for (int64_t i = begin; i < end; ++i) {
                   const int block = static_cast<int>(i / out.height());
                   const int64_t own = i % out.height();
                   const int y = first + static_cast<int>(own);
                   float* to = out.block(block) + own * out_row;
                   if (y < 0 || y >= t.height() - 1) {
                     std::fill_n(to, out_row, 0.0F);
                     continue;
                   }
                   const float* rows[4];
                   for (int tap = 0; tap < 4; ++tap) {
                     const int from = y - 1 + tap;
                     rows[tap] = from < 0 || from >= t.height()
                                     ? zeros.data()
                                     : t.block(block) + from * in_row;
                   }
                   vertical_kernel(lanes, rows, vertical, in_row,
                                   blurred.data() + lanes);
                   horizontal_tail_kernel(
                       lanes, blurred.data(), horizontal,
                       block_tail(tail, block, padded),
                       tail.noise + static_cast<int64_t>(y) * width,
                       tail.noise_weight, width, to);
                 }
               });
}

std::vector<float> upsample_skip(const std::vector<float>& x, int channels,
                                 int height, int width, const float* kernel,
                                 const float* bias) {
  const TracedScope scope("upsample_skip");
  const int out_width = 2 * width;
  std::vector<float> out(static_cast<size_t>(channels) * height * width * 4);
  const auto taps = [](const float* k, int position, int size, int* first,
                       float* weights) {
    // Even outputs see x[m-1], x[m] through the first and third flipped tap,
    // odd ones x[m], x[m+1] through the second and fourth.
    const int middle = position / 2;
    const bool odd = position % 2 != 0;
    *first = odd ? middle : middle - 1;
    weights[0] = odd ? k[2] : k[3];
    weights[1] = odd ? k[0] : k[1];
    if (*first < 0) weights[0] = 0.0F;
    if (*first + 1 >= size) weights[1] = 0.0F;
  };
  parallel_for(
      static_cast<int64_t>(channels) * 2 * height, out_width * 2,
      [&](int64_t begin, int64_t end) {
        // One column of zeros on each side.
        std::vector<float> mixed(width + 2);
        for (int64_t i = begin; i < end; ++i) {
          const int64_t c = i / (2 * height);
          const int y = static_cast<int>(i % (2 * height));
          int first = 0;
          float down[2];
          taps(kernel, y, height, &first, down);
          const float* plane = x.data() + c * height * width;
          const float* upper = plane + std::max(first, 0) * width;
          const float* lower = plane + std::min(first + 1, height - 1) * width;
          for (int m = 0; m < width; ++m) {
            mixed[m + 1] = down[0] * upper[m] + down[1] * lower[m];
          }
          float* row = out.data() + i * out_width;
          for (int m = 0; m < width; ++m) {
            row[2 * m] =
                kernel[7] * mixed[m] + kernel[5] * mixed[m + 1] + bias[c];
            row[2 * m + 1] =
                kernel[6] * mixed[m + 1] + kernel[4] * mixed[m + 2] + bias[c];
          }
        }
      });
  return out;
}

void sharpen(std::vector<float>& x, int channels, int height, int width,
             float amount) {
  const TracedScope scope("sharpen");
  const std::vector<float> from = x;
  parallel_for(
      static_cast<int64_t>(channels) * height, width,
      [&](int64_t begin, int64_t end) {
        // A row that is blurred downwards, one more column on each side.
        std::vector<float> mixed(width + 2);
        for (int64_t i = begin; i < end; ++i) {
          const int64_t y = i % height;
          const float* middle = from.data() + i * width;
          const float* above = y > 0 ? middle - width : middle;
          const float* below = y + 1 < height ? middle + width : middle;
          for (int m = 0; m < width; ++m) {
            mixed[m + 1] = 0.25F * (above[m] + 2.0F * middle[m] + below[m]);
          }
          mixed[0] = mixed[1];
          mixed[width + 1] = mixed[width];
          float* out = x.data() + i * width;
          for (int m = 0; m < width; ++m) {
            const float soft =
                0.25F * (mixed[m] + 2.0F * mixed[m + 1] + mixed[m + 2]);
            out[m] += amount * (middle[m] - soft);
          }
        }
      });
}

}  // namespace limner
