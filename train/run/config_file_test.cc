#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "train/run/options.h"
#include "util/files.h"
#include "util/test_folder.h"

namespace limner::train {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST(ConfigFile, TomlAndJsonSayTheSame) {
  const TestFolder folder;
  write_file(folder / "a.toml", std::string(R"(# a comment
steps = 20
widths = [1, 2]  # another
flip = false
name = "n"
[adam]
lr = 1e-3
)"));
  write_file(folder / "a.json", std::string(R"({
  // a comment
  "steps": 20, "widths": [1, 2], /* another */ "flip": false, "name": "n",
  "adam": {"lr": 1e-3}
})"));
  const json toml = read_config_file(folder / "a.toml");
  EXPECT_EQ(toml, read_config_file(folder / "a.json"));
  EXPECT_EQ(toml["adam"]["lr"], 1e-3);
  EXPECT_TRUE(toml["steps"].is_number_integer());
}

TEST(ConfigFile, MistakesHaveALine) {
  const TestFolder folder;
  write_file(folder / "a.toml", std::string("steps = 1\nwidths = [1,\n"));
  EXPECT_THAT(error_of([&] { read_config_file(folder / "a.toml"); }),
              HasSubstr("a.toml: line "));
  write_file(folder / "b.toml", std::string("x = 1\nday = 1979-05-27\n"));
  EXPECT_THAT(error_of([&] { read_config_file(folder / "b.toml"); }),
              HasSubstr("line 2"));
  write_file(folder / "a.json", std::string("{\n\"a\" 1}"));
  EXPECT_THAT(error_of([&] { read_config_file(folder / "a.json"); }),
              HasSubstr("line 2"));
  write_file(folder / "a.yaml", std::string("a: 1"));
  EXPECT_THAT(error_of([&] { read_config_file(folder / "a.yaml"); }),
              HasSubstr(".toml or .json"));
  EXPECT_THAT(error_of([&] { read_config_file(folder / "none.toml"); }),
              HasSubstr("cannot open"));
}

}  // namespace
}  // namespace limner::train
