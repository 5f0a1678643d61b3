#include "pipeline/random_model.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>

#include "util/files.h"
#include "util/test_folder.h"
#include "weights/checkpoint.h"

namespace limner {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

RandomModelOptions options_of(int size, int divisor) {
  RandomModelOptions options;
  options.size = size;
  options.width_divisor = divisor;
  return options;
}

class RandomModelTest : public ::testing::Test {
 protected:
  const TestFolder own_;
  const fs::path folder_ = own_.path();
};

TEST_F(RandomModelTest, ConfigFollowsTheOptions) {
  const ModelConfig full = random_model_config(options_of(1024, 1));
  EXPECT_EQ(full.styles, 18);
  EXPECT_EQ(full.style_width, 512);
  EXPECT_EQ(full.split, 8);
  EXPECT_EQ(full.labels, 22);
  // 832 million of the official model, less the 462 million that are dead,
  // and 2.2 million of noise and mean codes.
  EXPECT_NEAR(static_cast<double>(full.parameters), 372.2e6, 0.1e6);

  const ModelConfig small = random_model_config(options_of(16, 16));
  EXPECT_EQ(small.styles, 6);
  EXPECT_EQ(small.split, 4);
  EXPECT_EQ(small.style_width, 32);
}

TEST_F(RandomModelTest, ValuesAreSpreadAsSaid) {
  const RandomModelOptions options = options_of(64, 4);
  const fs::path path = folder_ / "m.safetensors";
  write_random_model(path, options);
  const Checkpoint file = read_checkpoint(path);
  for (const RandomTensor& expected : random_tensors(options)) {
    const Tensor& tensor = file.tensors.at(expected.name, expected.shape);
    const std::vector<float> values = tensor.to_f32();
    double sum = 0.0;
    double squares = 0.0;
    for (const float value : values) {
      ASSERT_TRUE(std::isfinite(value)) << expected.name;
      sum += value;
      squares += static_cast<double>(value) * value;
    }
    if (values.size() < 10000 || expected.blur_kernel) continue;
    const double count = static_cast<double>(values.size());
    const double mean = sum / count;
    const double deviation = std::sqrt(squares / count - mean * mean);
    EXPECT_NEAR(mean, expected.mean, 0.05 * expected.deviation);
    EXPECT_NEAR(deviation, expected.deviation, 0.03 * expected.deviation)
        << expected.name;
  }
}

TEST_F(RandomModelTest, SeedsDecide) {
  RandomModelOptions options = options_of(16, 16);
  const std::string one =
      write_random_model(folder_ / "1.safetensors", options);
  const std::string same =
      write_random_model(folder_ / "2.safetensors", options);
  options.seed = 2;
  const std::string other =
      write_random_model(folder_ / "3.safetensors", options);
  EXPECT_EQ(one, same);
  EXPECT_NE(one, other);
  EXPECT_EQ(read_file(folder_ / "1.safetensors"),
            read_file(folder_ / "2.safetensors"));
}

TEST_F(RandomModelTest, OnlyMatricesAreShortened) {
  RandomModelOptions options = options_of(16, 16);
  options.type = DType::kBF16;
  write_random_model(folder_ / "m.safetensors", options);
  const Checkpoint file = read_checkpoint(folder_ / "m.safetensors");
  const auto type = [&](const char* name) {
    return file.tensors.at(name).type;
  };
  EXPECT_EQ(type("decoder.conv1.conv.weight"), DType::kBF16);
  EXPECT_EQ(type("decoder.style.1.weight"), DType::kBF16);
  EXPECT_EQ(type("decoder.style.1.bias"), DType::kF32);
  EXPECT_EQ(type("decoder.conv1.noise.weight"), DType::kF32);
  EXPECT_EQ(type("decoder.noises.noise_1"), DType::kF32);
  EXPECT_EQ(type("decoder.to_rgb1.bias"), DType::kF32);
  EXPECT_EQ(type("encoder_face_fine.input_layer.2.weight"), DType::kF32);
  EXPECT_EQ(type("latent_avg"), DType::kF32);
}

TEST_F(RandomModelTest, BadOptionsAreRefused) {
  const auto message = [](int size, int divisor) {
    return error_of([&] { random_tensors(options_of(size, divisor)); });
  };
  EXPECT_THAT(message(100, 16), HasSubstr("power of two from 16 to 1024"));
  EXPECT_THAT(message(8, 16), HasSubstr("got 8"));
  EXPECT_THAT(message(0, 16), HasSubstr("got 0"));
  EXPECT_THAT(message(64, 3), HasSubstr("got 3"));
  EXPECT_THAT(message(64, 32), HasSubstr("got 32"));
}

}  // namespace
}  // namespace limner
