#include "train/modules/upfirdn.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/nn/functional.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "nn/simd.h"
#include "train/modules/values.h"
#include "util/error.h"

namespace limner::train {
namespace {

constexpr int kTaps = 4;
constexpr int64_t kMaxChannels = 2048;

// Where the pixels of one picture lie: channels last, perhaps as four maps.
struct Places {
  int64_t channels, height, width;  // of the whole picture
  bool phases;

  int64_t size() const { return channels * height * width; }

  int64_t at(int64_t y, int64_t x) const {
    if (!phases) return (y * width + x) * channels;
    const int64_t pixel = (y / 2) * (width / 2) + x / 2;
    return (pixel * 4 + (y % 2) * 2 + x % 2) * channels;
  }
};

// For every place of a result along one side, the sources of the filter's taps;
// -1: outside, or one of the zeros.
std::vector<std::array<int64_t, kTaps>> sources(const UpfirdnOptions& o,
                                                int64_t result, int64_t size) {
  std::vector<std::array<int64_t, kTaps>> out(result);
  for (int64_t i = 0; i < result; ++i) {
    for (int tap = 0; tap < kTaps; ++tap) {
      const int64_t at = i * o.down + tap - o.before;
      const bool none = at < 0 || at % o.up != 0 || at / o.up >= size;
      out[i][tap] = none ? -1 : at / o.up;
    }
  }
  return out;
}

struct Plan {
  Places in, out;
  std::vector<std::array<int64_t, kTaps>> rows, columns;
  std::array<float, size_t{kTaps} * kTaps> kernel;
};

// Row i of a result.
LIMNER_KERNEL_OF_TYPE(void, filter_row,
                      (const Plan& plan, int64_t i, const T* x, T* y),
                      (plan, i, x, y)) {
  const int64_t channels = plan.in.channels;
  std::array<float, kMaxChannels> sum;
  for (int64_t j = 0; j < plan.out.width; ++j) {
    for (int64_t c = 0; c < channels; ++c) sum[c] = 0.0F;
    for (int a = 0; a < kTaps; ++a) {
      const int64_t row = plan.rows[i][a];
      for (int b = 0; row >= 0 && b < kTaps; ++b) {
        const int64_t column = plan.columns[j][b];
        if (column < 0) continue;
        const float factor = plan.kernel[a * kTaps + b];
        const T* from = x + plan.in.at(row, column);
        for (int64_t c = 0; c < channels; ++c) {
          sum[c] += factor * widen(from[c]);
        }
      }
    }
    T* to = y + plan.out.at(i, j);
    for (int64_t c = 0; c < channels; ++c) to[c] = narrow<T>(sum[c]);
  }
}

torch::Tensor by_loops(const torch::Tensor& input, const torch::Tensor& kernel,
                       const UpfirdnOptions& o) {
  const torch::Tensor x = input.contiguous(at::MemoryFormat::ChannelsLast);
  const torch::Tensor taps = kernel.to(torch::kFloat32).contiguous();
  const int64_t folded = o.phases_in ? 4 : 1;
  const int64_t sides = o.phases_in ? 2 : 1;
  Plan plan;
  plan.in = {x.size(1) / folded, x.size(2) * sides, x.size(3) * sides,
             o.phases_in};
  plan.out = {plan.in.channels, o.height, o.width, o.phases_out};
  if (plan.in.channels > kMaxChannels) {
    fail("upfirdn of {} channels, expected {} at most", plan.in.channels,
         kMaxChannels);
  }
  plan.rows = sources(o, o.height, plan.in.height);
  plan.columns = sources(o, o.width, plan.in.width);
  std::copy_n(taps.data_ptr<float>(), plan.kernel.size(), plan.kernel.begin());
  torch::Tensor y = torch::empty(
      o.phases_out ? std::vector<int64_t>{x.size(0), plan.out.channels * 4,
                                          o.height / 2, o.width / 2}
                   : std::vector<int64_t>{x.size(0), plan.out.channels,
                                          o.height, o.width},
      x.options(), at::MemoryFormat::ChannelsLast);
  visit_values(x, [&](auto type) {
    using T = decltype(type);
    const T* from = x.data_ptr<T>();
    T* to = y.data_ptr<T>();
    at::parallel_for(0, x.size(0) * o.height, 4, [&](int64_t row, int64_t end) {
      for (; row < end; ++row) {
        const int64_t picture = row / o.height;
        filter_row(plan, row % o.height, from + picture * plan.in.size(),
                   to + picture * plan.out.size());
      }
    });
  });
  return y;
}

// [B, 4 C, h, w] -> [B, C, 2h, 2w] and back.
torch::Tensor join_phases(const torch::Tensor& x) {
  const int64_t c = x.size(1) / 4;
  return x.view({x.size(0), 2, 2, c, x.size(2), x.size(3)})
      .permute({0, 3, 4, 1, 5, 2})
      .reshape({x.size(0), c, 2 * x.size(2), 2 * x.size(3)});
}

torch::Tensor part_phases(const torch::Tensor& x) {
  const int64_t h = x.size(2) / 2;
  const int64_t w = x.size(3) / 2;
  return x.reshape({x.size(0), x.size(1), h, 2, w, 2})
      .permute({0, 3, 5, 1, 2, 4})
      .reshape({x.size(0), 4 * x.size(1), h, w});
}

// The same by libtorch's convolutions, for other devices and types.
torch::Tensor by_convolution(const torch::Tensor& input,
                             const torch::Tensor& kernel,
                             const UpfirdnOptions& o) {
  torch::Tensor x = o.phases_in ? join_phases(input) : input;
  const int64_t channels = x.size(1);
  if (o.up > 1) {
    const torch::Tensor spread = torch::zeros(
        {x.size(0), channels, x.size(2), o.up, x.size(3), o.up}, x.options());
    spread.select(5, 0).select(3, 0).copy_(x);
    x = spread.view({x.size(0), channels, x.size(2) * o.up, x.size(3) * o.up});
  }
  // What is needed after; less than none is cut off.
  const auto after = [&](int64_t result, int64_t size) {
    return (result - 1) * o.down + kTaps - o.before - size;
  };
  x = torch::constant_pad_nd(x, {o.before, after(o.width, x.size(3)), o.before,
                                 after(o.height, x.size(2))});
  const int64_t padding = 0;
  const torch::Tensor weights =
      kernel.to(x.scalar_type()).expand({channels, 1, kTaps, kTaps});
  const torch::Tensor y =
      torch::conv2d(x, weights, /*bias=*/torch::Tensor(), o.down, padding,
                    /*dilation=*/1, /*groups=*/channels);
  return o.phases_out ? part_phases(y) : y;
}

class UpfirdnFunction : public torch::autograd::Function<UpfirdnFunction> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context,
                               const torch::Tensor& x,
                               const torch::Tensor& kernel,
                               const UpfirdnOptions& options) {
    context->save_for_backward({kernel});
    UpfirdnOptions back;
    back.up = options.down;
    back.down = options.up;
    back.before = kTaps - 1 - options.before;
    const int64_t sides = options.phases_in ? 2 : 1;
    back.height = x.size(2) * sides;
    back.width = x.size(3) * sides;
    back.phases_in = options.phases_out;
    back.phases_out = options.phases_in;
    for (const auto& [name, value] :
         {std::pair<const char*, int64_t>{"up", back.up},
          {"down", back.down},
          {"before", back.before},
          {"height", back.height},
          {"width", back.width},
          {"phases_in", back.phases_in},
          {"phases_out", back.phases_out}}) {
      context->saved_data[name] = value;
    }
    return has_loops(x) ? by_loops(x, kernel, options)
                        : by_convolution(x, kernel, options);
  }

  // The transpose: up and down change places, the filter is turned.
  static torch::autograd::variable_list backward(
      torch::autograd::AutogradContext* context,
      const torch::autograd::variable_list& gradients) {
    const auto value = [&](const char* name) {
      return context->saved_data[name].toInt();
    };
    UpfirdnOptions back;
    back.up = static_cast<int>(value("up"));
    back.down = static_cast<int>(value("down"));
    back.before = static_cast<int>(value("before"));
    back.height = value("height");
    back.width = value("width");
    back.phases_in = value("phases_in") != 0;
    back.phases_out = value("phases_out") != 0;
    const torch::Tensor kernel = context->get_saved_variables()[0];
    return {upfirdn(gradients[0], kernel.flip({0, 1}), back), {}, {}};
  }
};

}  // namespace

torch::Tensor upfirdn(const torch::Tensor& x, const torch::Tensor& kernel,
                      const UpfirdnOptions& options) {
  return UpfirdnFunction::apply(x, kernel, options);
}

}  // namespace limner::train
