// The modules against the reference dumps of the published network, and
// against limner's own inference on random models.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "image/codec.h"
#include "image/resize.h"
#include "model/read_layout.h"
#include "model/state_dict.h"
#include "model/test_config.h"
#include "pipeline/engine.h"
#include "pipeline/random_model.h"
#include "sketch/labels.h"
#include "train/modules/face_model.h"
#include "train/modules/test_support.h"
#include "train/modules/weights_io.h"
#include "util/test_folder.h"

namespace limner::train {
namespace {

constexpr double kTolerance = 1e-4;
constexpr int kLabels = 22;

// [h, w] of labels -> [1, 22, h, w] of zeros and ones.
torch::Tensor stroke_channels(const torch::Tensor& labels) {
  return torch::one_hot(labels.to(torch::kInt64), kLabels + 1)
      .slice(2, 1)
      .permute({2, 0, 1})
      .unsqueeze(0)
      .to(torch::kFloat32);
}

SynthesisOptions registered_noise(int stop_at = 0) {
  SynthesisOptions options;
  options.fresh_noise = false;
  options.stop_at = stop_at;
  return options;
}

class DumpParity : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::filesystem::path folder = reference_folder() / GetParam();
    if (!std::filesystem::exists(folder / "model.pt")) {
      GTEST_SKIP() << "needs the reference data in " << folder;
    }
    dump_ = read_npz(folder / "dump-example1.npz");
    path_ = folder / "model.pt";
    model_ = load_face_model(path_);
    model_->eval();
  }

  torch::Tensor dump(const std::string& name) {
    return to_torch(dump_.at(name));
  }

  void compare(const std::string& name, const torch::Tensor& got) {
    const double error = relative_error(got, dump(name));
    EXPECT_LT(error, kTolerance) << name;
    worst_ = std::max(worst_, error);
  }

  void TearDown() override {
    RecordProperty("worst_relative_error", fmt::format("{:.2g}", worst_));
  }

  torch::NoGradGuard no_grad_;
  TensorMap dump_;
  std::filesystem::path path_;
  FaceModel model_{nullptr};
  double worst_ = 0.0;
};

// The dumps hold the codes of all heads, also of those that a model does not
// use: so this builds encoders that have them all.
TEST_P(DumpParity, EncodersGiveTheCodes) {
  const Checkpoint checkpoint = read_checkpoint(path_);
  const TensorMap tensors = model_tensors(checkpoint);
  const int styles = model_->config().styles;
  const torch::Tensor sketch = stroke_channels(dump("input_labels_256"));
  const torch::Tensor photo = dump("target_256");
  for (const std::string name : {"sketch_coarse", "sketch_fine", "face_fine"}) {
    const std::string prefix = "encoder_" + name + ".";
    Encoder encoder(read_encoder_config(tensors, prefix, 0, styles));
    load_weights(*encoder, tensors, prefix);
    encoder->eval();
    const torch::Tensor codes = encoder(name == "face_fine" ? photo : sketch);
    for (const int style : {0, 3, 7}) {
      compare(fmt::format("{}.style{}", name, style), codes.select(1, style));
    }
    if (name == "sketch_coarse") {
      compare(name + ".codes", codes.select(1, 0) * 60);
    } else {
      compare(name + ".codes", codes * 6);
    }
  }
}

TEST_P(DumpParity, MappingAndPhotoAppearance) {
  const torch::Tensor sketch = stroke_channels(dump("input_labels_256"));
  compare("mapping.w", model_->decoder->map(dump("sketch_coarse.codes")));
  compare("mapping.w", model_->sketch_w(sketch));
  compare("latent_avg", model_->latent_avg);
  compare("latent", model_->codes(sketch, dump("target_256")).styles);
}

TEST_P(DumpParity, SynthesisGivesThePicturesOfAllResolutions) {
  const torch::Tensor codes = dump("latent");
  for (int side = 4; side <= model_->config().size; side *= 2) {
    const std::string name = fmt::format("g.{}.rgb", side);
    if (!dump_.has(name)) continue;
    compare(name, model_->decoder(codes, registered_noise(side)));
  }
  const torch::Tensor image = model_->decoder(codes, registered_noise());
  compare("image_pool256", torch::adaptive_avg_pool2d(image, {256, 256}));
  if (dump_.has("image")) compare("image", image);
}

