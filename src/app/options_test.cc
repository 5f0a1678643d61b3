#include "app/options.h"

#include <gmock/gmock.h>

#include "app/commands.h"
#include "app/help.h"
#include "util/error.h"

namespace limner::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string message_of(const Option& option, const std::string& text) {
  try {
    option.set(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(OptionsTest, WholeNumbersStayInTheirRange) {
  int64_t value = 5;
  const Option option = whole("-n,--count", "N", &value, 0, 10, "");
  option.set("10");
  EXPECT_EQ(value, 10);
  for (const char* bad :
       {"11", "-1", "", "3x", " 3", "3.0", "1e1", "99999999999999999999"}) {
    EXPECT_EQ(message_of(option, bad),
              fmt::format("--count must be a whole number from 0 to 10, got "
                          "\"{}\"",
                          bad));
  }
  EXPECT_EQ(value, 10);
}

TEST(OptionsTest, PowersOfTwoOnly) {
  int64_t value = 0;
  const Option option =
      powers_of_two(whole("--side", "N", &value, 8, 1024, ""));
  option.set("256");
  EXPECT_EQ(value, 256);
  EXPECT_THAT(message_of(option, "100"),
              HasSubstr("a power of two from 8 to 1024"));
  EXPECT_THAT(message_of(option, "4"), HasSubstr("got \"4\""));
}

TEST(OptionsTest, OptionalNumbersTellThatTheyWereGiven) {
  std::optional<int64_t> value;
  const Option option = maybe_whole("--seed", "N", &value, 0, kMaxSeed, "");
  option.set("0");
  EXPECT_EQ(value, 0);
  EXPECT_THAT(message_of(option, "9007199254740992"), HasSubstr("2^53 - 1"));
}

TEST(OptionsTest, RealNumbersRefuseNan) {
  double value = 0.5;
  const Option option = real("--alpha", "A", &value, 0.0, 1.0, "");
  option.set("0.25");
  EXPECT_EQ(value, 0.25);
  for (const char* bad : {"nan", "inf", "-0.1", "1.01", "half", "0,5"}) {
    EXPECT_THAT(message_of(option, bad), HasSubstr("a number from 0 to 1"));
  }
}

TEST(OptionsTest, ListsOfCodes) {
  std::vector<int> value;
  const Option option = codes("--mask", &value, "");
  option.set("8,9,12-14");
  EXPECT_THAT(value, ElementsAre(8, 9, 12, 13, 14));
  for (const char* bad :
       {"", "8,", ",8", "9-8", "-3", "8-", "a", "2000", "8 9", "1-99999999"}) {
    EXPECT_THAT(message_of(option, bad), HasSubstr("a list of code numbers"))
        << bad;
  }
}

TEST(OptionsTest, ChoicesAndPaths) {
  std::string value;
  const Option option = choice("--type", &value, {"a", "b", "c"}, "");
  option.set("b");
  EXPECT_EQ(value, "b");
  EXPECT_EQ(message_of(option, "d"), "--type must be a, b or c, got \"d\"");
  std::filesystem::path file;
  EXPECT_THAT(message_of(path("-o,--out", "FILE", &file, ""), ""),
              HasSubstr("--out must name a file"));
}

TEST(OptionsTest, BadTextIsShownOnOneLine) {
  int64_t value = 0;
  const Option option = whole("--count", "N", &value, 0, 10, "");
  EXPECT_THAT(message_of(option, "1\n2"), Not(HasSubstr("\n")));
}

// Every option of every command says what it does, and its default lies in
// its own range.
TEST(CommandsTest, AreDeclaredWell) {
  for (const Command& command : all_commands()) {
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_FALSE(command.details.empty()) << command.name;
    for (const Option& option : command.options) {
      EXPECT_FALSE(option.help.empty()) << command.name << option.names;
      if (const auto* number = std::get_if<int64_t*>(&option.target)) {
        EXPECT_EQ(option.value.empty(), false) << option.names;
        if (!option.fallback.empty()) continue;
        EXPECT_EQ(message_of(option, std::to_string(**number)), "no error")
            << command.name << " " << option.names;
      }
    }
  }
}

TEST(CommandsTest, HelpFitsATerminal) {
  const std::vector<Command> commands = all_commands();
  std::vector<std::string> texts = {overview(commands)};
  for (const Command& command : commands) texts.push_back(help_text(command));
  for (const std::string& text : texts) {
    size_t begin = 0;
    while (begin < text.size()) {
      const size_t end = text.find('\n', begin);
      const std::string line = text.substr(begin, end - begin);
      // Examples are shown as they are typed.
      if (line.rfind("  limner ", 0) != 0) {
        EXPECT_LE(line.size(), 79U) << line;
      }
      EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
      begin = end + 1;
    }
  }
}

}  // namespace
}  // namespace limner::app
