// Losses, features and gradients against the reference data.
#include <fmt/core.h>

#include <algorithm>

#include "train/losses/losses.h"
#include "train/modules/test_support.h"
#include "util/error.h"
#include "weights/checkpoint.h"

namespace limner::train {
namespace {

constexpr double kTolerance = 1e-4;

class LossReference : public testing::Test {
 protected:
  // Reads losses/NAME/dump.npz; false where it is not there.
  bool open(const std::string& name) {
    const std::filesystem::path file =
        reference_folder() / "losses" / name / "dump.npz";
    if (!std::filesystem::exists(file)) return false;
    dump_ = read_npz(file);
    return true;
  }

  static TensorMap weights(const std::string& name) {
    return read_checkpoint(reference_folder() / "losses" / name / "weights.pt")
        .tensors;
  }

  torch::Tensor dump(const std::string& name) {
    return to_torch(dump_.at(name));
  }

  // The dump's tensor, of which the gradient is wanted.
  torch::Tensor input(const std::string& name) {
    return dump(name).requires_grad_(true);
  }

  void compare(const std::string& name, const torch::Tensor& got) {
    const double error = relative_error(got, dump(name));
    RecordProperty(name, std::to_string(error));
    EXPECT_LT(error, kTolerance) << name;
  }

  // A gradient through the signs of an L1 loss or the choices of poolings and
  // ReLUs: where two values are nearly alike, the order of a sum decides, and
  // every set of instructions has its own, the reference's among them. What
  // that costs is measured against the same gradient computed in 64 bits: it
  // must not cost us more than it costs the reference. Single pixels may
  // differ, the change of the loss along the reference gradient may not.
  // got, exact: [b, 3, h, w].
  void compare_as_exact(const std::string& name, const torch::Tensor& got,
                        const torch::Tensor& exact, double along = kTolerance) {
    const torch::Tensor expected = dump(name);
    const double theirs = relative_error(expected, exact);
    const double ours = relative_error(got, exact);
    const double between = relative_error(got, expected);
    RecordProperty(name, fmt::format("reference {:.1e}, ours {:.1e}, between "
                                     "them {:.1e}",
                                     theirs, ours, between));
    EXPECT_LT(theirs, 1e-2) << name;
    EXPECT_LT(ours, std::max(kTolerance, 1.5 * theirs)) << name;
    EXPECT_LT(between, std::min(1e-2, std::max(kTolerance, 2.0 * theirs)))
        << name;
    EXPECT_LT(relative_error((got * expected).sum(), expected.square().sum()),
              along)
        << name;
  }

  // A copy of which the gradient is wanted.
  static torch::Tensor in_64_bits(const torch::Tensor& values) {
    return values.detach().to(torch::kDouble).requires_grad_(true);
  }

  static Unet parser() {
    const TensorMap tensors = weights("maskfeat");
    Unet net(read_unet_config(tensors, ""));
    load_weights(*net, tensors, "");
    net->eval();
    return net;
  }

