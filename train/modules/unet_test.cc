// The parsing U-Net against limner's own inference.
#include "train/modules/unet.h"

#include <gmock/gmock.h>

#include "model/parser.h"
#include "train/modules/test_support.h"
#include "util/test_folder.h"

namespace limner::train {
namespace {

using ::testing::HasSubstr;

// A network whose batch norms have seen something.
Unet random_net(const UnetConfig& config) {
  torch::manual_seed(11);
  Unet net(config);
  const torch::NoGradGuard no_grad;
  for (auto& item : net->named_buffers()) {
    if (item.key().find("running_mean") != std::string::npos) {
      item.value().normal_(0.0, 0.3);
    }
    if (item.key().find("running_var") != std::string::npos) {
      item.value().uniform_(0.3, 2.0);
    }
  }
  for (auto& item : net->named_parameters()) {
    const std::string& name = item.key();
    // These begin with zeros.
    if (name.find("context_to") == 0 && name.find(".1.") != std::string::npos) {
      item.value().uniform_(-0.01, 0.01);
    }
  }
  net->eval();
  return net;
}

class ParserParity : public testing::TestWithParam<UnetConfig> {};

TEST_P(ParserParity, LimnerGivesTheSameLogits) {
  const torch::NoGradGuard no_grad;
  const UnetConfig config = GetParam();
  const int side = config.context ? 96 : 16 * config.fold << 1;
  Unet net = random_net(config);
  const torch::Tensor picture = torch::randn({1, 3, side, side});
  const torch::Tensor expected = net(picture)[0];
  const Parser ours(tensors_of(*net, "parser."), "parser.", side);
  Workspace workspace;
  const std::vector<float> got = ours.run(values_of(picture), workspace);
  EXPECT_LT(limner::relative_error(got, values_of(expected)), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, ParserParity,
    testing::Values(UnetConfig{{16, 32, 48}, 19, 1},
                    UnetConfig{{16, 24}, 19, 2},
                    UnetConfig{{5, 9, 12, 20}, 19, 1},
                    UnetConfig{{16, 32}, 19, 3},
                    UnetConfig{{16, 24, 32}, 19, 2, true},
                    UnetConfig{{8, 12, 16, 20, 24}, 19, 1, true}));

TEST(ParserShapes, WhatDoesNotFitIsNamed) {
  Unet net = random_net({{8, 12, 16}, 19, 1});
  const TensorMap tensors = tensors_of(*net, "parser.");
  const auto error = [&](const TensorMap& map, int side) {
    return error_of([&] { Parser(map, "parser.", side); });
  };
  EXPECT_EQ(error(tensors, 64), "no error");
  EXPECT_THAT(error(tensors, 66), HasSubstr("66 px"));
  EXPECT_THAT(error(tensors, 0), HasSubstr("0 px"));
  TensorMap missing = tensors;
  missing.tensors.erase("parser.up_concat1.up.weight");
  EXPECT_THAT(error(missing, 64), HasSubstr("up_concat1.up.weight"));
  missing = tensors;
  missing.tensors.erase("parser.center.conv1.0.weight");
  EXPECT_THAT(error(missing, 64), HasSubstr("center"));
  EXPECT_THAT(error({}, 64), HasSubstr("center"));
}

}  // namespace
}  // namespace limner::train
