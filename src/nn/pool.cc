#include "nn/pool.h"

#include <algorithm>

#include "nn/isa.h"
#include "util/error.h"
#include "util/parallel.h"

namespace limner {

FeatureMap max_pool(const FeatureMap& x, int kernel, int stride,
                    Workspace& workspace) {
  if (x.height() < kernel || x.width() < kernel) {
    fail("a map of {}x{} is smaller than the pooling's window of {}x{}",
         x.width(), x.height(), kernel, kernel);
  }
  FeatureMap y =
      workspace.take(x.channels(), (x.height() - kernel) / stride + 1,
                     (x.width() - kernel) / stride + 1);
  const int lanes = channel_block();
  const auto row = static_cast<int64_t>(x.width()) * lanes;
  const int64_t rows = static_cast<int64_t>(x.blocks()) * y.height();
  const int64_t cost = int64_t{y.width()} * kernel * kernel * 2;
  parallel_for(rows, cost, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const auto block = static_cast<int>(r / y.height());
      const int64_t i = r % y.height();
      const float* top = x.block(block) + i * stride * row;
      float* to = y.block(block) + i * y.width() * lanes;
      for (int j = 0; j < y.width(); ++j, to += lanes) {
        const float* corner = top + static_cast<int64_t>(j) * stride * lanes;
        std::copy_n(corner, lanes, to);
        for (int u = 0; u < kernel; ++u) {
          for (int v = 0; v < kernel; ++v) {
            const float* from = corner + u * row + v * lanes;
            for (int k = 0; k < lanes; ++k) to[k] = std::max(to[k], from[k]);
          }
        }
      }
    }
  });
  return y;
}

}  // namespace limner
