#include "train/stages/looks.h"

#include <gmock/gmock.h>

#include <cmath>

#include "image/image.h"
#include "model/looks.h"
#include "train/modules/test_support.h"

namespace limner::train {
namespace {

// n codes [rows, width] around `mean`, spread along orthonormal directions by
// the given deviations.
struct KnownCodes {
  torch::Tensor mean, directions, codes;

  KnownCodes(int64_t n, int64_t rows, int64_t width,
             const std::vector<double>& deviations) {
    torch::manual_seed(1);
    const auto k = static_cast<int64_t>(deviations.size());
    const auto options = torch::kFloat64;
    mean = torch::randn({rows, width}, options) * 3;
    const torch::Tensor basis =
        std::get<0>(at::linalg_qr(torch::randn({rows * width, k}, options)));
    directions = basis.t().contiguous();
    const torch::Tensor scale = torch::tensor(deviations, options);
    codes = mean + (torch::randn({n, k}, options) * scale)
                       .matmul(directions)
                       .reshape({n, rows, width});
  }
};

TEST(SpreadOf, FindsTheComponentsOfAGaussian) {
  const std::vector<double> deviations = {4.0, 2.0, 1.0};
  const KnownCodes known(20000, 3, 8, deviations);
  const LookSpread spread = spread_of(known.codes.to(torch::kFloat32), 3);
  EXPECT_LT((spread.mean - known.mean).abs().max().item<double>(), 0.1);
  ASSERT_EQ(spread.components.sizes(), torch::IntArrayRef({3, 3, 8}));
  for (int64_t i = 0; i < 3; ++i) {
    const torch::Tensor got =
        spread.components[i].reshape({-1}).to(torch::kFloat64);
    const double along = got.dot(known.directions[i]).item<double>();
    const double length = got.norm().item<double>();
    EXPECT_NEAR(length, deviations[i], 0.03 * deviations[i]);
    EXPECT_GT(std::abs(along) / length, 0.999);
    // The sign: its largest number is positive.
    EXPECT_GT((got[got.abs().argmax()]).item<double>(), 0.0);
  }
  EXPECT_NEAR(spread.share, 1.0, 1e-9);
  // 16 and 4 of 21.
  EXPECT_NEAR(spread_of(known.codes, 2).share, 20.0 / 21.0, 0.005);
}

TEST(SpreadOf, FewPhotosSpanFewDirections) {
  const KnownCodes known(3, 2, 4, {1.0, 1.0, 1.0, 1.0});
  EXPECT_EQ(spread_of(known.codes, 48).components.size(0), 2);
  const LookSpread one = spread_of(known.codes.slice(0, 0, 1), 48);
  EXPECT_EQ(one.components.sizes(), torch::IntArrayRef({1, 2, 4}));
  EXPECT_EQ(one.components.abs().sum().item<double>(), 0.0);
  EXPECT_LT((one.mean - known.codes[0]).abs().max().item<double>(), 1e-6);
  // More photos than numbers.
  const KnownCodes many(50, 1, 2, {2.0, 1.0});
  EXPECT_EQ(spread_of(many.codes, 48).components.size(0), 2);
}

// Photos of one colour each: face i has the grey 10 i.
class GreyFaces : public Dataset {
 public:
  explicit GreyFaces(int64_t size) : size_(size) {}
  int64_t size() const override { return size_; }
  const FaceEntry& entry(int64_t) const override { return entry_; }
  Face load(int64_t i) const override {
    Face face;
    face.photo = Image(32, 32, 3);
    for (uint8_t& value : face.photo.pixels) value = 10 * i;
    face.mask = Image(32, 32, 1);
    for (uint8_t& value : face.mask.pixels) value = 1;
    return face;
  }