  TensorMap dump_;
};

constexpr const char* kMissing = "needs the reference data in ../shared";

TEST_F(LossReference, ParserFeatures) {
  if (!open("maskfeat")) GTEST_SKIP() << kMissing;
  Unet net = parser();
  EXPECT_EQ(net->config().widths, UnetConfig().widths);
  EXPECT_EQ(net->config().classes, 19);
  const auto features = net->features(dump("y_hat"));
  ASSERT_EQ(features.size(), 5U);
  const char* names[] = {"feat_pred_0_up4", "feat_pred_1_up3",
                         "feat_pred_2_up2", "feat_pred_3_up1",
                         "feat_pred_4_final"};
  for (size_t i = 0; i < features.size(); ++i) compare(names[i], features[i]);
}

TEST_F(LossReference, SemanticFeatureMatchingWithoutPooling) {
  if (!open("maskfeat")) GTEST_SKIP() << kMissing;
  Unet net = parser();
  for (int layers = 1; layers <= 5; ++layers) {
    compare("l1_first" + std::to_string(layers),
            mask_feature_loss(net, dump("y_hat"), dump("y"), layers, 0));
  }
  const torch::Tensor y_hat = input("y_hat");
  mask_feature_loss(net, y_hat, dump("y"), 4, 0).backward();
  compare("grad_y_hat_first4", y_hat.grad());
  EXPECT_THROW(mask_feature_loss(net, y_hat, dump("y"), 6, 0), Error);
  EXPECT_THROW(mask_feature_loss(net, y_hat, dump("y"), 0, 0), Error);
}

// Here the gradient sums the signs of millions of differences and the choices
// of as many ReLUs and poolings.
TEST_F(LossReference, SemanticFeatureMatchingPoolsTo512) {
  if (!open("maskfeat")) GTEST_SKIP() << kMissing;
  Unet net = parser(), exact_net = parser();
  exact_net->to(torch::kDouble);
  for (const std::string side : {"64", "256"}) {
    const std::string name = "crit" + side + "_";
    const torch::Tensor y_hat = input(name + "y_hat"), y = dump(name + "y");
    // [5]: the difference of each layer; the loss is the sum of the first.
    const torch::Tensor l1 = dump(name + "l1");
    const torch::Tensor loss = mask_feature_loss(net, y_hat, y);
    EXPECT_LT(relative_error(loss, l1.slice(0, 0, 4).sum()), kTolerance);
    loss.backward();
    const torch::Tensor precise = in_64_bits(y_hat);
    mask_feature_loss(exact_net, precise, y.to(torch::kDouble)).backward();
    compare_as_exact(name + "grad_first4", y_hat.grad(), precise.grad());
    const torch::NoGradGuard no_grad;
    const torch::Tensor logits =
        net(torch::adaptive_avg_pool2d(y_hat, {512, 512}));
    compare(name + "final_crop", logits.slice(2, 200, 232).slice(3, 200, 232));
  }
}

TEST_F(LossReference, MaskCrossEntropy) {
  if (!open("maskce")) GTEST_SKIP() << kMissing;
  Unet net = parser();
  const torch::Tensor y_hat = input("y_hat");
  const torch::Tensor loss = mask_loss(net, y_hat, dump("labels"));
  compare("loss", loss);
  loss.backward();
  compare("grad_y_hat", y_hat.grad());
  EXPECT_TRUE(torch::equal(net(y_hat).argmax(1), dump("argmax")));
}

TEST_F(LossReference, FaceAttributes) {
  if (!open("fac")) GTEST_SKIP() << kMissing;
  const TensorMap tensors =
      without_container(weights("fac"), "model_state_dict.");
  SlimCnn net(read_slim_cnn_config(tensors));
  load_weights(*net, tensors, "");
  net->eval();
  const torch::Tensor y_hat = input("y_hat");
  const auto features = net->features(y_hat);
  for (size_t i = 0; i < features.size(); ++i) {
    compare("feat" + std::to_string(i), features[i]);
  }
  compare("attr", net(y_hat));
  const torch::Tensor loss = fac_loss(net, y_hat, dump("y"));
  compare("loss", loss);
  loss.backward();
  net->to(torch::kDouble);
  const torch::Tensor precise = in_64_bits(y_hat);
  fac_loss(net, precise, dump("y").to(torch::kDouble)).backward();
  compare_as_exact("grad_y_hat", y_hat.grad(), precise.grad(), 1e-3);
}

TEST_F(LossReference, Lpips) {
  if (!open("lpips")) GTEST_SKIP() << kMissing;
  LpipsNet net;
  load_weights(*net, weights("lpips"), "");
  net->eval();
  const auto features = net->features(dump("64_y_hat"));
  for (size_t i = 0; i < features.size(); ++i) {
    compare("64_feat" + std::to_string(i), features[i]);
  }
  for (const std::string side : {"64", "256"}) {
    const torch::Tensor y_hat = input(side + "_y_hat");
    const torch::Tensor loss = lpips_loss(net, y_hat, dump(side + "_y"));
    compare(side + "_loss", loss);
    loss.backward();
    compare(side + "_grad", y_hat.grad());
  }
}

TEST_F(LossReference, CodesNearTheirMean) {
  if (!open("wnorm")) GTEST_SKIP() << kMissing;
  const torch::Tensor codes = input("latent");
  const torch::Tensor loss = w_norm_loss(codes, dump("latent_avg"));
  compare("loss", loss);
  loss.backward();
  compare("grad", codes.grad());
}

}  // namespace
}  // namespace limner::train
