// Eyes and mouths compared apart from colours.
#include "train/stages/part_loss.h"

#include <gtest/gtest.h>

#include "sketch/mask_sketch.h"

namespace limner::train {
namespace {

torch::Tensor two_faces() {
  torch::Tensor classes = torch::full({2, 64, 64}, kSkin, torch::kInt64);
  classes.slice(1, 28, 32).slice(2, 18, 26).fill_(kRightEye);
  classes.slice(1, 28, 32).slice(2, 38, 46).fill_(kLeftEye);
  return classes;
}

class PartLoss : public testing::Test {
 protected:
  PartLoss() {
    torch::manual_seed(3);
    net_ = SqueezeNet();
    net_->eval();
    photo_ = torch::rand({2, 3, 64, 64}) * 2.0 - 1.0;
    crops_ = eye_crops(two_faces());
  }

  double loss(const torch::Tensor& result) {
    return part_loss(net_, result, photo_, crops_, /*bf16=*/false)
        .item<double>();
  }

  SqueezeNet net_{nullptr};
  torch::Tensor photo_;
  FaceCrops crops_;
};

TEST_F(PartLoss, LightAndContrastDoNotCount) {
  EXPECT_LT(loss(photo_), 1e-6);
  EXPECT_LT(loss(photo_ * 0.8 + 0.1), 0.02);
  EXPECT_GT(loss(photo_.flip({2})), 0.3);
}

TEST_F(PartLoss, GreyNoiseOnTheCheekDoesNotCount) {
  torch::Tensor result = photo_.clone();
  result.slice(2, 44, 64).uniform_(-1.0, 1.0);
  EXPECT_LT(loss(result), 1e-6);
}

TEST_F(PartLoss, PicturesWithoutThePartCountAsAlike) {
  torch::Tensor classes = two_faces();
  classes[1].masked_fill_(classes[1] == kLeftEye, kSkin);
  crops_ = eye_crops(classes);
  torch::Tensor result = photo_.clone();
  result[1].uniform_(-1.0, 1.0);
  EXPECT_LT(loss(result), 1e-6);
}

TEST_F(PartLoss, ItsGradientIsThatOfDifferences) {
  torch::Tensor result =
      (torch::rand({2, 3, 64, 64}) * 2.0 - 1.0).requires_grad_(true);
  part_loss(net_, result, photo_, crops_, false).backward();
  const torch::Tensor direction = torch::randn({2, 3, 64, 64});
  constexpr double kStep = 1e-3;
  const torch::NoGradGuard no_grad;
  const double slope =
      (loss(result + direction * kStep) - loss(result - direction * kStep)) /
      (2.0 * kStep);
  const double expected = (result.grad() * direction).sum().item<double>();
  EXPECT_NEAR(slope, expected, 0.02 * std::abs(expected) + 1e-3);
}

}  // namespace
}  // namespace limner::train