 private:
  int64_t size_;
  FaceEntry entry_;
};

std::vector<int> greys(int64_t faces, int64_t max) {
  std::vector<int> seen;
  visit_photos(GreyFaces(faces), 16, max, 2, [&](const torch::Tensor& photos) {
    EXPECT_EQ(photos.size(2), 16);
    for (int64_t i = 0; i < photos.size(0); ++i) {
      const auto value = photos[i][0][8][8].item<double>();
      seen.push_back(static_cast<int>(std::lround((value + 1) * 127.5 / 10)));
    }
  });
  return seen;
}

TEST(VisitPhotos, AreSpreadOverAll) {
  EXPECT_EQ(greys(5, 10), (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(greys(20, 5), (std::vector<int>{0, 4, 8, 12, 16}));
  EXPECT_EQ(greys(20, 18).size(), 18U);  // more than one batch
}

class LooksTest : public testing::Test {
 protected:
  LooksTest() {
    settings.components = 3;
    settings.every = 40;
    training.batch = 10;
    torch::manual_seed(1);
    model = FaceModel(official_config(16, 16));
    model->eval();
  }

  // Numbers that tell one spread of looks from another.
  static torch::Tensor drawn(const Looks& looks) {
    return looks.draw(0, 1, 0, 4, 32);
  }
  void change_encoder() {
    const torch::NoGradGuard no_grad;
    for (torch::Tensor& tensor : model->face_fine->parameters()) {
      tensor.mul_(1.1);
    }
  }

  LookSettings settings;
  TrainingSettings training;
  GreyFaces faces{6};
  FaceModel model{nullptr};
};

TEST_F(LooksTest, AreFoundAnewWhenItIsTime) {
  const Context context(training, 100, Processes::alone());
  Looks looks(settings, faces, context);
  const int64_t rows = model->config().styles - model->config().split;
  looks.update(0, *model, rows);
  const torch::Tensor first = drawn(looks);
  EXPECT_EQ(first.sizes(), torch::IntArrayRef({4, rows, 32}));
  change_encoder();
  for (const int64_t step : {1, 2, 3}) looks.update(step, *model, rows);
  EXPECT_TRUE(torch::equal(drawn(looks), first));
  looks.update(4, *model, rows);  // 40 pictures have been seen
  const torch::Tensor second = drawn(looks);
  EXPECT_FALSE(torch::equal(second, first));
  // Pictures grow: other rows.
  looks.update(5, *model, rows - 1);
  EXPECT_EQ(drawn(looks).size(1), rows - 1);
}

TEST_F(LooksTest, GoOnFromACheckpoint) {
  const Context context(training, 100, Processes::alone());
  const int64_t rows = model->config().styles - model->config().split;
  Looks looks(settings, faces, context);
  looks.update(0, *model, rows);
  State state;
  looks.save(state);
  change_encoder();
  Looks resumed(settings, faces, context);
  resumed.load(state);
  resumed.update(2, *model, rows);
  EXPECT_TRUE(torch::equal(drawn(resumed), drawn(looks)));
  resumed.update(4, *model, rows);
  EXPECT_FALSE(torch::equal(drawn(resumed), drawn(looks)));
  // A checkpoint without looks: found at the next step.
  Looks old(settings, faces, context);
  old.load(State());
  old.update(7, *model, rows);
  EXPECT_TRUE(torch::equal(drawn(old), drawn(resumed)));
}

TEST_F(LooksTest, DrawsDependOnStepAndPlaceInTheBatch) {
  const Context context(training, 100, Processes::alone());
  const int64_t rows = model->config().styles - model->config().split;
  Looks looks(settings, faces, context);
  looks.update(0, *model, rows);
  const torch::Tensor all = looks.draw(3, 1, 0, 4, 32);
  EXPECT_TRUE(torch::equal(looks.draw(3, 1, 2, 4, 32), all.slice(0, 2)));
  EXPECT_FALSE(torch::equal(looks.draw(4, 1, 0, 4, 32), all));
  EXPECT_FALSE(torch::equal(all[0], all[1]));
  // As limner draws them: the same weights along the components.
  const std::vector<double> z = look_weights(context.seed(3, 1), 2, 3);
  State state;
  looks.save(state);
  torch::Tensor expected = state.get("looks.mean").clone();
  for (size_t i = 0; i < z.size(); ++i) {
    expected += state.get("looks.components")[static_cast<int64_t>(i)] * z[i];
  }
  EXPECT_LT(relative_error(all[2], expected), 1e-5);
  EXPECT_EQ(looks.draw(3, 1, 4, 4, 32).size(0), 0);
}

TEST_F(LooksTest, InactiveOnesAreForTheMappingNetwork) {
  settings.components = 0;
  const Context context(training, 100, Processes::alone());
  Looks looks(settings, faces, context);
  looks.update(0, *model, 3);
  EXPECT_EQ(looks.draw(0, 1, 1, 4, 32).sizes(), torch::IntArrayRef({3, 32}));
  EXPECT_TRUE(looks.tensors(*model, 3).empty());
  State state;
  looks.save(state);
  EXPECT_FALSE(state.has("looks.mean"));
}

TEST_F(LooksTest, TheGeneratorTakesThemAsAPhotos) {
  const torch::NoGradGuard no_grad;
  const ModelConfig config = model->config();
  const torch::Tensor strokes =
      torch::rand({2, config.labels, config.input_side, config.input_side});
  const torch::Tensor photo =
      torch::rand({2, 3, config.input_side, config.input_side}) * 2 - 1;
  const torch::Tensor expected = model->codes(strokes, photo).styles;
  const torch::Tensor rows = model->photo_rows(photo);
  EXPECT_LT(relative_error(model->random_codes(strokes, rows).styles, expected),
            1e-6);
  // One drawing with a photo, the other with rows.
  EXPECT_LT(
      relative_error(
          model->mixed_codes(strokes, photo.slice(0, 0, 1), rows.slice(0, 1))
              .styles,
          expected),
      1e-5);
}

}  // namespace
}  // namespace limner::train
