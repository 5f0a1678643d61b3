// The stroke labeler against limner's own inference.
#include "train/modules/labeler.h"

#include <gmock/gmock.h>

#include "model/labeler.h"
#include "sketch/point_sequence.h"
#include "train/modules/test_support.h"
#include "util/error.h"

namespace limner::train {
namespace {

Drawing curves() {
  Drawing drawing;
  for (int s = 0; s < 9; ++s) {
    Stroke stroke;
    for (int i = 0; i < 3 + 11 * s; ++i) {
      stroke.points.push_back(
          {static_cast<float>(40 * s + 3 * i),
           static_cast<float>(200 + 150 * std::sin(0.1 * i + s))});
    }
    drawing.strokes.push_back(std::move(stroke));
  }
  return drawing;
}

// [1, slots, ..] of a sequence, with `more` empty slots at the end.
std::pair<torch::Tensor, torch::Tensor> inputs(const PointSequence& from,
                                               int more) {
  const int64_t slots = from.slots();
  torch::Tensor features = torch::zeros({1, slots + more, kPointFeatures});
  torch::Tensor used = torch::zeros({1, slots + more});
  std::copy(from.features.begin(), from.features.end(),
            features.data_ptr<float>());
  std::copy(from.used.begin(), from.used.end(), used.data_ptr<float>());
  return {features, used};
}

class LabelerTest : public testing::Test {
 protected:
  void SetUp() override {
    torch::manual_seed(3);
    LabelerConfig config;
    config.width = 24;
    config.token = 32;
    config.heads = 4;
    config.blocks = 3;
    net_ = Labeler(config);
    // Not the plain start of layer norms and biases.
    for (torch::Tensor& p : net_->parameters()) {
      p.data().add_(0.1 * torch::randn_like(p));
    }
    net_->eval();
  }

  torch::NoGradGuard no_grad_;
  Labeler net_{nullptr};
};

TEST_F(LabelerTest, LimnerGivesTheSameProbabilities) {
  const PointSequence sequence = sample_points(curves());
  const auto [features, used] = inputs(sequence, 0);
  const torch::Tensor expected = torch::softmax(net_(features, used), 2)[0];
  const limner::Labeler ours(tensors_of(*net_), "", 4);
  const std::vector<float> got = ours.run(sequence.features, sequence.used);
  const std::vector<float> wanted = values_of(expected);
  ASSERT_EQ(got.size(), wanted.size());
  int compared = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    if (sequence.used[i / limner::Labeler::kClasses] == 0) continue;
    EXPECT_NEAR(got[i], wanted[i], 1e-5);
    ++compared;
  }
  EXPECT_GT(compared, 1000);
}

TEST_F(LabelerTest, EmptySlotsChangeNothing) {
  const PointSequence sequence = sample_points(curves());
  const auto [features, used] = inputs(sequence, 0);
  const auto [more_features, more_used] = inputs(sequence, 5 * kSlotGroup);
  const torch::Tensor mask = used[0].unsqueeze(1);
  const torch::Tensor alone = net_(features, used)[0] * mask;
  const torch::Tensor padded =
      net_(more_features, more_used)[0].slice(0, 0, sequence.slots()) * mask;
  EXPECT_LT(relative_error(padded, alone), 1e-5);
}

TEST_F(LabelerTest, ShapesTellTheConfiguration) {
  const LabelerConfig read = read_labeler_config(tensors_of(*net_), "", 4);
  EXPECT_EQ(read.width, 24);
  EXPECT_EQ(read.token, 32);
  EXPECT_EQ(read.blocks, 3);
  EXPECT_EQ(read.classes, 24);
  EXPECT_THROW(read_labeler_config(tensors_of(*net_), "", 5), Error);
  EXPECT_THROW(read_labeler_config(tensors_of(*net_), "no.", 4), Error);
  EXPECT_THROW(limner::Labeler(tensors_of(*net_), "", 5), Error);
}

TEST(LabelerSize, DefaultHasLessThanTwoMillionWeights) {
  const Labeler net{LabelerConfig()};
  int64_t count = 0;
  for (const torch::Tensor& p : net->parameters()) count += p.numel();
  EXPECT_LT(count, 2'000'000);
  EXPECT_GT(count, 100'000);
}

}  // namespace
}  // namespace limner::train
