#include "nn/pool.h"

#include <algorithm>
#include <limits>

#include "nn/isa.h"
#include "util/error.h"
#include "util/parallel.h"

namespace limner {
namespace {

// Calls start(to), then add(to, from) for every pixel of x in the window around
// each pixel, then end(to, count); each handles the lanes of one pixel.
template <typename Start, typename Add, typename End>
FeatureMap pool_around(const FeatureMap& x, int kernel, Workspace& workspace,
                       const Start& start, const Add& add, const End& end) {
  FeatureMap y = workspace.take(x.channels(), x.height(), x.width());
  const int lanes = channel_block();
  const int reach = kernel / 2;
  const int64_t rows = static_cast<int64_t>(x.blocks()) * x.height();
  const int64_t cost = int64_t{x.width()} * kernel * kernel * 2;
  parallel_for(rows, cost, [&](int64_t first, int64_t last) {
    for (int64_t r = first; r < last; ++r) {
      const auto block = static_cast<int>(r / x.height());
      const auto i = static_cast<int>(r % x.height());
      const auto pixel = [&](const FeatureMap& map, int v, int u) {
        return map.block(block) +
               (static_cast<int64_t>(v) * map.width() + u) * lanes;
      };
      const int top = std::max(0, i - reach);
      const int bottom = std::min(x.height() - 1, i + reach);
      for (int j = 0; j < x.width(); ++j) {
        const int left = std::max(0, j - reach);
        const int right = std::min(x.width() - 1, j + reach);
        float* to = pixel(y, i, j);
        start(to);
        for (int v = top; v <= bottom; ++v) {
          for (int u = left; u <= right; ++u) add(to, pixel(x, v, u));
        }
        end(to, (bottom - top + 1) * (right - left + 1));
      }
    }
  });
  return y;
}

}  // namespace

FeatureMap max_pool(const FeatureMap& x, int kernel, int stride,
                    Workspace& workspace, bool overhang) {
  if (x.height() < kernel || x.width() < kernel) {
    fail("a map of {}x{} is smaller than the pooling's window of {}x{}",
         x.width(), x.height(), kernel, kernel);
  }
  const auto windows = [&](int side) {
    return (side - kernel + (overhang ? stride - 1 : 0)) / stride + 1;
  };
  FeatureMap y =
      workspace.take(x.channels(), windows(x.height()), windows(x.width()));
  const int lanes = channel_block();
  const auto row = static_cast<int64_t>(x.width()) * lanes;
  const int64_t rows = static_cast<int64_t>(x.blocks()) * y.height();
  const int64_t cost = int64_t{y.width()} * kernel * kernel * 2;
  parallel_for(rows, cost, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const auto block = static_cast<int>(r / y.height());
      const int64_t i = r % y.height();
      const float* top = x.block(block) + i * stride * row;
      const auto tall = std::min<int64_t>(kernel, x.height() - i * stride);
      float* to = y.block(block) + i * y.width() * lanes;
      for (int j = 0; j < y.width(); ++j, to += lanes) {
        const float* corner = top + static_cast<int64_t>(j) * stride * lanes;
        const int wide = std::min(kernel, x.width() - j * stride);
        std::copy_n(corner, lanes, to);
        for (int u = 0; u < tall; ++u) {
          for (int v = 0; v < wide; ++v) {
            const float* from = corner + u * row + v * lanes;
            for (int k = 0; k < lanes; ++k) to[k] = std::max(to[k], from[k]);
          }
        }
      }
    }
  });
  return y;
}

FeatureMap max_pool_around(const FeatureMap& x, int kernel,
                           Workspace& workspace) {
  const int lanes = channel_block();
  return pool_around(
      x, kernel, workspace,
      [lanes](float* to) {
        std::fill_n(to, lanes, -std::numeric_limits<float>::infinity());
      },
      [lanes](float* to, const float* from) {
        for (int k = 0; k < lanes; ++k) to[k] = std::max(to[k], from[k]);
      },
      [](float*, int) {});
}

FeatureMap mean_pool_around(const FeatureMap& x, int kernel,
                            Workspace& workspace) {
  const int lanes = channel_block();
  return pool_around(
      x, kernel, workspace,
      [lanes](float* to) { std::fill_n(to, lanes, 0.0F); },
      [lanes](float* to, const float* from) {
        for (int k = 0; k < lanes; ++k) to[k] += from[k];
      },
      [lanes](float* to, int count) {
        for (int k = 0; k < lanes; ++k) to[k] /= static_cast<float>(count);
      });
}

}  // namespace limner
