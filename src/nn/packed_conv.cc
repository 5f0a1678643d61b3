#include "nn/packed_conv.h"

#include "nn/conv.h"
#include "nn/elementwise.h"
#include "nn/trace.h"

namespace limner {

std::vector<float> padded_bias(const float* bias, int out) {
  const std::vector<float> none(out);
  return pad_channels(bias != nullptr ? bias : none.data(), out);
}

std::vector<float> padded_slopes(const ConvOptions& options, int out) {
  const std::vector<float> leaky(out, options.leaky_slope);
  return pad_channels(options.slopes != nullptr ? options.slopes : leaky.data(),
                      out);
}

void Conv::run(const FeatureMap& in, const FeatureMap& out,
               Workspace& workspace) const {
  const TracedScope scope("conv", &shape_, implementation());
  packed_->run(in, out, workspace);
  if (!slopes_.empty()) prelu(out, slopes_);
}

FeatureMap Conv::run(const FeatureMap& in, Workspace& workspace) const {
  FeatureMap out =
      workspace.take(shape_.out, shape_.out_height(), shape_.out_width());
  run(in, out, workspace);
  return out;
}

FeatureMap TransposedConv::run(const FeatureMap& in,
                               Workspace& workspace) const {
  const TracedScope scope("transposed_conv", &shape_, implementation());
  FeatureMap out =
      workspace.take(shape_.out, 2 * shape_.height + 1, 2 * shape_.width + 1);
  packed_->run(in, out, workspace);
  return out;
}

}  // namespace limner
