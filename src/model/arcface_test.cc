#include "model/arcface.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/ir_se.h"
#include "model/read_layout.h"
#include "model/test_arcface.h"
#include "support/compare.h"
#include "util/error.h"
#include "util/random.h"

namespace limner {
namespace {

// The output layers as plain loops over the body's map: BatchNorm, linear,
// BatchNorm, norm 1.
TEST(ArcFace, OutputLayersAreAsPublished) {
  const TensorMap tensors = random_arcface();
  const ArcFace net(tensors);
  ASSERT_EQ(net.side(), 32);
  ASSERT_EQ(net.width(), 6);
  Workspace workspace;
  const std::vector<float> face = normal_values(3, size_t{3} * 32 * 32);
  const BodyLayout layout =
      body_layout(read_body_config(tensors, ""), /*inputs=*/3, "");
  const IrSeBody body(tensors, layout, 32, LayerPolicy());
  const FeatureMap x = from_planar(face.data(), 3, 32, 32, workspace);
  const std::vector<float> map =
      to_planar(body.run(body.enter(x, workspace), {}, workspace)[4]);
  const auto values = [&](const std::string& name) {
    return tensors.at("output_layer." + name).to_f32();
  };
  const auto norm = [&](const std::string& name, size_t i, double value) {
    return (value - values(name + ".running_mean")[i]) /
               std::sqrt(values(name + ".running_var")[i] + 1e-5) *
               values(name + ".weight")[i] +
           values(name + ".bias")[i];
  };
  std::vector<float> expected;
  const size_t area = 4;
  for (size_t o = 0; o < 6; ++o) {
    double sum = values("3.bias")[o];
    for (size_t i = 0; i < map.size(); ++i) {
      sum +=
          values("3.weight")[o * map.size() + i] * norm("0", i / area, map[i]);
    }
    expected.push_back(static_cast<float>(norm("4", o, sum)));
  }
  double squares = 0;
  for (const float value : expected) squares += value * value;
  for (float& value : expected) {
    value /= static_cast<float>(std::sqrt(squares));
  }
  EXPECT_LT(relative_error(net.run(face, workspace), expected), 1e-5);
}

TEST(ArcFace, RefusesWhatDoesNotFit) {
  Workspace workspace;
  EXPECT_THROW(ArcFace(random_arcface()).run({1, 2, 3}, workspace), Error);
  TensorMap tensors = random_arcface();
  tensors.tensors.erase("output_layer.4.running_var");
  EXPECT_THROW(ArcFace{tensors}, Error);
  tensors = random_arcface();
  tensors.tensors["output_layer.3.weight"] =
      make_tensor({1, 7}, std::vector<float>(7));
  EXPECT_THROW(ArcFace{tensors}, Error);
  EXPECT_THROW(ArcFace{TensorMap()}, Error);
}

}  // namespace
}  // namespace limner