TEST_P(DumpParity, RandomAppearance) {
  const torch::Tensor codes =
      model_
          ->random_codes(stroke_channels(dump("input_labels_256")),
                         dump("rand_appearance.z"))
          .styles;
  compare("rand_appearance.latent", codes);
  compare("rand_appearance.image_pool256",
          torch::adaptive_avg_pool2d(model_->decoder(codes, registered_noise()),
                                     {256, 256}));
}

INSTANTIATE_TEST_SUITE_P(References, DumpParity,
                         testing::Values("tiny", "tiny1024"));

CodeTable to_table(const torch::Tensor& codes) {  // [1, rows, width]
  CodeTable table(static_cast<int>(codes.size(1)),
                  static_cast<int>(codes.size(2)));
  table.values = values_of(codes);
  return table;
}

// The same codes, picture and configuration from libtorch and from limner's
// inference for the model at `path`.
void compare_with_engine(const std::filesystem::path& path,
                         double faithfulness = 1.0) {
  const torch::NoGradGuard no_grad;
  FaceModel model = load_face_model(path);
  model->eval();
  EngineOptions options;
  options.precision = Precision::kExact;
  Engine engine(path, options);
  EXPECT_EQ(model->config().to_json(), engine.config().to_json());

  const int drawn_side = engine.config().drawing_side();
  Image labels(drawn_side, drawn_side, 1);
  torch::Tensor drawn = torch::zeros({drawn_side, drawn_side}, torch::kInt64);
  for (int i = 0; i < drawn_side; ++i) {
    for (const int x : {i, drawn_side - 1 - i, drawn_side / 2}) {
      const int label = 1 + (x + i) * kLabels / (2 * drawn_side);
      labels.pixels[i * drawn_side + x] = static_cast<uint8_t>(label);
      drawn[i][x] = label;
    }
  }
  const SketchCodes sketch =
      engine.embed_sketch(labels, static_cast<float>(faithfulness));
  torch::Tensor input = torch::pixel_unshuffle(stroke_channels(drawn),
                                               engine.config().sketch_fold);
  if (engine.config().faithfulness) {
    const torch::Tensor plane =
        torch::full_like(input.slice(1, 0, 1), 1.0 - faithfulness);
    input = torch::cat({input, plane}, 1);
  }
  EXPECT_LT(limner::relative_error(values_of(model->sketch_w(input)), sketch.w),
            kTolerance);
  EXPECT_LT(limner::relative_error(values_of(model->sketch_rows(input)),
                                   sketch.fine.values),
            kTolerance);

  const int side = engine.config().input_side;
  // Every 2x2 pixels alike, so that halving changes nothing.
  Image photo(2 * side, 2 * side, 3);
  torch::Tensor small = torch::empty({1, 3, side, side});
  auto pixels = small.accessor<float, 4>();
  for (int y = 0; y < 2 * side; ++y) {
    for (int x = 0; x < 2 * side; ++x) {
      for (int c = 0; c < 3; ++c) {
        const int value = (y / 2 * (c + 1) + x / 2 * (5 - c)) % 256;
        photo.row(y)[3 * x + c] = static_cast<uint8_t>(value);
        pixels[0][c][y / 2][x / 2] = static_cast<float>(value) / 127.5F - 1.0F;
      }
    }
  }
  const AppearanceCodes looks = engine.embed_photo(photo);
  EXPECT_LT(limner::relative_error(values_of(model->photo_rows(small)),
                                   looks.fine.values),
            kTolerance);

  const FaceCodes codes = model->codes(input, small);
  limner::FaceCodes joined = engine.combine(sketch, looks);
  EXPECT_LT(
      limner::relative_error(values_of(codes.styles), joined.styles.values),
      kTolerance);
  size_t next = 0;
  for (size_t level = 0; level < codes.maps.size(); ++level) {
    if (!codes.maps[level].defined()) continue;
    ASSERT_LT(next, joined.maps.size());
    StructureMap& map = joined.maps[next++];
    EXPECT_EQ(map.level, static_cast<int>(level));
    EXPECT_LT(limner::relative_error(values_of(codes.maps[level]), map.values),
              kTolerance);
    map.values = values_of(codes.maps[level]);
  }
  EXPECT_EQ(next, joined.maps.size());
  joined.styles = to_table(codes.styles);
  const double error = limner::relative_error(
      values_of(model->render(codes, registered_noise())),
      engine.render_raw(joined));
  EXPECT_LT(error, kTolerance);
  testing::Test::RecordProperty("picture_relative_error",
                                fmt::format("{:.2g}", error));
}

