// Resizing as Pillow 9 does it: weights in double precision, rounded to fixed
// point; one pass along rows, one along columns, 8 bits between them.
//
// Channels are independent. (Pillow's own Image.resize premultiplies RGBA by
// its alpha first; ours does not.)
#include "image/resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "image/codec.h"
#include "util/error.h"
#include "util/parallel.h"

namespace limner {
namespace {

// 32 bits less 8 of the pixel, a sign bit and one for overshoot.
constexpr int kFraction = 22;
constexpr int32_t kHalf = 1 << (kFraction - 1);

double bilinear(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

// Keys' cubic with a = -1/2.
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  if (x < 2.0) return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
  return 0.0;
}

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= M_PI;
  return std::sin(x) / x;
}

double lanczos(double x) {
  return -3.0 <= x && x < 3.0 ? sinc(x) * sinc(x / 3.0) : 0.0;
}

struct Kernel {
  double (*weight)(double);
  double support;  // half width, in source pixels when enlarging
};

Kernel kernel_of(Filter filter) {
  switch (filter) {
    case Filter::kBicubic:
      return {bicubic, 2.0};
    case Filter::kLanczos:
      return {lanczos, 3.0};
    default:
      return {bilinear, 1.0};
  }
}

// For each result position: the source positions that it sums, and weights.
struct Taps {
  struct Run {
    int first;
    int count;
  };
  std::vector<Run> runs;         // [out]
  std::vector<int32_t> weights;  // [out, stride], kFraction fraction bits
  int stride = 0;
};

Taps make_taps(int in, int out, const Kernel& kernel) {
  const double scale = static_cast<double>(in) / out;
  const double widening = std::max(scale, 1.0);
  const double support = kernel.support * widening;
  const double inverse = 1.0 / widening;
  Taps taps;
  taps.stride = static_cast<int>(std::ceil(support)) * 2 + 1;
  taps.runs.resize(out);
  taps.weights.resize(static_cast<size_t>(out) * taps.stride);
  std::vector<double> exact(taps.stride);
  for (int i = 0; i < out; ++i) {
    const double centre = (i + 0.5) * scale;
    // Truncation towards zero is part of the definition.
    const int first = std::max(static_cast<int>(centre - support + 0.5), 0);
    const int end = std::min(static_cast<int>(centre + support + 0.5), in);
    double sum = 0.0;
    for (int k = 0; k < end - first; ++k) {
      exact[k] = kernel.weight((k + first - centre + 0.5) * inverse);
      sum += exact[k];
    }
    taps.runs[i] = {first, end - first};
    int32_t* weights = &taps.weights[static_cast<size_t>(i) * taps.stride];
    for (int k = 0; k < end - first; ++k) {
      const double share = sum != 0.0 ? exact[k] / sum : exact[k];
      weights[k] = static_cast<int32_t>(share * (1 << kFraction) +
                                        (share < 0 ? -0.5 : 0.5));
    }
  }
  return taps;
}

uint8_t to_byte(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kFraction, 0, 255));
}

// One row: from [in,C] to [out,C].
template <int C>
void resize_row(const uint8_t* from, uint8_t* to, const Taps& taps) {
  const int32_t* weights = taps.weights.data();
  for (const Taps::Run run : taps.runs) {
    const uint8_t* p = from + static_cast<ptrdiff_t>(run.first) * C;
    int32_t sums[C];
    std::fill_n(sums, C, kHalf);
    for (int k = 0; k < run.count; ++k) {
      for (int c = 0; c < C; ++c) sums[c] += p[k * C + c] * weights[k];
    }
    for (int c = 0; c < C; ++c) to[c] = to_byte(sums[c]);
    to += C;
    weights += taps.stride;
  }
}

