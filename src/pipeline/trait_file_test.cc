#include "pipeline/trait_file.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "pipeline/face_maker.h"
#include "pipeline/random_model.h"
#include "pipeline/test_traits.h"
#include "util/error.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::HasSubstr;

class TraitFileTest : public ::testing::Test {
 protected:
  TraitFileTest() {
    RandomModelOptions options;
    options.size = 16;
    write_random_model(model_, options);
    config_ = random_model_config(options);
  }

  // A file of traits of their own, with a direction of `rows` rows each.
  std::filesystem::path write(const std::string& entry, int64_t count,
                              int64_t rows) const {
    const auto size = static_cast<size_t>(count * rows * config_.style_width);
    write_safetensors(folder_ / "t.safetensors",
                      {{"directions",
                        make_tensor({count, rows, config_.style_width},
                                    std::vector<float>(size, 0.25F)),
                        DType::kF32}},
                      {{"format", "pt"}, {"limner_traits", entry}});
    return folder_ / "t.safetensors";
  }
  std::vector<LookTrait> read(const std::filesystem::path& file) const {
    return read_look_traits(read_checkpoint(file), config_);
  }
  std::string refused(const std::string& list, int64_t count = 1,
                      int64_t more_rows = 0) const {
    const int rows = config_.styles - config_.split;
    const auto file = write(R"({"kind":"traits","traits":)" + list + "}", count,
                            rows + more_rows);
    return error_of([&] { read(file); });
  }

  TestFolder folder_;
  std::filesystem::path model_ = folder_ / "m.safetensors";
  ModelConfig config_;
};

constexpr const char* kHair =
    R"([{"id":"hair","name":"Hair","low":"dark","high":"light"}])";

TEST_F(TraitFileTest, AModelMayHaveNone) {
  EXPECT_TRUE(read(model_).empty());
  FaceMakerOptions options;
  options.model = model_;
  const FaceMaker maker(options);
  EXPECT_TRUE(maker.traits().empty());
  EXPECT_THAT(error_of([&] {
                maker.changed({}, {{"hair", 1}});
              }),
              HasSubstr("has no trait \"hair\""));
}

TEST_F(TraitFileTest, ChangesLooksAlongADirection) {
  write_test_traits(model_);
  FaceMakerOptions options;
  options.model = model_;
  FaceMaker maker(options);
  ASSERT_EQ(maker.traits().size(), 1U);
  EXPECT_EQ(maker.traits()[0].id, "hair");
  EXPECT_EQ(maker.traits()[0].high, "light");
  const AppearanceCodes looks = maker.looks(uint64_t{7});
  const AppearanceCodes darker = maker.changed(looks, {{"hair", -0.5}});
  EXPECT_EQ(maker.changed(looks, {}).fine.values, looks.fine.values);
  for (size_t i = 0; i < looks.fine.values.size(); ++i) {
    ASSERT_NEAR(darker.fine.values[i], looks.fine.values[i] - 0.15F, 1e-5F);
  }
}

TEST_F(TraitFileTest, RefusesWhatMakesNoSense) {
  EXPECT_THAT(refused(kHair, 1, 1), HasSubstr("directions"));
  EXPECT_THAT(refused("[]"), HasSubstr("lists no traits"));
  EXPECT_THAT(refused("[7]"), HasSubstr("a trait is a number"));
  EXPECT_THAT(refused(R"([{"id":"hair"}])"), HasSubstr("has no \"name\""));
  EXPECT_THAT(refused(R"([{"id":"a b","name":"A","low":"l","high":"h"}])"),
              HasSubstr("a trait's id is \"a b\""));
  EXPECT_THAT(refused(R"([{"id":"a","name":"A","low":"l","high":"h"},)"
                      R"({"id":"a","name":"B","low":"l","high":"h"}])",
                      2),
              HasSubstr("two traits are called \"a\""));
  EXPECT_THAT(refused(R"([{"id":"a","name":"\n","low":"l","high":"h"}])"),
              HasSubstr("printable"));
}

}  // namespace
}  // namespace limner
