// The parts that the stages are made of. Whole runs are tested from the
// outside, in tests/train.
#include <gmock/gmock.h>

#include "train/modules/test_support.h"
#include "train/stages/faces.h"
#include "train/stages/growth.h"
#include "train/stages/overlap.h"
#include "train/stages/parser.h"
#include "train/stages/pictures.h"
#include "train/stages/region_loss.h"
#include "train/stages/settings.h"
#include "util/error.h"
#include "util/test_folder.h"

namespace limner::train {
namespace {

using testing::HasSubstr;

TEST(Growth, SizesFollowThePicturesSeen) {
  GrowthSettings growth;
  EXPECT_EQ(growth.side(0, 128), 128);
  growth.sizes = {32, 64, 128};
  growth.at = {100, 300};
  growth.check(128);
  EXPECT_EQ(growth.side(0, 128), 32);
  EXPECT_EQ(growth.side(99, 128), 32);
  EXPECT_EQ(growth.side(100, 128), 64);
  EXPECT_EQ(growth.side(300, 128), 128);
  EXPECT_THAT(error_of([&] { growth.check(64); }), HasSubstr("from 8 to 64"));
  growth.at = {100};
  EXPECT_THAT(error_of([&] { growth.check(128); }), HasSubstr("one less"));
  growth.at = {100, 100};
  EXPECT_THAT(error_of([&] { growth.check(128); }), HasSubstr("must rise"));
}

TEST(Overlap, CountsClassesOfTheTruth) {
  Overlap overlap;
  // Truth: two pixels of skin, two of hair; one of the hair is parsed as hat.
  overlap.add(torch::tensor({{{1, 1}, {13, 13}}}),
              torch::tensor({{{1, 1}, {13, 14}}}));
  EXPECT_DOUBLE_EQ(overlap.pixels(), 0.75);
  EXPECT_DOUBLE_EQ(overlap.by_class().at("iou_skin"), 1.0);
  EXPECT_DOUBLE_EQ(overlap.by_class().at("iou_hair"), 0.5);
  EXPECT_EQ(overlap.by_class().count("iou_hat"), 0U);
  EXPECT_DOUBLE_EQ(overlap.mean_iou(), 0.75);
}

TEST(DiceLoss, IsZeroForSureRightAnswersAndOneForWrongOnes) {
  const torch::Tensor classes = torch::tensor({{{0, 1}, {2, 2}}});
  const torch::Tensor right =
      torch::one_hot(classes, 4).permute({0, 3, 1, 2}).to(torch::kFloat32) *
      100;
  const auto loss = [&](const torch::Tensor& logits) {
    return dice_loss(torch::log_softmax(logits, 1), classes).item<double>();
  };
  EXPECT_NEAR(loss(right), 0.0, 1e-5);
  EXPECT_NEAR(loss(-right), 1.0, 1e-5);
}

TEST(RegionLoss, ComparesRegionsWhereverTheyAre) {
  // Left half skin, right half hair; then the other way round.
  const torch::Tensor classes =
      torch::cat({torch::full({1, 4, 2}, 1), torch::full({1, 4, 2}, 13)}, 2);
  const torch::Tensor flipped = classes.flip({2});
  const torch::Tensor picture =
      torch::where(classes.unsqueeze(1) == 1, torch::tensor(0.5F),
                   torch::tensor(-0.5F))
          .expand({1, 3, 4, 4});
  EXPECT_NEAR(
      region_loss(picture, classes, picture.flip({3}), flipped).item<double>(),
      0.0, 1e-6);
  // Half the numbers of a region are means, which are 1 apart.
  EXPECT_NEAR(region_loss(picture, classes, picture, flipped).item<double>(),
              0.5, 1e-5);
  // Nothing in common: nothing to compare.
  EXPECT_EQ(region_loss(picture, torch::zeros_like(classes), picture,
                        torch::full_like(classes, 5))
                .item<double>(),
            0.0);
}

TEST(StrokePlanes, OneChannelAClass) {
  const torch::Tensor sketch =
      torch::tensor({{{0, 1}, {22, 0}}}, torch::kUInt8);
  const torch::Tensor planes = stroke_planes(sketch, 1);
  EXPECT_EQ(planes.sizes(), torch::IntArrayRef({1, 22, 2, 2}));
  EXPECT_EQ(planes.sum().item<double>(), 2.0);
  EXPECT_EQ(planes[0][0][0][1].item<double>(), 1.0);
  EXPECT_EQ(planes[0][21][1][0].item<double>(), 1.0);
}

TEST(StrokePlanes, AFoldIsOnePixelOfMoreChannels) {
  const torch::Tensor sketch =
      torch::tensor({{{0, 1, 0, 0}, {22, 0, 0, 3}}}, torch::kUInt8);
  const torch::Tensor planes = stroke_planes(sketch, 2);
  EXPECT_EQ(planes.sizes(), torch::IntArrayRef({1, 88, 1, 2}));
  EXPECT_EQ(planes.sum().item<double>(), 3.0);
  EXPECT_EQ(planes[0][1][0][0].item<double>(), 1.0);   // class 1, right above
  EXPECT_EQ(planes[0][86][0][0].item<double>(), 1.0);  // class 22, left below
  EXPECT_EQ(planes[0][11][0][1].item<double>(), 1.0);  // class 3, right below
}

TEST(StrokePlanes, FaithfulnessIsAPlaneBehindThem) {
  const torch::Tensor sketch =
      torch::tensor({{{0, 1}, {22, 0}}, {{0, 0}, {3, 0}}}, torch::kUInt8);
  const torch::Tensor planes =
      stroke_planes(sketch, 2, torch::tensor({0.25F, 1.0F}));
  EXPECT_EQ(planes.sizes(), torch::IntArrayRef({2, 89, 1, 1}));
  EXPECT_TRUE(torch::equal(planes.slice(1, 0, 88), stroke_planes(sketch, 2)));
  EXPECT_EQ(planes[0][88][0][0].item<double>(), 0.75);
  EXPECT_EQ(planes[1][88][0][0].item<double>(), 0.0);

  FaceConfig config;
  config.sketch_fold = 2;
  EXPECT_TRUE(torch::equal(encoder_input(config, sketch, torch::zeros({2})),
                           stroke_planes(sketch, 2)));
  config.faithfulness = true;
  EXPECT_TRUE(torch::equal(encoder_input(config, sketch),
                           stroke_planes(sketch, 2, torch::ones({2}))));
}

// A model that is told the faithfulness of drawings, from a file of one that
// is not, and back.
TEST(Faithfulness, TakesOverAModelWithoutIt) {
  const TestFolder folder;
  ModelSettings settings;
  settings.size = 32;
  settings.encoder_side = 32;
  settings.split = 3;
  settings.style_width = 32;
  settings.encoder_widths = {8, 12, 16, 32};
  settings.channels = {16, 16, 12, 8};
  torch::manual_seed(2);
  FaceModel old(settings.face_config());
  save_face_model(old, folder / "old.safetensors", {{"test", true}});
  settings.faithfulness = true;
  FaceModel model(settings.face_config());
  EXPECT_TRUE(model->config().faithfulness);
  EXPECT_EQ(model->config().labels, 22);
  EXPECT_EQ(model->config().drawing_channels(), 89);
  take_over_weights(*model, folder / "old.safetensors");

  const torch::NoGradGuard no_grad;
  old->eval();
  model->eval();
  const torch::Tensor sketch =
      torch::randint(0, 23, {2, 64, 64}, torch::kInt64).to(torch::kUInt8);
  const torch::Tensor photo = torch::rand({2, 3, 32, 32});
  SynthesisOptions options;
  options.fresh_noise = false;
  const auto made = [&](FaceModel& by, double faithfulness) {
    const torch::Tensor input = encoder_input(by->face_config(), sketch,
                                              torch::full({2}, faithfulness));
    return by->render(by->codes(input, photo), options);
  };
  EXPECT_TRUE(torch::equal(made(model, 1.0), made(old, 1.0)));
  // It has yet to learn what the number means.
  EXPECT_TRUE(torch::equal(made(model, 0.3), made(old, 1.0)));
  for (Encoder* encoder : {&model->sketch_coarse, &model->sketch_fine}) {
    (*encoder)
        ->named_parameters()["input_layer.0.weight"]
        .slice(1, 88)
        .normal_();
  }
  EXPECT_TRUE(torch::equal(made(model, 1.0), made(old, 1.0)));
  EXPECT_FALSE(torch::equal(made(model, 0.3), made(old, 1.0)));

  save_face_model(model, folder / "new.safetensors", {{"test", true}});
  settings.faithfulness = false;
  FaceModel back(settings.face_config());
  take_over_weights(*back, folder / "new.safetensors");
  back->eval();
  EXPECT_TRUE(torch::equal(made(back, 1.0), made(old, 1.0)));
}

TEST(ModelSettings, MakeAModelThatCanBeCut) {
  const ModelSettings settings;
  const FaceConfig config = settings.face_config();
  FaceModel model(config);
  EXPECT_EQ(model->config().size, 128);
  EXPECT_EQ(model->config().split, settings.split);
  const FaceConfig cut = cut_to_size(config, 64);
  FaceModel small(cut);
  EXPECT_EQ(small->config().size, 64);
  take_over_weights(*small, *model);
  // The small model makes what the large one does on its way.
  torch::NoGradGuard no_grad;
  model->eval();
  small->eval();
  torch::manual_seed(1);
  const torch::Tensor strokes =
      torch::rand({1, config.sketch_fine.inputs, 64, 64});
  const torch::Tensor photo = torch::rand({1, 3, 64, 64});
  SynthesisOptions options;
  options.fresh_noise = false;
  const torch::Tensor expected = [&] {
    SynthesisOptions stopped = options;
    stopped.stop_at = 64;
    return model->render(model->codes(strokes, photo), stopped);
  }();
  EXPECT_LT(relative_error(small->render(small->codes(strokes, photo), options),
                           expected),
            1e-6);

  ModelSettings wrong = settings;
  wrong.size = 256;
  EXPECT_THAT(error_of([&] { wrong.face_config(); }), HasSubstr("'channels'"));
  wrong = settings;
  wrong.encoder_widths = {16, 32, 32, 128};
  EXPECT_THAT(error_of([&] { wrong.face_config(); }),
              HasSubstr("32 twice in a row"));
}

TEST(Context, RatesAndAverages) {
  TrainingSettings settings;
  settings.optimizer.lr = 1.0;
  settings.lr_warmup = 10;
  settings.lr_end = 0.1;
  settings.batch = 10;
  settings.ema_images = 1000;
  const Context context(settings, 1000, Processes::alone());
  EXPECT_DOUBLE_EQ(context.rate(0), 0.1);
  EXPECT_DOUBLE_EQ(context.rate(4), 0.5);
  EXPECT_NEAR(context.rate(500), 0.55, 1e-9);
  EXPECT_NEAR(context.rate(1000), 0.1, 1e-9);
  // Half is forgotten after ema_images pictures.
  EXPECT_NEAR(std::pow(context.ema_decay(100000), 100), 0.5, 1e-9);
  EXPECT_LT(context.ema_decay(0), 1e-3);
}

TEST(Context, RandomNumbersDependOnStepAndPurposeAlone) {
  const Context context(TrainingSettings(), 10, Processes::alone());
  const auto draw = [&](int64_t step, int purpose) {
    return torch::randn({4}, context.generator(step, purpose), torch::kFloat32);
  };
  EXPECT_TRUE(torch::equal(draw(3, 1), draw(3, 1)));
  EXPECT_FALSE(torch::equal(draw(3, 1), draw(4, 1)));
  EXPECT_FALSE(torch::equal(draw(3, 1), draw(3, 2)));
}

TEST(Sheet, EnlargesSmallPicturesAndSetsThemSideBySide) {
  const torch::Tensor small = to_bytes(torch::full({2, 3, 2, 2}, 1.0));
  const torch::Tensor large = colour_strokes(torch::zeros({2, 4, 4}));
  const Image sheet = sheet_of({small, large});
  EXPECT_EQ(sheet.width, 8);
  EXPECT_EQ(sheet.height, 8);
  EXPECT_EQ(sheet.row(0)[0], 255);
  EXPECT_EQ(sheet.row(7)[3 * 3], 255);
  EXPECT_EQ(sheet.row(0)[3 * 4],
            colour_strokes(torch::zeros({1, 1, 1})).data_ptr<uint8_t>()[0]);
}

}  // namespace
}  // namespace limner::train