Image resize_across(const Image& image, int width, const Kernel& kernel) {
  const Taps taps = make_taps(image.width, width, kernel);
  Image out(width, image.height, image.channels);
  const int64_t cost = int64_t{width} * image.channels * taps.stride;
  parallel_for(image.height, cost, [&](int64_t begin, int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y) {
      switch (image.channels) {
        case 1:
          resize_row<1>(image.row(y), out.row(y), taps);
          break;
        case 3:
          resize_row<3>(image.row(y), out.row(y), taps);
          break;
        default:
          resize_row<4>(image.row(y), out.row(y), taps);
      }
    }
  });
  return out;
}

Image resize_down(const Image& image, int height, const Kernel& kernel) {
  const Taps taps = make_taps(image.height, height, kernel);
  Image out(image.width, height, image.channels);
  const int64_t row_size = int64_t{image.width} * image.channels;
  parallel_for(height, row_size * taps.stride, [&](int64_t begin, int64_t end) {
    constexpr int kChunk = 1024;  // sums of one chunk stay in the first cache
    int32_t sums[kChunk];
    for (int64_t y = begin; y < end; ++y) {
      const Taps::Run run = taps.runs[y];
      const int32_t* weights = &taps.weights[y * taps.stride];
      for (int64_t at = 0; at < row_size; at += kChunk) {
        const int count =
            static_cast<int>(std::min<int64_t>(kChunk, row_size - at));
        std::fill_n(sums, count, kHalf);
        for (int k = 0; k < run.count; ++k) {
          const uint8_t* from = image.row(run.first + k) + at;
          const int32_t weight = weights[k];
          for (int i = 0; i < count; ++i) sums[i] += from[i] * weight;
        }
        uint8_t* to = out.row(static_cast<int>(y)) + at;
        for (int i = 0; i < count; ++i) to[i] = to_byte(sums[i]);
      }
    }
  });
  return out;
}

// Source position of each result position. Pillow adds the step up instead of
// multiplying, and its rounding errors are part of the result.
std::vector<int> nearest_positions(int in, int out) {
  const double step = static_cast<double>(in) / out;
  std::vector<int> positions(out);
  double at = step * 0.5;
  for (int& position : positions) {
    position = std::min(static_cast<int>(at), in - 1);
    at += step;
  }
  return positions;
}

Image resize_nearest(const Image& image, int width, int height) {
  const std::vector<int> columns = nearest_positions(image.width, width);
  const std::vector<int> rows = nearest_positions(image.height, height);
  const int c = image.channels;
  Image out(width, height, c);
  parallel_for(height, int64_t{width} * c, [&](int64_t begin, int64_t end) {
    for (int y = static_cast<int>(begin); y < end; ++y) {
      const uint8_t* from = image.row(rows[y]);
      uint8_t* to = out.row(y);
      for (const int column : columns) {
        for (int i = 0; i < c; ++i) *to++ = from[column * c + i];
      }
    }
  });
  return out;
}

}  // namespace

Image resize(const Image& image, int width, int height, Filter filter) {
  const int c = image.channels;
  if (width < 1 || height < 1 || width > kMaxImageSide ||
      height > kMaxImageSide) {
    fail("cannot resize to {}x{} pixels; sides are 1 to {}", width, height,
         kMaxImageSide);
  }
  if (image.width < 1 || image.height < 1 || (c != 1 && c != 3 && c != 4) ||
      image.pixels.size() !=
          static_cast<size_t>(image.width) * image.height * c) {
    fail("cannot resize a picture of {}x{} pixels, {} channels, {} bytes",
         image.width, image.height, c, image.pixels.size());
  }
  if (filter == Filter::kNearest) return resize_nearest(image, width, height);
  // A direction that keeps its size is not touched.
  const Kernel kernel = kernel_of(filter);
  if (width == image.width) {
    return height == image.height ? image : resize_down(image, height, kernel);
  }
  const Image across = resize_across(image, width, kernel);
  return height == image.height ? across : resize_down(across, height, kernel);
}

}  // namespace limner
