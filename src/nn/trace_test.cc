#include "nn/trace.h"

#include <gtest/gtest.h>

#include <thread>

#include "nn/elementwise.h"
#include "util/error.h"
#include "util/random.h"

namespace limner {
namespace {

TEST(Trace, NotesConvolutionsAndPasses) {
  const auto weights = normal_values(1, size_t{24} * 16 * 9);
  const auto slopes = normal_values(2, 24);
  ConvOptions options;
  options.slopes = slopes.data();  // a pass inside of the convolution's call
  const Conv conv({16, 24, 3, 2, 1, 8, 6}, weights.data(), nullptr, options);
  const TransposedConv up(24, 8, 4, 3, weights.data());
  Workspace workspace;
  const FeatureMap x =
      from_planar(weights.data(), 16, 8, 6, workspace);  // before the trace
  const Trace trace;
  const FeatureMap y = conv.run(x, workspace);
  channel_means(y);
  up.run(y, workspace);
  ASSERT_EQ(trace.calls().size(), 3U);
  EXPECT_STREQ(trace.calls()[0].name, "conv");
  EXPECT_STREQ(trace.calls()[1].name, "channel_means");
  EXPECT_STREQ(trace.calls()[2].name, "transposed_conv");
  EXPECT_EQ(trace.calls()[0].shape->out, 24);
  EXPECT_EQ(trace.calls()[0].shape->height, 8);
  EXPECT_EQ(trace.calls()[0].algorithm, conv.implementation());
  EXPECT_FALSE(trace.calls()[1].shape.has_value());
  EXPECT_EQ(trace.calls()[2].shape->width, 3);
  for (const TracedCall& call : trace.calls()) EXPECT_GE(call.milliseconds, 0);
}

TEST(Trace, IsOfItsThreadAndEndsWithItsLife) {
  Workspace workspace;
  const std::vector<float> values(16);
  {
    const Trace trace;
    std::thread([&] {
      Workspace own;
      from_planar(values.data(), 1, 4, 4, own);
    }).join();
    EXPECT_TRUE(trace.calls().empty());
    EXPECT_THROW(Trace(), Error);
    from_planar(values.data(), 1, 4, 4, workspace);
    EXPECT_EQ(trace.calls().size(), 1U);
  }
  const Trace trace;
  EXPECT_TRUE(trace.calls().empty());
}

}  // namespace
}  // namespace limner