TEST(EngineParity, RandomModel) {
  const TestFolder folder;
  RandomModelOptions options;
  options.size = 64;
  options.width_divisor = 4;
  write_random_model(folder / "model.safetensors", options);
  compare_with_engine(folder / "model.safetensors");
  options.sharpening = 0.7;
  write_random_model(folder / "model.safetensors", options);
  compare_with_engine(folder / "model.safetensors");
  options.faithfulness = true;
  write_random_model(folder / "model.safetensors", options);
  compare_with_engine(folder / "model.safetensors", 0.3);
  compare_with_engine(folder / "model.safetensors", 1.0);
}

// Resets the statistics of batch norm and the noise, which a new model has at
// 0 and 1, so that the comparison can see them.
void disturb(FaceModelImpl& model) {
  const torch::NoGradGuard no_grad;
  for (const auto& item : model.named_buffers()) {
    const std::string& name = item.key();
    if (name.find("running_") != std::string::npos) {
      item.value().add_(torch::rand_like(item.value()) * 0.2);
    }
  }
  for (const auto& item : model.named_parameters()) {
    if (item.key().find("noise.weight") != std::string::npos) {
      item.value().fill_(0.1);
    }
  }
  model.latent_avg.normal_(0, 0.3);
}

// The modules have the names and shapes of the layout, and no others.
void expect_layout(const FaceModelImpl& model, const FaceConfig& config) {
  std::map<std::string, Shape> got, expected;
  for (const NamedTensor& item : named_tensors(model, "")) {
    // Batch norm's counters are for training alone.
    if (item.type != DType::kI64) got[item.name] = item.tensor.shape;
  }
  for (const TensorLayout& tensor : tensors_of(face_layout(config))) {
    expected[tensor.name] = tensor.shape;
  }
  EXPECT_EQ(got, expected);
}

void compare_saved_model(bool structure_maps, int sketch_fold,
                         bool faithfulness = false) {
  torch::manual_seed(1);
  const TestFolder folder;
  FaceConfig config = unpublished_config(4);
  config.structure_maps = structure_maps;
  config.sketch_fold = sketch_fold;
  config.faithfulness = faithfulness;
  config.sketch_coarse.inputs *= sketch_fold * sketch_fold;
  if (faithfulness) ++config.sketch_coarse.inputs;
  config.sketch_fine.inputs = config.sketch_coarse.inputs;
  FaceModel model(config);
  expect_layout(*model, config);
  disturb(*model);
  const std::filesystem::path path = folder / "saved.safetensors";
  EXPECT_EQ(save_face_model(model, path, {{"test", true}}).size(), 64U);
  compare_with_engine(path, faithfulness ? 0.3 : 1.0);

  // A drawing four times as large, its lines one pixel wide: nearest pixels
  // would lose most of them.
  Engine engine(path);
  Image drawing(256, 256, 1);
  for (int i = 0; i < 256; ++i) drawing.pixels[i * 256 + 101] = 7;
  const int side = engine.config().drawing_side();
  Image reduced(side, side, 1);
  for (int i = 0; i < side; ++i) {
    reduced.pixels[i * side + 101 * side / 256] = 7;
  }
  EXPECT_EQ(engine.embed_sketch(drawing).w, engine.embed_sketch(reduced).w);

  const FaceModel again = load_face_model(path);
  const auto expected = model->named_parameters();
  for (const auto& item : again->named_parameters()) {
    EXPECT_TRUE(torch::equal(item.value(), expected[item.key()])) << item.key();
  }
  for (const auto& item : again->named_buffers()) {
    EXPECT_TRUE(torch::equal(item.value(), model->named_buffers()[item.key()]))
        << item.key();
  }
}

