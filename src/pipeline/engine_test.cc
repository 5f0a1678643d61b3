// The whole way from files to pictures, against the reference data.
#include "pipeline/engine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

#include "image/codec.h"
#include "model/face_weights.h"
#include "model/looks.h"
#include "pipeline/random_model.h"
#include "sketch/labels.h"
#include "support/compare.h"
#include "util/error.h"
#include "util/random.h"
#include "util/test_folder.h"
#include "weights/npz.h"
#include "weights/safetensors.h"

namespace limner {
namespace {

namespace fs = std::filesystem;

const fs::path kReference = fs::path(LIMNER_SHARED) / "reference";

class ReferenceTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    folder = kReference / GetParam();
    if (!fs::exists(folder / "model.pt")) {
      GTEST_SKIP() << "needs the reference data in " << folder;
    }
    dump = read_npz(folder / "dump-example1.npz");
    labels = read_labels(kReference / "examples/sketch/1.png", 22);
    photo = read_rgb(kReference / "examples/appearance/1.png");
  }

  std::vector<float> expected(const std::string& name) const {
    return dump.at(name).to_f32();
  }

  fs::path folder;
  TensorMap dump;
  Image labels, photo;
};

TEST_P(ReferenceTest, FilesToPicture) {
  for (const Precision precision : {Precision::kExact, Precision::kFast}) {
    EngineOptions options;
    options.precision = precision;
    Engine engine(folder / "model.pt", options);
    const SketchCodes sketch = engine.embed_sketch(labels);
    const AppearanceCodes looks = engine.embed_photo(photo);
    EXPECT_LT(relative_error(sketch.w, expected("mapping.w")), 1e-4);
    const FaceCodes codes = engine.combine(sketch, looks);
    EXPECT_LT(relative_error(codes.styles.values, expected("latent")), 1e-4);

    const Image image = engine.render(codes);
    const std::vector<float> bytes = expected("image_u8");
    ASSERT_EQ(image.pixels.size(), bytes.size());
    size_t far_off = 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
      if (std::abs(image.pixels[i] - bytes[i]) > 1.0F) ++far_off;
    }
    EXPECT_LE(far_off, bytes.size() / 1000);
  }
}

TEST_P(ReferenceTest, PreviewIsTheRunningPicture) {
  Engine engine(folder / "model.pt");
  FaceCodes codes;
  codes.styles = CodeTable(engine.config().styles, engine.config().style_width);
  codes.styles.values = expected("latent");
  const std::vector<float> preview = engine.render_raw(codes, 32);
  EXPECT_LT(relative_error(preview, expected("g.32.rgb")), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Reference, ReferenceTest,
                         testing::Values("tiny", "tiny1024"));

class EngineTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    RandomModelOptions options;
    options.size = 64;
    options.width_divisor = 16;
    options.seed = 3;
    folder.emplace();
    path = *folder / "model.safetensors";
    write_random_model(path, options);
  }
  static void TearDownTestSuite() { folder.reset(); }

  static Image drawing() {
    Image labels(100, 80, 1);
    for (int x = 10; x < 60; ++x) labels.row(40)[x] = 17;
    for (int x = 20; x < 50; ++x) labels.row(50)[x] = 7;
    return labels;
  }

  static Image gradient() {
    Image photo(50, 70, 3);
    for (size_t i = 0; i < photo.pixels.size(); ++i) {
      photo.pixels[i] = static_cast<uint8_t>(i * 7 % 256);
    }
    return photo;
  }

  static std::optional<TestFolder> folder;
  static fs::path path;
};

std::optional<TestFolder> EngineTest::folder;
fs::path EngineTest::path;

TEST_F(EngineTest, SameInputsSamePicture) {
  Engine one(path);
  Engine two(path);
  const auto render = [](Engine& engine) {
    return engine
        .render(engine.combine(engine.embed_sketch(drawing()),
                               engine.embed_photo(gradient())))
        .pixels;
  };
  const auto first = render(one);
  EXPECT_EQ(first, render(one)) << "a second run of one engine";
  EXPECT_EQ(first, render(two)) << "another engine";
}

