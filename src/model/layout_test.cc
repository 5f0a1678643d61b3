#include "model/layout.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "model/config.h"
#include "model/face_weights.h"
#include "model/read_layout.h"
#include "model/test_config.h"
#include "util/error.h"

namespace limner {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Unlike any published model in all its numbers.
FaceConfig unusual_config() {
  FaceConfig config = unpublished_config(3);
  config.structure_maps = true;
  config.sketch_fold = 2;
  config.faithfulness = true;
  config.look_components = 5;
  for (EncoderConfig* encoder : {&config.sketch_coarse, &config.sketch_fine}) {
    encoder->inputs = 22 * 4 + 1;
    encoder->plane = true;
  }
  return config;
}

// A file of zeros with what the layout says, and the configuration as
// `convert` writes it.
Checkpoint file_of(const FaceConfig& config) {
  Checkpoint file;
  file.tensors.source = "model.safetensors";
  for (const TensorLayout& tensor : tensors_of(face_layout(config))) {
    int64_t count = 1;
    for (const int64_t side : tensor.shape) count *= side;
    file.tensors.tensors[tensor.name] =
        make_tensor(tensor.shape, std::vector<float>(count));
  }
  file.set_values({{"limner", model_config(config).to_json().dump()}});
  return file;
}

std::map<std::string, Shape> shapes_of(const FaceLayout& layout) {
  std::map<std::string, Shape> shapes;
  for (const TensorLayout& tensor : tensors_of(layout)) {
    EXPECT_TRUE(shapes.emplace(tensor.name, tensor.shape).second)
        << tensor.name << " stands there twice";
  }
  return shapes;
}

// At full size it is that of the published checkpoint, less what is dead.
TEST(Layout, IsThePublishedOne) {
  const fs::path spec =
      fs::path(LIMNER_SHARED) / "reference" / "checkpoint_spec.json";
  if (!fs::exists(spec)) GTEST_SKIP() << "no " << spec.filename();
  std::ifstream file(spec);
  std::map<std::string, Shape> official;
  const auto parsed = nlohmann::json::parse(file);
  for (const auto& entry : parsed["tensors"]) {
    official[entry[0].get<std::string>()] = entry[1].get<Shape>();
  }
  for (const auto& [name, shape] :
       shapes_of(face_layout(official_config(1024, 1)))) {
    if (name == kLatentAvg) continue;
    ASSERT_EQ(official.count(name), 1U) << name;
    EXPECT_EQ(official[name], shape) << name;
    official.erase(name);
  }
  for (const auto& [name, shape] : official) {
    const bool dead = name.find(".styles.") != std::string::npos ||
                      name.find("num_batches_tracked") != std::string::npos ||
                      name.find("encoder_sketch_coarse.latlayer") == 0;
    EXPECT_TRUE(dead) << name;
  }
}

TEST(Layout, OfficialNumbers) {
  const FaceConfig full = official_config(1024, 1);
  EXPECT_EQ(full.generator.channels, GeneratorConfig().channels);
  EXPECT_EQ(full.generator.styles(), 18);
  EXPECT_EQ(full.split, 8);
  EXPECT_EQ(full.labels(), 22);
  EXPECT_EQ(full.face_fine.body.reduction, 16);
  const FaceConfig small = official_config(16, 16);
  EXPECT_EQ(small.split, 4);
  EXPECT_EQ(small.generator.style_width, 32);
  EXPECT_EQ(small.face_fine.body.reduction, 4);
  EXPECT_THROW(official_config(100, 1), Error);
  EXPECT_THROW(official_config(64, 3), Error);
}

TEST(Layout, HeadsReadTheMapsThatThePaperSays) {
  const EncoderLayout encoder =
      encoder_layout(official_config(1024, 1).face_fine, "e.");
  ASSERT_EQ(encoder.heads.size(), 10U);
  EXPECT_EQ(encoder.heads.front().style, 8);
  for (int style = 0; style < 18; ++style) {
    EXPECT_EQ(head_level(style), style < 3 ? 0 : style < 7 ? 1 : 2);
  }
  // 64 px down to one.
  EXPECT_EQ(encoder.heads.front().convs.size(), 6U);
  EXPECT_EQ(encoder.heads.front().convs[1].name, "e.styles.8.convs.2");
  // The coarse heads alone need no other map than the body's last.
  EncoderConfig coarse;
  coarse.last = 3;
  EXPECT_EQ(encoder_layout(coarse, "").lateral1.name, "");
  coarse.last = 4;
  EXPECT_EQ(encoder_layout(coarse, "").lateral1.in, 256);
  EXPECT_EQ(encoder_layout(coarse, "").lateral2.name, "");
}

TEST(Layout, StructureMapsComeFromMapsOfTheSameSide) {
  EXPECT_EQ(structure_body_level(256, 2), 4);
  EXPECT_EQ(structure_body_level(256, 6), 0);
  EXPECT_EQ(structure_body_level(256, 1), -1);
  EXPECT_EQ(structure_body_level(256, 7), -1);
  const auto& structure = face_layout(unusual_config()).structure;
  ASSERT_EQ(structure.size(), 4U);
  EXPECT_EQ(structure[0].conv.weight.name, "structure.0.weight");
  EXPECT_EQ(structure[0].conv.weight.shape, Shape({40, 24, 1, 1}));
}

// What is written by a layout is read back as the same layout.
TEST(Layout, ComesBackFromAFile) {
  FaceConfig with_all_options = unusual_config();
  FaceConfig plain = official_config(64, 16);
  for (const FaceConfig& config : {with_all_options, plain}) {
    const FaceWeights read = read_face_weights(file_of(config));
    EXPECT_EQ(shapes_of(read.layout), shapes_of(face_layout(config)));
    EXPECT_EQ(read.config.to_json(), model_config(config).to_json());
    EXPECT_EQ(read.names().size(), shapes_of(face_layout(config)).size());
  }
}

TEST(Layout, NamesAreOfWhatTheFileHas) {
  Checkpoint file = file_of(official_config(64, 16));
  file.tensors.tensors.erase(kLatentAvg);
  file.tensors.tensors["encoder_sketch_coarse.styles.1.linear.bias"] =
      make_tensor({1}, {0});
  const FaceWeights read = read_face_weights(file);
  for (const std::string& name : read.names()) {
    EXPECT_NE(name, kLatentAvg);
    EXPECT_EQ(name.find("encoder_sketch_coarse.styles.1."), std::string::npos);
  }
  // All but 10 codes of 32 numbers.
  EXPECT_EQ(
      model_config(official_config(64, 16)).parameters - read.config.parameters,
      10 * 32);
}

TEST(Layout, PartsThatDoNotFitAreRefused) {
  const auto error = [](const FaceConfig& config) {
    try {
      check_config(config, "a.pt");
    } catch (const Error& caught) {
      return std::string(caught.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(error(unusual_config()), "no error");
  FaceConfig config = unusual_config();
  config.generator.style_width = 16;
  EXPECT_THAT(error(config), HasSubstr("a.pt: an encoder makes codes of width "
                                       "24, but the generator reads 16"));
  config = unusual_config();
  config.split = 8;
  EXPECT_THAT(error(config), HasSubstr("split index 8 is out of range"));
  config = unusual_config();
  config.face_fine.side = 128;
  EXPECT_THAT(error(config), HasSubstr("of 64 and 128 px"));
  config = unusual_config();
  config.sketch_fine.inputs = 22;
  EXPECT_THAT(error(config), HasSubstr("do not fit a model of 8 styles"));
}

}  // namespace
}  // namespace limner
