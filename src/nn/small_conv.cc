#include "nn/small_conv.h"

#include <algorithm>
#include <vector>

#include "nn/isa.h"
#include "nn/simd.h"
#include "nn/weight_panels.h"
#include "util/parallel.h"

namespace limner {
namespace {

// Outputs that are summed at a time: enough to pay for unpacking weights, few
// enough that their sums stay in the second cache. A multiple of
// WeightPanels::kRows.
constexpr int kMaxRows = 1024;

// What follows the sums, for one block of channels.
struct Tail {
  const float* bias;   // [B]
  const float* slope;  // [B]
  bool accumulate;
};

// sums: `count` rows of 2 * B -> out [count][B].
template <int B>
LIMNER_INLINE void tail_body(const Tail& tail, const float* sums, int count,
                             float* out) {
  const Vec<B> offset = at<B>(tail.bias);
  const Vec<B> negative = at<B>(tail.slope);
  for (int i = 0; i < count; ++i) {
    Vec<B> value = at<B>(sums + i * 2 * B) + offset;
    if (tail.accumulate) value += at<B>(out + i * B);
    at<B>(out + i * B) = value >= 0.0F ? value : value * negative;
  }
}

LIMNER_KERNEL(void, tail_kernel,
              (int lanes, const Tail& tail, const float* sums, int count,
               float* out),
              (lanes, tail, sums, count, out)) {
  LIMNER_FOR_LANES(tail_body, tail, sums, count, out);
}

class SmallConv final : public PackedConv {
 public:
  SmallConv(const ConvShape& shape, const float* weights, const float* bias,
            const ConvOptions& options);

  void run(const FeatureMap& in, const FeatureMap& out,
           Workspace& workspace) const override;

 private:
  int pixel() const { return weights_.row_stride(); }
  int padded_width() const { return shape_.width + 2 * shape_.pad; }
  int padded_height() const { return shape_.height + 2 * shape_.row_pad(); }
  void spread(const FeatureMap& in, float* samples) const;

  ConvShape shape_;
  bool accumulate_;
  std::vector<float> bias_, slope_;  // padded
  WeightPanels weights_;             // a matrix for each tap
  // Of the samples [height + padding][width + padding][row_stride]: those
  // that meet the first tap at each output, and how much further every tap is.
  std::vector<int> offsets_, taps_;
};

SmallConv::SmallConv(const ConvShape& shape, const float* weights,
                     const float* bias, const ConvOptions& options)
    : shape_(shape),
      accumulate_(options.accumulate),
      bias_(padded_bias(bias, shape.out)),
      slope_(padded_slopes(options, shape.out)),
      weights_(
          shape.in, shape.out, shape.kernel * shape.kernel,
          shape.kernel * shape.kernel, weights,
          [taps = shape.kernel * shape.kernel](const float* from, float* values,
                                               int64_t step) {
            for (int tap = 0; tap < taps; ++tap) {
              std::copy_n(from + tap * WeightPanels::width(),
                          WeightPanels::width(), values + tap * step);
            }
          },
          options.fast) {
  const int outputs = shape.out_height() * shape.out_width();
  // The last rows of the last register tile are computed for nothing.
  offsets_.resize(divide_up(outputs, WeightPanels::kRows) *
                  WeightPanels::kRows);
  const int row = padded_width() * pixel();
  for (int i = 0; i < outputs; ++i) {
    offsets_[i] = i / shape.out_width() * shape.stride * row +
                  i % shape.out_width() * shape.stride * pixel();
  }
  for (int tap = 0; tap < shape.kernel * shape.kernel; ++tap) {
    taps_.push_back(tap / shape.kernel * row + tap % shape.kernel * pixel());
  }
}

// Copies the map to samples whose channels are neighbours, zeros around.
void SmallConv::spread(const FeatureMap& in, float* samples) const {
  const int lanes = channel_block();
  parallel_for(
      padded_height(), padded_width() * pixel() / 8,
      [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
          float* to = samples + row * padded_width() * pixel();
          const int64_t y = row - shape_.row_pad();
          for (int column = 0; column < padded_width();
               ++column, to += pixel()) {
            const int x = column - shape_.pad;
            if (y < 0 || y >= shape_.height || x < 0 || x >= shape_.width) {
              std::fill_n(to, weights_.depth(), 0.0F);
              continue;
            }
            for (int block = 0; block < in.blocks(); ++block) {
              std::copy_n(in.block(block) + (y * shape_.width + x) * lanes,
                          lanes, to + block * lanes);
            }
          }
        }
      });
}

void SmallConv::run(const FeatureMap& in, const FeatureMap& out,
                    Workspace& workspace) const {
  const int team = threads();
  const int width = WeightPanels::width();
  const auto rows = static_cast<int>(offsets_.size());
  const int64_t sample_floats =
      int64_t{padded_height()} * padded_width() * pixel();
  const int64_t panel_floats = int64_t{weights_.depth()} * width;
  const int max_rows = std::min(rows, kMaxRows);
  const int parts = divide_up(rows, max_rows);
  const int64_t own_floats = panel_floats + int64_t{max_rows} * width;
  auto* samples = static_cast<float*>(
      workspace.scratch((sample_floats + team * own_floats) * sizeof(float)));
  spread(in, samples);

  const auto taps = static_cast<int>(taps_.size());
  const int lanes = channel_block();
  const int outputs = out.height() * out.width();
  run_team(team, [&](int rank, int) {
    float* panel = samples + sample_floats + rank * own_floats;
    float* sums = panel + panel_floats;
    share_out(weights_.panels() * parts, [&](int item) {
      const int index = item / parts;
      const int first = item % parts * max_rows;
      for (int tap = 0; tap < taps; ++tap) {
        WeightPanels::Product product{};
        product.a = samples + taps_[tap];
        product.offsets = offsets_.data() + first;
        product.rows = std::min(max_rows, rows - first);
        product.panel = weights_.unpack(index, tap, panel);
        product.c = sums;
        product.accumulate = tap > 0;
        const bool last = tap + 1 == taps;
        product.next_a = last ? samples : samples + taps_[tap + 1];
        product.next_panel =
            last ? std::min(index + 1, weights_.panels() - 1) : index;
        product.next_matrix = last ? 0 : tap + 1;
        weights_.multiply(product);
      }
      const int count = std::min(max_rows, outputs - first);
      for (int part = 0; part < 2; ++part) {
        const int block = 2 * index + part;
        if (block >= out.blocks()) break;
        const Tail tail{bias_.data() + block * lanes,
                        slope_.data() + block * lanes, accumulate_};
        tail_kernel(lanes, tail, sums + part * lanes, count,
                    out.block(block) + int64_t{first} * lanes);
      }
    });
  });
}

}  // namespace

std::unique_ptr<PackedConv> small_conv(const ConvShape& shape,
                                       const float* weights, const float* bias,
                                       const ConvOptions& options) {
  return std::make_unique<SmallConv>(shape, weights, bias, options);
}

}  // namespace limner