TEST(EngineParity, SavedModel) { compare_saved_model(false, 1); }

TEST(EngineParity, SavedModelWithStructureMaps) {
  compare_saved_model(true, 1);
}

TEST(EngineParity, SavedModelOfFoldedDrawings) { compare_saved_model(true, 2); }

TEST(EngineParity, SavedModelThatReadsFaithfulness) {
  compare_saved_model(true, 2, true);
}

// [side, side] of labels -> int64.
torch::Tensor labels_of(const Image& image) {
  return torch::from_blob(const_cast<uint8_t*>(image.pixels.data()),
                          {image.height, image.width}, torch::kUInt8)
      .to(torch::kInt64);
}

// RGB of 512 px -> [1, 3, 256, 256] in [-1, 1], the mean of 2x2.
torch::Tensor photo_of(const Image& image) {
  const torch::Tensor bytes =
      torch::from_blob(const_cast<uint8_t*>(image.pixels.data()),
                       {1, image.height, image.width, 3}, torch::kUInt8);
  return torch::avg_pool2d(
      bytes.permute({0, 3, 1, 2}).to(torch::kFloat32) / 127.5 - 1.0, 2);
}

// Opt-in, as the full-size test of limner's inference is.
TEST(FullSize, OfficialCheckpoint) {
  const char* wanted = std::getenv("LIMNER_FULL");
  const char* file = std::getenv("LIMNER_FULL_MODEL");
  if (wanted == nullptr || std::string(wanted) != "1" || file == nullptr) {
    GTEST_SKIP() << "opt-in: needs LIMNER_FULL=1 and LIMNER_FULL_MODEL";
  }
  const torch::NoGradGuard no_grad;
  FaceModel model = load_face_model(file);
  model->eval();
  EXPECT_EQ(model->config().size, 1024);
  const TensorMap expected =
      read_npz(reference_folder() / "expected-seed1.npz");
  const std::filesystem::path examples = reference_folder() / "examples";
  for (const int i : {1, 4}) {
    const std::string name = fmt::format("{}.png", i);
    const auto want = [&](const char* what) {
      return to_torch(expected.at(fmt::format("{}_{}", what, i)));
    };
    const Image labels =
        resize(read_labels(examples / "sketch" / name, kLabels), 256, 256,
               Filter::kNearest);
    const torch::Tensor codes =
        model
            ->codes(stroke_channels(labels_of(labels)),
                    photo_of(read_rgb(examples / "appearance" / name)))
            .styles;
    const torch::Tensor image = model->decoder(codes, registered_noise());
    const double code_error = relative_error(codes[0], want("latent"));
    const double image_error = relative_error(
        torch::avg_pool2d(image, 4).squeeze(0), want("image256"));
    EXPECT_LT(code_error, kTolerance);
    EXPECT_LT(image_error, 1e-3);  // a reordered sum alone moves it by 5e-5
    fmt::print("example {}: codes {:.1e}, image {:.1e}\n", i, code_error,
               image_error);
  }
}

TEST(FaceModel, PartsThatDoNotFitAreRefused) {
  FaceConfig config = official_config(32, 16);
  config.generator.style_width = 16;
  EXPECT_THAT(error_of([&] { FaceModel model(config); }),
              testing::HasSubstr("codes of width 32, but the generator reads"));
  config = official_config(32, 16);
  config.split = 10;
  EXPECT_THAT(error_of([&] { FaceModel model(config); }),
              testing::HasSubstr("split index 10 is out of range"));
}

}  // namespace
}  // namespace limner::train