TEST_F(EngineTest, SharedWeightsInManyThreads) {
  constexpr int kThreads = 4;
  auto first = std::make_optional<Engine>(path);
  const auto render = [](Engine& engine, uint64_t seed) {
    return engine
        .render(engine.combine(engine.embed_sketch(drawing()),
                               engine.random_appearance(seed)))
        .pixels;
  };
  std::vector<std::vector<uint8_t>> expected;
  for (int i = 0; i < kThreads; ++i) expected.push_back(render(*first, i));
  std::vector<Engine> engines;
  for (int i = 0; i < kThreads; ++i) engines.push_back(first->sharing());
  first.reset();  // the others keep the weights
  std::vector<std::vector<uint8_t>> got(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] { got[i] = render(engines[i], i); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(got, expected);
}

TEST_F(EngineTest, DrawingAndLooksBothCount) {
  Engine engine(path);
  const SketchCodes sketch = engine.embed_sketch(drawing());
  const SketchCodes empty = engine.embed_sketch(Image(64, 64, 1));
  const AppearanceCodes looks = engine.embed_photo(gradient());
  const AppearanceCodes random = engine.random_appearance(1);
  const AppearanceCodes other = engine.random_appearance(2);
  const auto picture = [&](const SketchCodes& s, const AppearanceCodes& a) {
    return engine.render_raw(engine.combine(s, a));
  };
  const auto base = picture(sketch, looks);
  EXPECT_GT(relative_error(picture(empty, looks), base), 1e-3);
  EXPECT_GT(relative_error(picture(sketch, random), base), 1e-3);
  EXPECT_GT(relative_error(picture(sketch, other), picture(sketch, random)),
            1e-3);
}

TEST_F(EngineTest, RandomAppearanceIgnoresTheSketchsShift) {
  Engine engine(path);
  const FaceCodes codes = engine.combine(engine.embed_sketch(drawing()),
                                         engine.random_appearance(5));
  const FaceCodes all = engine.random_codes(engine.embed_sketch(drawing()), 5);
  const int split = engine.config().split;
  for (int row = split; row < codes.styles.rows; ++row) {
    for (int i = 0; i < codes.styles.width; ++i) {
      ASSERT_EQ(codes.styles.row(row)[i], all.styles.row(row)[i]);
    }
  }
}

TEST_F(EngineTest, FaithfulnessCountsWhereItIsRead) {
  RandomModelOptions options;
  options.size = 64;
  options.faithfulness = true;
  const fs::path file = *folder / "faithfulness.safetensors";
  write_random_model(file, options);
  Engine engine(file);
  EXPECT_TRUE(engine.config().faithfulness);
  EXPECT_EQ(engine.config().labels, 22);
  EXPECT_EQ(engine.config().drawing_channels(), 23);
  const SketchCodes whole = engine.embed_sketch(drawing());
  EXPECT_EQ(engine.embed_sketch(drawing(), 1.0F).w, whole.w);
  EXPECT_GT(relative_error(engine.embed_sketch(drawing(), 0.4F).w, whole.w),
            1e-3);
  EXPECT_GT(relative_error(engine.embed_sketch(drawing(), 0.4F).fine.values,
                           whole.fine.values),
            1e-3);
  for (const float wrong : {-0.1F, 1.1F, std::nanf("")}) {
    EXPECT_THROW(engine.embed_sketch(drawing(), wrong), Error);
  }

  Engine without(path);
  EXPECT_EQ(without.embed_sketch(drawing(), 0.4F).w,
            without.embed_sketch(drawing()).w);
}

// The model of EngineTest with looks of two components.
void write_with_looks(const fs::path& model, const fs::path& path) {
  const Checkpoint checkpoint = read_checkpoint(model);
  const ModelConfig config = read_face_weights(checkpoint).config;
  const int64_t rows = config.styles - config.split;
  const int64_t count = rows * config.style_width;
  std::vector<NamedTensor> tensors;
  for (const auto& [name, tensor] : checkpoint.tensors.tensors) {
    tensors.push_back({name, tensor, tensor.type});
  }
  const auto add = [&](const char* name, Shape shape, uint64_t seed,
                       int64_t size) {
    tensors.push_back({name,
                       make_tensor(std::move(shape), normal_values(seed, size)),
                       DType::kF32});
  };
  add(kLooksMean, {rows, config.style_width}, 1, count);
  add(kLooksComponents, {2, rows, config.style_width}, 2, 2 * count);
  write_safetensors(path, tensors, {{"format", "pt"}});
}

TEST_F(EngineTest, RandomAppearanceOfAModelWithLooks) {
  const fs::path with_looks = *folder / "looks.safetensors";
  write_with_looks(path, with_looks);
  Engine engine(with_looks);
  const ModelConfig& config = engine.config();
  EXPECT_EQ(config.look_components, 2);
  const AppearanceCodes looks = engine.random_appearance(5);
  // Offsets as a photo's, along the two components.
  EXPECT_TRUE(looks.relative);
  const std::vector<double> z = look_weights(5, 0, 2);
  const size_t count = looks.fine.values.size();
  const std::vector<float> mean = normal_values(1, count);
  const std::vector<float> components = normal_values(2, 2 * count);
  for (size_t i = 0; i < count; ++i) {
    ASSERT_NEAR(looks.fine.values[i],
                mean[i] + z[0] * components[i] + z[1] * components[count + i],
                1e-5);
  }
  // What mix takes for a seed: these looks for this drawing.
  const SketchCodes sketch = engine.embed_sketch(drawing());
  const FaceCodes own = engine.combine(sketch, looks);
  const FaceCodes mixed_in = engine.random_codes(sketch, 5);
  const FaceCodes without = Engine(path).random_codes(sketch, 5);
  EXPECT_TRUE(mixed_in.maps.empty());
  for (int row = 0; row < config.styles; ++row) {
    const CodeTable& expected =
        row < config.split ? without.styles : own.styles;
    for (int i = 0; i < config.style_width; ++i) {
      ASSERT_EQ(mixed_in.styles.row(row)[i], expected.row(row)[i]) << row;
    }
  }
}

TEST_F(EngineTest, RefusesWhatDoesNotFit) {
  Engine engine(path);
  Image labels = drawing();
  labels.pixels[7] = 23;
  EXPECT_THROW(engine.embed_sketch(labels), Error);
  EXPECT_THROW(engine.embed_photo(drawing()), Error);
  EXPECT_THROW(engine.render({CodeTable(3, 4), {}}), Error);
  const FaceCodes codes =
      engine.random_codes(engine.embed_sketch(drawing()), 1);
  EXPECT_THROW(engine.render(codes, 48), Error);
  EXPECT_THROW(engine.render(codes, 128), Error);
  EXPECT_THROW(engine.render(codes, 4), Error);
  EXPECT_EQ(engine.render(codes, 8).width, 8);

  EngineOptions options;
  options.photo_encoder = false;
  Engine partial(path, options);
  EXPECT_THROW(partial.embed_photo(gradient()), Error);
}

}  // namespace
}  // namespace limner
