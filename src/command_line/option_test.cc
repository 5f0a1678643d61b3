#include "command_line/option.h"

#include <gmock/gmock.h>

#include "util/test_folder.h"

namespace limner::command_line {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string message_of(const Option& option, const std::string& text) {
  return error_of([&] { option.set(text); });
}

TEST(OptionsTest, WholeNumbersStayInTheirRange) {
  int64_t value = 5;
  const Option option = whole("-n,--count", "N", &value, 0, 10, "");
  option.set("10");
  EXPECT_EQ(value, 10);
  for (const char* bad :
       {"11", "-1", "", "3x", " 3", "3.5", "1e2", "99999999999999999999"}) {
    EXPECT_EQ(message_of(option, bad),
              fmt::format("--count must be a whole number from 0 to 10, got "
                          "\"{}\"",
                          bad));
  }
  EXPECT_EQ(value, 10);
  option.set("1e0");  // as good a whole number as 1
  EXPECT_EQ(value, 1);
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

}  // namespace
}  // namespace limner::command_line
