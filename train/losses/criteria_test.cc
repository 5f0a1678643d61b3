// The losses without reference data, and all of them together.
#include "train/losses/criteria.h"

#include <gmock/gmock.h>

#include "train/modules/test_support.h"
#include "util/error.h"
#include "util/test_folder.h"

namespace limner::train {
namespace {

using testing::HasSubstr;

ArcFace small_face_network() {
  ArcFaceConfig config;
  config.body.widths = {4, 6, 8, 12};
  config.body.units = {1, 1, 1, 1};
  config.body.reduction = 2;
  config.width = 16;
  ArcFace net(config);
  net->eval();
  return net;
}

TEST(IdLoss, ComparesTheFaceAlone) {
  torch::manual_seed(1);
  ArcFace net = small_face_network();
  const torch::Tensor target = torch::randn({2, 3, 256, 256});
  EXPECT_NEAR(id_loss(net, target, target).item<double>(), 0.0, 1e-6);
  const torch::Tensor result =
      torch::randn({2, 3, 256, 256}).requires_grad_(true);
  const torch::Tensor loss = id_loss(net, result, target);
  EXPECT_GT(loss.item<double>(), 1e-4);
  loss.backward();
  // Rows 35..222 and columns 32..219 take part, nothing else does.
  const torch::Tensor used = (result.grad() != 0).any(0).any(0);
  EXPECT_EQ(used.sum().item<int64_t>(), 188 * 188);
  EXPECT_TRUE(used.slice(0, 35, 223).slice(1, 32, 220).all().item<bool>());

  // Twice the size, every 2x2 pixels alike: the same picture after pooling.
  const auto doubled = [](const torch::Tensor& x) {
    return x.detach().repeat_interleave(2, 2).repeat_interleave(2, 3);
  };
  EXPECT_LT(
      relative_error(id_loss(net, doubled(result), doubled(target)), loss),
      1e-4);
}

// The description itself, worked out step by step for one face.
TEST(IdLoss, IsOneMinusTheCosine) {
  torch::manual_seed(2);
  ArcFace net = small_face_network();
  const torch::Tensor a = torch::randn({1, 3, 256, 256});
  const torch::Tensor b = torch::randn({1, 3, 256, 256});
  const auto describe = [&](const torch::Tensor& x) {
    return net(torch::adaptive_avg_pool2d(x.slice(2, 35, 223).slice(3, 32, 220),
                                          {112, 112}));
  };
  const double cosine = (describe(a) * describe(b)).sum().item<double>();
  EXPECT_NEAR(id_loss(net, a, b).item<double>(), 1.0 - cosine, 1e-6);
}

TEST(MocoLoss, IsZeroForEqualPictures) {
  torch::manual_seed(3);
  ResNet50 net;
  net->eval();
  const torch::Tensor a = torch::randn({1, 3, 64, 64});
  EXPECT_NEAR(moco_loss(net, a, a).item<double>(), 0.0, 1e-6);
  const torch::Tensor b = a.clone().requires_grad_(true);
  const torch::Tensor loss = moco_loss(net, b, -a);
  EXPECT_GT(loss.item<double>(), 1e-6);
  loss.backward();
  EXPECT_GT(b.grad().abs().max().item<double>(), 0.0);
}

TEST(PerceptualLoss, PublishedSqueezeNet) {
  const std::filesystem::path file = std::filesystem::path(LIMNER_SHARED) /
                                     "weights" / "squeezenet1_0_imagenet.npz";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "needs " << file;
  torch::manual_seed(4);
  LossWeights weights;
  weights.l2 = 0.0;
  weights.lpips = 0.0;
  weights.perceptual = 2.0;
  LossFiles files;
  files.squeezenet = file;
  Criteria criteria(weights, files);
  const auto loss = [&](const torch::Tensor& x, const torch::Tensor& y) {
    LossInputs inputs;
    inputs.result = x;
    inputs.target = y;
    return criteria(inputs).total;
  };
  const torch::Tensor y = torch::rand({1, 3, 64, 64}) * 2 - 1;
  EXPECT_EQ(loss(y, y).item<double>(), 0.0);
  // More noise, more difference.
  const torch::Tensor noise = torch::randn_like(y);
  const double little = loss(y + 0.05 * noise, y).item<double>();
  EXPECT_GT(little, 0.0);
  EXPECT_GT(loss(y + 0.5 * noise, y).item<double>(), 2 * little);
  // Where all features are zero the gradient is zero, not NaN.
  const torch::Tensor flat = torch::full({1, 3, 64, 64}, -1.0F);
  flat.requires_grad_(true);
  loss(flat, y).backward();
  EXPECT_TRUE(flat.grad().isfinite().all().item<bool>());
}

TEST(Scaled, LargerSmallerOrAsItIs) {
  const torch::Tensor x = torch::arange(16.0F).reshape({1, 1, 4, 4});
  EXPECT_TRUE(torch::equal(scaled(x, 4), x));
  EXPECT_TRUE(torch::equal(scaled(x, 2), torch::avg_pool2d(x, 2)));
  const torch::Tensor larger = scaled(x, 8);
  EXPECT_EQ(larger.sizes(), torch::IntArrayRef({1, 1, 8, 8}));
  EXPECT_EQ(larger[0][0][0][0].item<float>(), 0.0F);
  // A quarter of the way from a pixel to the next.
  EXPECT_EQ(larger[0][0][0][1].item<float>(), 0.25F);
}

TEST(FeaturesCrop, BrowsToChinEnlarged) {
  torch::Tensor x = torch::zeros({1, 3, 128, 128});
  x.slice(2, 44, 108).slice(3, 32, 96).fill_(1.0F);
  EXPECT_TRUE(torch::equal(features_crop(x), torch::ones_like(x)));
  EXPECT_EQ(features_crop(torch::zeros({1, 3, 64, 64})).sizes(),
            torch::IntArrayRef({1, 3, 64, 64}));
}

TEST(FaceCrop, ScalesWithThePicture) {
  EXPECT_EQ(face_crop(torch::zeros({1, 3, 256, 256})).sizes(),
            torch::IntArrayRef({1, 3, 188, 188}));
  EXPECT_EQ(face_crop(torch::zeros({1, 3, 64, 64})).sizes(),
            torch::IntArrayRef({1, 3, 47, 47}));
}

TEST(Criteria, NeedsTheFilesAndInputsOfItsLosses) {
  EXPECT_THAT(error_of([] { Criteria(LossWeights(), LossFiles()); }),
              HasSubstr("lpips_lambda needs the weights of LPIPS"));
  LossWeights weights;
  weights.lpips = 0.0;
  weights.w_norm = 1.0;
  Criteria criteria(weights, LossFiles());
  LossInputs inputs;
  EXPECT_THAT(error_of([&] { criteria(inputs); }), HasSubstr("no result"));
  inputs.result = torch::zeros({1, 3, 8, 8});
  EXPECT_THAT(error_of([&] { criteria(inputs); }), HasSubstr("no target"));
  inputs.target = torch::ones({1, 3, 8, 8});
  EXPECT_THAT(error_of([&] { criteria(inputs); }),
              HasSubstr("w_norm has a weight, but got no codes"));
  inputs.codes = torch::ones({2, 4, 8});
  inputs.latent_avg = torch::zeros({4, 8});
  const LossResult losses = criteria(inputs);
  EXPECT_EQ(losses.parts.size(), 2U);
  EXPECT_NEAR(losses.total.item<double>(), 1.0 + std::sqrt(32.0), 1e-5);
}

TEST(Criteria, SumsWhatTheReferenceFilesGive) {
  const std::filesystem::path folder = reference_folder() / "losses";
  if (!std::filesystem::exists(folder / "lpips" / "weights.pt")) {
    GTEST_SKIP() << "needs the reference data in ../shared";
  }
  LossWeights weights;
  weights.l2 = 2.0;
  weights.l2_crop = 0.5;
  weights.lpips = 0.25;
  weights.lpips_crop = 0.125;
  weights.mask = 3.0;
  weights.mask_feat = 4.0;
  weights.mask_feat_layer = 1;
  weights.fac = 5.0;
  LossFiles files;
  files.lpips = folder / "lpips" / "weights.pt";
  files.parser = folder / "maskfeat" / "weights.pt";
  files.attributes = folder / "fac" / "weights.pt";
  Criteria criteria(weights, files);
  const TensorMap dump = read_npz(folder / "fac" / "dump.npz");
  LossInputs inputs;
  inputs.result = to_torch(dump.at("y_hat")).requires_grad_(true);
  inputs.target = to_torch(dump.at("y"));
  inputs.classes = torch::zeros({1, 256, 256}, torch::kInt64);
  const LossResult losses = criteria(inputs);
  const std::map<std::string, double> expected = {
      {"l2", 2.0},   {"l2_crop", 0.5},   {"lpips", 0.25}, {"lpips_crop", 0.125},
      {"mask", 3.0}, {"mask_feat", 4.0}, {"fac", 5.0}};
  double sum = 0.0;
  ASSERT_EQ(losses.parts.size(), expected.size());
  for (const auto& [name, weight] : expected) {
    sum += weight * losses.parts.at(name).item<double>();
  }
  EXPECT_NEAR(losses.total.item<double>(), sum, 1e-5 * sum);
  EXPECT_LT(relative_error(losses.parts.at("fac"), to_torch(dump.at("loss"))),
            1e-4);
  losses.total.backward();
  EXPECT_GT(inputs.result.grad().abs().max().item<double>(), 0.0);
}

// A file of one network given for another says so.
TEST(Criteria, WrongFilesAreNamed) {
  const std::filesystem::path folder = reference_folder() / "losses";
  if (!std::filesystem::exists(folder / "lpips" / "weights.pt")) {
    GTEST_SKIP() << "needs the reference data in ../shared";
  }
  LossWeights weights;
  weights.lpips = 0.0;
  weights.mask = 1.0;
  LossFiles files;
  files.parser = folder / "lpips" / "weights.pt";
  EXPECT_THAT(error_of([&] { Criteria(weights, files); }),
              testing::AllOf(HasSubstr("lpips"), HasSubstr("conv1.conv1")));
}

}  // namespace
}  // namespace limner::train
