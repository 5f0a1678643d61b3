#include "nn/spot_conv.h"

#include <algorithm>

#include "nn/isa.h"
#include "nn/simd.h"
#include "nn/trace.h"
#include "util/error.h"
#include "util/parallel.h"

namespace limner {
namespace {

constexpr int kTaps = 9;

// Which neighbours of a pixel lie within the map: bits of both ends.
int inside(int at, int size) {
  return (at > 0 ? 1 : 0) | (at + 1 < size ? 2 : 0);
}

// Whether a tap -1, 0 or 1 away lies within.
bool covers(int bits, int away) {
  return away == 0 || (bits & (away < 0 ? 1 : 2)) != 0;
}

// Adds taps [3][step] of a spot at `x` to its neighbours in a row of outputs.
template <int B>
LIMNER_INLINE void add_body(const float* taps, int64_t step, int x, int width,
                            float* row) {
  for (int tap = 0; tap < 3; ++tap) {
    const int to = x - tap + 1;
    if (to < 0 || to >= width) continue;
    at<B>(row + to * B) += at<B>(taps + tap * step);
  }
}

// One row of outputs of one block: starts at what lies everywhere, adds what
// the spots of three rows give, and ends with the PReLU.
struct RowSum {
  const SpotMap* map;
  int y;
  int width;
  int64_t step;          // floats from one tap to the next
  const float* weights;  // of the block
  const float* left;     // [B]: a row's first value
  const float* middle;
  const float* right;
  const float* slope;
};

template <int B>
LIMNER_INLINE void row_body(const RowSum& sum, float* row) {
  const SpotMap& map = *sum.map;
  const Vec<B> middle = at<B>(sum.middle);
  for (int x = 0; x < sum.width; ++x) at<B>(row + x * B) = middle;
  at<B>(row) = at<B>(sum.left);
  if (sum.width > 1) at<B>(row + (sum.width - 1) * B) = at<B>(sum.right);
  for (int tap = 0; tap < 3; ++tap) {
    const int from = sum.y + tap - 1;
    if (from < 0 || from >= map.height) continue;
    for (int i = map.rows[from]; i < map.rows[from + 1]; ++i) {
      const SpotMap::Spot& spot = map.spots[i];
      add_body<B>(sum.weights + (spot.channel * kTaps + tap * 3) * sum.step,
                  sum.step, spot.x, sum.width, row);
    }
  }
  const Vec<B> negative = at<B>(sum.slope);
  for (int x = 0; x < sum.width; ++x) {
    const Vec<B> value = at<B>(row + x * B);
    at<B>(row + x * B) = value >= 0.0F ? value : value * negative;
  }
}

LIMNER_KERNEL(void, row_kernel, (int lanes, const RowSum& sum, float* row),
              (lanes, sum, row)) {
  LIMNER_FOR_LANES(row_body, sum, row);
}

}  // namespace

SpotConv::SpotConv(int in, int out, const float* weights, const float* bias,
                   const float* slopes)
    : in_(in),
      out_(out),
      padded_((out + channel_block() - 1) / channel_block() * channel_block()),
      weights_(static_cast<size_t>(in) * kTaps * padded_),
      edges_(size_t{16} * padded_),
      bias_(pad_channels(bias, out)),
      slope_(pad_channels(slopes, out)) {
  for (int o = 0; o < out; ++o) {
    for (int i = 0; i < in; ++i) {
      for (int tap = 0; tap < kTaps; ++tap) {
        weights_[(static_cast<size_t>(i) * kTaps + tap) * padded_ + o] =
            weights[(static_cast<size_t>(o) * in + i) * kTaps + tap];
      }
    }
  }
  // What the last channel gives where it is 1 everywhere, by which neighbours
  // there are.
  const float* last =
      weights_.data() + static_cast<size_t>(in - 1) * kTaps * padded_;
  for (int edge = 0; edge < 16; ++edge) {
    for (int tap = 0; tap < kTaps; ++tap) {
      if (!covers(edge / 4, tap / 3 - 1) || !covers(edge % 4, tap % 3 - 1)) {
        continue;
      }
      for (int o = 0; o < out; ++o) {
        edges_[static_cast<size_t>(edge) * padded_ + o] +=
            last[tap * padded_ + o];
      }
    }
  }
}

// Edges are numbered 4 (neighbours above and below) + neighbours to the sides.
void SpotConv::sum_rows(const SpotMap& x, int first, int last,
                        const FeatureMap& out) const {
  const int lanes = channel_block();
  std::vector<float> starts(size_t{4} * lanes);  // by neighbours to the sides
  for (int block = 0; block < out.blocks(); ++block) {
    const int channel = block * lanes;
    for (int y = first; y < last; ++y) {
      const float* edges =
          edges_.data() + int64_t{4} * inside(y, x.height) * padded_;
      for (int side = 0; side < 4; ++side) {
        for (int lane = 0; lane < lanes; ++lane) {
          starts[side * lanes + lane] =
              bias_[channel + lane] +
              (x.has_everywhere
                   ? x.everywhere * edges[side * padded_ + channel + lane]
                   : 0.0F);
        }
      }
      const RowSum sum{&x,
                       y,
                       x.width,
                       padded_,
                       weights_.data() + channel,
                       &starts[inside(0, x.width) * lanes],
                       &starts[3 * lanes],
                       &starts[inside(x.width - 1, x.width) * lanes],
                       slope_.data() + channel};
      row_kernel(lanes, sum,
                 out.block(block) + static_cast<int64_t>(y) * x.width * lanes);
    }
  }
}

FeatureMap SpotConv::run(const SpotMap& x, Workspace& workspace) const {
  const TracedScope scope("spot_conv");
  if (x.channels != in_) {
    fail("a layer of {} channels got a map of {}", in_, x.channels);
  }
  FeatureMap out = workspace.take(out_, x.height, x.width);
  const auto spots = static_cast<int64_t>(x.spots.size());
  const int64_t cost =
      (x.width + kTaps * spots / std::max(x.height, 1)) * out.blocks();
  parallel_for(x.height, cost, [&](int64_t begin, int64_t end) {
    sum_rows(x, static_cast<int>(begin), static_cast<int>(end), out);
  });
  return out;
}

}  // namespace limner
