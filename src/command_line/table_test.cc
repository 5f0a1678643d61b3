#include "command_line/table.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "command_line/help.h"
#include "command_line/parse.h"
#include "util/test_folder.h"

namespace limner::command_line {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Settings {
  int steps = 10;
  int64_t seed = 1;
  double lr = 5e-4;
  bool flip = true;
  std::string name = "x";
  std::filesystem::path folder = "runs";
  std::vector<int> widths = {1, 2};
  std::string kind = "adam";
  json file;  // the configuration file, if there is one
  OptionTable table;

  Settings() {
    table.add("steps", &steps, 0, 1000, "how many");
    table.add("seed", &seed, 0, 1e18, "of random draws");
    table.add("adam.lr", &lr, 0, 1, "rate");
    table.add("flip", &flip, "mirror pictures");
    table.add("name", &name, "its name");
    table.add("run_folder", &folder, "where");
    table.add("widths", &widths, "channels");
    table.add_choice("kind", &kind, {"adam", "ranger"}, "optimiser");
  }

  std::string problem(const json& config) {
    return error_of([&] { table.read(config, "file"); });
  }

  Program program() {
    Command command;
    command.name = "go";
    command.summary = "Goes";
    command.options = table.options();
    command.read_settings = [this] {
      if (!file.is_null()) table.read(file, "file");
    };
    command.run = [] { return 0; };
    Program all;
    all.name = "test";
    all.commands = {command};
    return all;
  }

  void flags(const std::vector<const char*>& arguments) {
    std::vector<const char*> all = {"test", "go"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    run_command_line(program(), static_cast<int>(all.size()), all.data(),
                     [](const std::string&) {});
  }
};

TEST(OptionTableTest, AreReadFromTables) {
  Settings s;
  s.table.read({{"steps", 20},
                {"seed", 9007199254740991},
                {"adam", {{"lr", 0.25}}},
                {"flip", false},
                {"name", "n"},
                {"run-folder", "f/g"},
                {"widths", {4, 5, 6}},
                {"kind", "ranger"}},
               "file");
  EXPECT_EQ(s.steps, 20);
  EXPECT_EQ(s.seed, 9007199254740991);
  EXPECT_EQ(s.lr, 0.25);
  EXPECT_FALSE(s.flip);
  EXPECT_EQ(s.name, "n");
  EXPECT_EQ(s.folder, "f/g");
  EXPECT_THAT(s.widths, ElementsAre(4, 5, 6));
  EXPECT_EQ(s.kind, "ranger");
  // What it gives back can be read again.
  Settings other;
  other.table.read(s.table.to_json(), "file");
  EXPECT_EQ(other.table.to_json(), s.table.to_json());
  EXPECT_EQ(s.table.to_json()["adam"]["lr"], 0.25);
}

TEST(OptionTableTest, MistakesAreNamed) {
  Settings s;
  EXPECT_THAT(s.problem({{"step", 1}}),
              AllOf(HasSubstr("file: step"), HasSubstr("did you mean steps?")));
  EXPECT_THAT(s.problem({{"adam", {{"rl", 1}}}}),
              HasSubstr("did you mean adam.lr?"));
  EXPECT_THAT(s.problem({{"nothing_like_it", 1}}),
              testing::Not(HasSubstr("did you mean")));
  EXPECT_THAT(s.problem({{"steps", 1001}}),
              HasSubstr("steps: expected 0 to 1000, got 1001"));
  EXPECT_THAT(s.problem({{"steps", 1.5}}), HasSubstr("a whole number"));
  EXPECT_THAT(s.problem({{"steps", "many"}}), HasSubstr("got \"many\""));
  EXPECT_THAT(s.problem({{"steps", true}}), HasSubstr("a whole number"));
  EXPECT_THAT(s.problem({{"steps", uint64_t{1} << 63}}),
              HasSubstr("expected 0 to 1000"));
  EXPECT_THAT(s.problem({{"adam", {{"lr", nullptr}}}}), HasSubstr("a number"));
  EXPECT_THAT(s.problem({{"flip", 1}}), HasSubstr("true or false"));
  EXPECT_THAT(s.problem({{"name", 1}}), HasSubstr("expected a text"));
  EXPECT_THAT(s.problem({{"widths", 3}}), HasSubstr("a list"));
  EXPECT_THAT(s.problem({{"widths", {1, 2.5}}}), HasSubstr("got 2.5"));
  EXPECT_THAT(s.problem({{"kind", "sgd"}}), HasSubstr("adam, ranger"));
  EXPECT_THAT(s.problem(json::array()), HasSubstr("expected a table"));
  EXPECT_EQ(s.steps, 10);
}

TEST(OptionTableTest, FlagsWinOverTheFile) {
  Settings s;
  s.file = {{"steps", 20}, {"kind", "ranger"}, {"flip", true}};
  s.flags({"--steps", "30", "--adam.lr", "1e-3", "--no-flip", "--widths", "7,8",
           "--run-folder", "there", "--name", "5"});
  EXPECT_EQ(s.steps, 30);
  EXPECT_EQ(s.kind, "ranger");
  EXPECT_EQ(s.lr, 1e-3);
  EXPECT_FALSE(s.flip);
  EXPECT_THAT(s.widths, ElementsAre(7, 8));
  EXPECT_EQ(s.folder, "there");
  EXPECT_EQ(s.name, "5");
  Settings large, list;
  EXPECT_THAT(error_of([&] {
                large.flags({"--steps", "1e9"});
              }),
              HasSubstr("--steps: expected 0 to 1000"));
  EXPECT_THAT(error_of([&] {
                list.flags({"--widths", "7,x"});
              }),
              HasSubstr("--widths: expected a whole number, got \"x\""));
}

TEST(OptionTableTest, HelpSaysDefaultsAndRanges) {
  Settings s;
  const Program program = s.program();
  EXPECT_THAT(
      help_text(program, program.commands[0]),
      AllOf(HasSubstr("--steps NUMBER"), HasSubstr("0 to 1000; default: 10"),
            HasSubstr("--flip, --no-flip"), HasSubstr("default: on"),
            HasSubstr("adam or ranger"), HasSubstr("default: 1,2")));
}

}  // namespace
}  // namespace limner::command_line
