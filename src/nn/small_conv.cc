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

}  // namespace

struct SmallConv::Packed {
  ConvShape shape;
  bool accumulate;
  std::vector<float> bias, slope;  // padded
  WeightPanels weights;            // a matrix for each tap
  // Of the samples [height + padding][width + padding][row_stride]: those
  // that meet the first tap at each output, and how much further every tap is.
  std::vector<int> offsets, taps;

  int pixel() const { return weights.row_stride(); }
  int padded_width() const { return shape.width + 2 * shape.pad; }
  int padded_height() const { return shape.height + 2 * shape.row_pad(); }
  void spread(const FeatureMap& in, float* samples) const;
};

SmallConv::SmallConv(const ConvShape& shape, const float* weights,
                     const float* bias, const ConvOptions& options) {
  const int taps = shape.kernel * shape.kernel;
  const std::vector<float> none(shape.out);
  const std::vector<float> leaky(shape.out, options.leaky_slope);
  packed_ = std::make_unique<Packed>(Packed{
      shape,
      options.accumulate,
      pad_channels(bias != nullptr ? bias : none.data(), shape.out),
      pad_channels(options.slopes != nullptr ? options.slopes : leaky.data(),
                   shape.out),
      WeightPanels(
          shape.in, shape.out, taps, taps, weights,
          [taps](const float* from, float* values, int64_t step) {
            for (int tap = 0; tap < taps; ++tap) {
              std::copy_n(from + tap * WeightPanels::width(),
                          WeightPanels::width(), values + tap * step);
            }
          },
          options.fast),
      {},
      {}});
  Packed& net = *packed_;
  const int outputs = shape.out_height() * shape.out_width();
  // The last rows of the last register tile are computed for nothing.
  net.offsets.resize(divide_up(outputs, WeightPanels::kRows) *
                     WeightPanels::kRows);
  const int row = net.padded_width() * net.pixel();
  for (int i = 0; i < outputs; ++i) {
    net.offsets[i] = i / shape.out_width() * shape.stride * row +
                     i % shape.out_width() * shape.stride * net.pixel();
  }
  for (int tap = 0; tap < taps; ++tap) {
    net.taps.push_back(tap / shape.kernel * row +
                       tap % shape.kernel * net.pixel());
  }
}

SmallConv::~SmallConv() = default;
SmallConv::SmallConv(SmallConv&&) noexcept = default;
SmallConv& SmallConv::operator=(SmallConv&&) noexcept = default;

// Copies the map to samples whose channels are neighbours, zeros around.
void SmallConv::Packed::spread(const FeatureMap& in, float* samples) const {
  const int lanes = channel_block();
  parallel_for(
      padded_height(), padded_width() * pixel() / 8,
      [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
          float* to = samples + row * padded_width() * pixel();
          const int64_t y = row - shape.row_pad();
          for (int column = 0; column < padded_width();
               ++column, to += pixel()) {
            const int x = column - shape.pad;
            if (y < 0 || y >= shape.height || x < 0 || x >= shape.width) {
              std::fill_n(to, weights.depth(), 0.0F);
              continue;
            }
            for (int block = 0; block < in.blocks(); ++block) {
              std::copy_n(in.block(block) + (y * shape.width + x) * lanes,
                          lanes, to + block * lanes);
            }
          }
        }
      });
}

void SmallConv::run(const FeatureMap& in, const FeatureMap& out,
                    Workspace& workspace) const {
  const Packed& net = *packed_;
  const int team = threads();
  const int width = WeightPanels::width();
  const auto rows = static_cast<int>(net.offsets.size());
  const int64_t sample_floats =
      int64_t{net.padded_height()} * net.padded_width() * net.pixel();
  const int64_t panel_floats = int64_t{net.weights.depth()} * width;
  const int max_rows = std::min(rows, kMaxRows);
  const int parts = divide_up(rows, max_rows);
  const int64_t own_floats = panel_floats + int64_t{max_rows} * width;
  auto* samples = static_cast<float*>(
      workspace.scratch((sample_floats + team * own_floats) * sizeof(float)));
  net.spread(in, samples);

  const auto taps = static_cast<int>(net.taps.size());
  const int lanes = channel_block();
  const int outputs = out.height() * out.width();
  run_team(team, [&](int rank, int) {
    float* panel = samples + sample_floats + rank * own_floats;
    float* sums = panel + panel_floats;
    share_out(net.weights.panels() * parts, [&](int item) {
      const int index = item / parts;
      const int first = item % parts * max_rows;
      for (int tap = 0; tap < taps; ++tap) {
        WeightPanels::Product product{};
        product.a = samples + net.taps[tap];
        product.offsets = net.offsets.data() + first;
        product.rows = std::min(max_rows, rows - first);
        product.panel = net.weights.unpack(index, tap, panel);
        product.c = sums;
        product.accumulate = tap > 0;
        const bool last = tap + 1 == taps;
        product.next_a = last ? samples : samples + net.taps[tap + 1];
        product.next_panel =
            last ? std::min(index + 1, net.weights.panels() - 1) : index;
        product.next_matrix = last ? 0 : tap + 1;
        net.weights.multiply(product);
      }
      const int count = std::min(max_rows, outputs - first);
      for (int part = 0; part < 2; ++part) {
        const int block = 2 * index + part;
        if (block >= out.blocks()) break;
        const Tail tail{net.bias.data() + block * lanes,
                        net.slope.data() + block * lanes, net.accumulate};
        tail_kernel(lanes, tail, sums + part * lanes, count,
                    out.block(block) + int64_t{first} * lanes);
      }
    });
  });
}

}  // namespace limner
