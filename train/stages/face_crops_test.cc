// Where eyes and mouths are cut out.
#include "train/stages/face_crops.h"

#include "sketch/mask_sketch.h"
#include "train/modules/test_support.h"

namespace limner::train {
namespace {

// A face of 64 px whose eyes and mouth are rectangles.
torch::Tensor face() {
  torch::Tensor classes = torch::full({1, 64, 64}, kSkin, torch::kInt64);
  classes[0].slice(0, 28, 32).slice(1, 18, 26).fill_(kRightEye);
  classes[0].slice(0, 28, 32).slice(1, 38, 46).fill_(kLeftEye);
  classes[0].slice(0, 46, 50).slice(1, 24, 40).fill_(kUpperLip);
  return classes;
}

TEST(FaceCrops, EyesLieInTheMiddleOfTheirCrop) {
  const torch::Tensor classes = face();
  const FaceCrops crops = eye_crops(classes);
  EXPECT_EQ(crops.found[0].item<double>(), 1.0);
  const torch::Tensor eyes = (classes == kLeftEye) | (classes == kRightEye);
  const torch::Tensor cut =
      cut_out(eyes.unsqueeze(1).to(torch::kFloat32), crops);
  EXPECT_EQ(cut.sizes(), torch::IntArrayRef({1, 1, 16, 32}));
  // Mirrored it is the same, as the eyes are; something is around them.
  EXPECT_LT((cut - cut.flip({3})).abs().max().item<double>(), 1e-4);
  EXPECT_GT(cut.max().item<double>(), 0.9);
  EXPECT_EQ(cut.select(3, 0).abs().max().item<double>(), 0.0);
  EXPECT_EQ(cut.select(2, 0).abs().max().item<double>(), 0.0);
}

TEST(FaceCrops, AnEyeAloneIsNoPair) {
  torch::Tensor classes = face();
  classes.masked_fill_(classes == kLeftEye, kSkin);
  EXPECT_EQ(eye_crops(classes).found[0].item<double>(), 0.0);
  EXPECT_EQ(mouth_crops(classes).found[0].item<double>(), 1.0);
  classes.masked_fill_(classes == kUpperLip, kSkin);
  EXPECT_EQ(mouth_crops(classes).found[0].item<double>(), 0.0);
}

TEST(FaceCrops, GradientsStayInsideTheBox) {
  const torch::Tensor classes = face();
  torch::Tensor picture = torch::randn({1, 3, 64, 64}).requires_grad_(true);
  cut_out(picture, mouth_crops(classes)).sum().backward();
  EXPECT_GT(picture.grad()[0][0][48][32].item<double>(), 0.0);
  EXPECT_EQ(picture.grad()[0][0][10][10].item<double>(), 0.0);
}

}  // namespace
}  // namespace limner::train
