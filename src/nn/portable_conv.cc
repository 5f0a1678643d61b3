// Convolutions without oneDNN (LIMNER_PORTABLE): Winograd's algorithm where
// that pays, else sums over the taps by products of matrices (nn/small_conv.h).
#include <optional>
#include <utility>
#include <vector>

#include "nn/conv.h"
#include "nn/phase_winograd.h"
#include "nn/small_conv.h"
#include "nn/winograd.h"
#include "util/error.h"

namespace limner {
namespace {

bool has_winograd(const ConvShape& shape) {
  return shape.kernel == 3 && shape.pad == 1 && shape.stride == 1;
}

ConvAlgorithm choose(const ConvShape& shape, const ConvOptions& options) {
  if (options.algorithm) return *options.algorithm;
  if (!options.fast) return ConvAlgorithm::kDirect;
  const int outputs = shape.out_height() * shape.out_width();
  // With fewer, ragged tiles and the transforms cost what products save.
  constexpr int kFewOutputs = 8 * 8;
  constexpr int kManyOutputs = 32 * 32;
  if (has_winograd(shape) && outputs > kFewOutputs) {
    return ConvAlgorithm::kWinograd;
  }
  if (shape.has_phases() && !options.accumulate && outputs >= kManyOutputs) {
    return ConvAlgorithm::kPhaseWinograd;
  }
  return ConvAlgorithm::kDirect;
}

}  // namespace

std::vector<ConvAlgorithm> conv_algorithms(const ConvShape& shape) {
  std::vector<ConvAlgorithm> able = {ConvAlgorithm::kDirect,
                                     ConvAlgorithm::kSmall};
  if (has_winograd(shape)) able.push_back(ConvAlgorithm::kWinograd);
  if (shape.has_phases()) able.push_back(ConvAlgorithm::kPhaseWinograd);
  return able;
}

std::vector<ConvAlgorithm> transposed_conv_algorithms() {
  return {ConvAlgorithm::kPhaseWinograd};
}

Conv::Conv(const ConvShape& shape, const float* weights, const float* bias,
           const ConvOptions& options)
    : shape_(shape) {
  switch (choose(shape, options)) {
    case ConvAlgorithm::kWinograd:
    case ConvAlgorithm::kLibraryWinograd:
      packed_ = winograd_conv(shape, weights, bias, options);
      implementation_ = "winograd";
      return;
    case ConvAlgorithm::kPhaseWinograd:
      if (options.slopes != nullptr) {
        slopes_ = pad_channels(options.slopes, shape.out);
      }
      packed_ =
          phase_winograd(PhaseKind::kStrided, shape.in, shape.out, shape.height,
                         shape.width, weights, bias, options.leaky_slope);
      implementation_ = "phase_winograd";
      return;
    case ConvAlgorithm::kDirect:
    case ConvAlgorithm::kSmall:
      packed_ = small_conv(shape, weights, bias, options);
      implementation_ = "direct";
      return;
  }
}

TransposedConv::TransposedConv(int in, int out, int height, int width,
                               const float* weights, bool,
                               std::optional<ConvAlgorithm>)
    : shape_{in, out, 3, 2, 0, height, width},
      packed_(phase_winograd(PhaseKind::kTransposed, in, out, height, width,
                             weights, nullptr)),
      implementation_("phase_winograd") {}

}  // namespace limner
