// Convolutions without oneDNN (LIMNER_PORTABLE): Winograd's algorithm where
// that pays, else sums over the taps by products of matrices (nn/small_conv.h).
#include <optional>
#include <utility>
#include <vector>

#include "nn/conv.h"
#include "nn/elementwise.h"
#include "nn/phase_winograd.h"
#include "nn/small_conv.h"
#include "nn/trace.h"
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

struct Conv::Packed {
  std::optional<PhaseWinograd> phase;
  std::optional<Winograd> winograd;
  std::optional<SmallConv> direct;
  std::vector<float> slopes;  // padded; after phase, unless empty
  const char* name = "";
};

Conv::Conv(const ConvShape& shape, const float* weights, const float* bias,
           const ConvOptions& options)
    : shape_(shape), packed_(std::make_unique<Packed>()) {
  Packed& net = *packed_;
  switch (choose(shape, options)) {
    case ConvAlgorithm::kWinograd:
    case ConvAlgorithm::kLibraryWinograd:
      net.winograd.emplace(shape, weights, bias, options);
      net.name = "winograd";
      return;
    case ConvAlgorithm::kPhaseWinograd:
      if (options.slopes != nullptr) {
        net.slopes = pad_channels(options.slopes, shape.out);
      }
      net.phase.emplace(PhaseWinograd::Kind::kStrided, shape.in, shape.out,
                        shape.height, shape.width, weights, bias,
                        options.leaky_slope);
      net.name = "phase_winograd";
      return;
    case ConvAlgorithm::kDirect:
    case ConvAlgorithm::kSmall:
      net.direct.emplace(shape, weights, bias, options);
      net.name = "direct";
      return;
  }
}

Conv::~Conv() = default;
Conv::Conv(Conv&&) noexcept = default;
Conv& Conv::operator=(Conv&&) noexcept = default;

const char* Conv::implementation() const { return packed_->name; }

void Conv::run(const FeatureMap& in, const FeatureMap& out,
               Workspace& workspace) const {
  const TracedScope scope("conv", &shape_, implementation());
  if (packed_->winograd) {
    packed_->winograd->run(in, out, workspace);
  } else if (packed_->direct) {
    packed_->direct->run(in, out, workspace);
  } else {
    packed_->phase->run(in, out, workspace);
    if (!packed_->slopes.empty()) prelu(out, packed_->slopes);
  }
}

struct TransposedConv::Packed {
  ConvShape shape;  // that it is the transpose of, sizes of what it reads
  PhaseWinograd phase;
};

TransposedConv::TransposedConv(int in, int out, int height, int width,
                               const float* weights, bool,
                               std::optional<ConvAlgorithm>)
    : packed_(new Packed{{in, out, 3, 2, 0, height, width},
                         {PhaseWinograd::Kind::kTransposed, in, out, height,
                          width, weights, nullptr}}) {}

TransposedConv::~TransposedConv() = default;
TransposedConv::TransposedConv(TransposedConv&&) noexcept = default;
TransposedConv& TransposedConv::operator=(TransposedConv&&) noexcept = default;

const char* TransposedConv::implementation() const { return "phase_winograd"; }

FeatureMap TransposedConv::run(const FeatureMap& in,
                               Workspace& workspace) const {
  const TracedScope scope("transposed_conv", &packed_->shape, implementation());
  return packed_->phase.run(in, workspace);
}

}  // namespace limner
