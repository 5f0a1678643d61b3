// The full-size network against what the published code computes with the
// same weights. Opt-in (3.3 GB of weights): scripts/full-test makes the
// checkpoints and sets LIMNER_FULL=1, LIMNER_FULL_MODEL and, with ':' between
// them, LIMNER_FULL_MODELS.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "image/codec.h"
#include "pipeline/engine.h"
#include "sketch/labels.h"
#include "support/compare.h"
#include "weights/npz.h"

namespace limner {
namespace {

namespace fs = std::filesystem;

constexpr int kExamples = 6;
constexpr double kFloatBound = 1e-4;  // weights as floats
constexpr double kFastBound = 3e-3;   // in 16 bits; docs/performance.md says it

struct Errors {
  double codes = 0.0;
  double image = 0.0;  // of the 1024 px picture averaged to 256
  double crop = 0.0;   // of its middle at full size
};

// Planar [3, 1024, 1024] -> [3, 256, 256], the mean of 4x4.
std::vector<float> quarter(const std::vector<float>& image) {
  std::vector<float> small(size_t{3} * 256 * 256);
  for (size_t i = 0; i < small.size(); ++i) {
    const size_t c = i / 65536;
    const size_t y = i / 256 % 256;
    const size_t x = i % 256;
    double sum = 0.0;
    for (size_t j = 0; j < 16; ++j) {
      sum += image[(c * 1024 + y * 4 + j / 4) * 1024 + x * 4 + j % 4];
    }
    small[i] = static_cast<float>(sum / 16.0);
  }
  return small;
}

std::vector<float> crop(const std::vector<float>& image) {
  std::vector<float> part;
  part.reserve(size_t{3} * 128 * 128);
  for (size_t c = 0; c < 3; ++c) {
    for (size_t y = 448; y < 576; ++y) {
      const float* row = image.data() + (c * 1024 + y) * 1024;
      part.insert(part.end(), row + 448, row + 576);
    }
  }
  return part;
}

Errors worst_errors(const fs::path& model, Precision precision,
                    const char* what) {
  const fs::path reference = fs::path(LIMNER_SHARED) / "reference";
  const TensorMap expected = read_npz(reference / "expected-seed1.npz");
  EngineOptions options;
  options.precision = precision;
  Engine engine(model, options);
  Errors worst;
  for (int i = 1; i <= kExamples; ++i) {
    const auto want = [&](const char* name) {
      return expected.at(fmt::format("{}_{}", name, i)).to_f32();
    };
    const std::string file = fmt::format("{}.png", i);
    const SketchCodes sketch = engine.embed_sketch(
        read_labels(reference / "examples/sketch" / file, 22));
    const AppearanceCodes looks =
        engine.embed_photo(read_rgb(reference / "examples/appearance" / file));
    const double fine = relative_error(sketch.fine.values, want("sketch_fine"));
    const double face = relative_error(looks.fine.values, want("face_fine"));
    const FaceCodes codes = engine.combine(sketch, looks);
    const double latent = relative_error(codes.styles.values, want("latent"));
    const std::vector<float> image = engine.render_raw(codes);
    const double whole = relative_error(quarter(image), want("image256"));
    const double part = relative_error(crop(image), want("image_crop"));
    fmt::print(
        "{} example {}: sketch codes {:.2e}, photo codes {:.2e}, all codes "
        "{:.2e}, image {:.2e}, crop {:.2e}\n",
        what, i, fine, face, latent, whole, part);
    worst.codes = std::max({worst.codes, fine, face, latent});
    worst.image = std::max(worst.image, whole);
    worst.crop = std::max(worst.crop, part);
  }
  return worst;
}

class FullTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* wanted = std::getenv("LIMNER_FULL");
    const char* file = std::getenv("LIMNER_FULL_MODEL");
    if (wanted == nullptr || std::string(wanted) != "1" || file == nullptr) {
      GTEST_SKIP() << "opt-in: run scripts/full-test";
    }
    model = file;
  }
  fs::path model;
};

TEST_F(FullTest, ExactSums) {
  const Errors worst = worst_errors(model, Precision::kExact, "exact");
  EXPECT_LT(worst.codes, kFloatBound);
  EXPECT_LT(worst.image, kFloatBound);
  EXPECT_LT(worst.crop, kFloatBound);
}

TEST_F(FullTest, DefaultPrecision) {
  const Errors worst = worst_errors(model, Precision::kFast, "fast");
  EXPECT_LT(worst.codes, kFastBound);
  EXPECT_LT(worst.image, kFastBound);
  EXPECT_LT(worst.crop, kFastBound);
}

// Every example as `file` renders it with this precision.
std::vector<std::vector<float>> images_of(const fs::path& file,
                                          Precision precision) {
  const fs::path examples = fs::path(LIMNER_SHARED) / "reference/examples";
  EngineOptions options;
  options.precision = precision;
  Engine engine(file, options);
  std::vector<std::vector<float>> images;
  for (int i = 1; i <= kExamples; ++i) {
    const std::string name = fmt::format("{}.png", i);
    images.push_back(engine.render_raw(engine.combine(
        engine.embed_sketch(read_labels(examples / "sketch" / name, 22)),
        engine.embed_photo(read_rgb(examples / "appearance" / name)))));
  }
  return images;
}

TEST_F(FullTest, FastStaysCloseToExact) {
  const char* files = std::getenv("LIMNER_FULL_MODELS");
  ASSERT_NE(files, nullptr) << "run scripts/full-test";
  std::stringstream list(files);
  for (std::string file; std::getline(list, file, ':');) {
    const auto exact = images_of(file, Precision::kExact);
    const auto fast = images_of(file, Precision::kFast);
    for (int i = 0; i < kExamples; ++i) {
      const double error = relative_error(fast[i], exact[i]);
      fmt::print("{} example {}: fast against exact {:.2e}\n", file, i + 1,
                 error);
      EXPECT_LT(error, kFastBound);
    }
  }
}

TEST_F(FullTest, Bfloat16Weights) {
  const char* file = std::getenv("LIMNER_FULL_BF16");
  ASSERT_NE(file, nullptr) << "run scripts/full-test";
  const Errors worst = worst_errors(file, Precision::kFast, "bf16");
  EXPECT_LT(worst.codes, 2e-2);
  EXPECT_LT(worst.image, 2e-2);
  // Errors of smooth regions do not average out in a part of the picture.
  EXPECT_LT(worst.crop, 3e-2);
}

TEST_F(FullTest, Bfloat16Precision) {
  const Errors worst = worst_errors(model, Precision::kBf16, "to bf16");
  EXPECT_LT(worst.codes, 2e-2);
  EXPECT_LT(worst.image, 2e-2);
  // Errors of smooth regions do not average out in a part of the picture.
  EXPECT_LT(worst.crop, 3e-2);
}

}  // namespace
}  // namespace limner
