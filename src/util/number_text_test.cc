#include "util/number_text.h"

#include <gmock/gmock.h>

#include <string>

namespace limner {
namespace {

struct Read {
  double value;
  size_t length;
  std::errc error;
};

Read read(const std::string& text) {
  Read out{-77, 0, {}};
  const auto [end, error] =
      read_number(text.data(), text.data() + text.size(), out.value);
  out.length = static_cast<size_t>(end - text.data());
  out.error = error;
  return out;
}

TEST(NumberText, ReadsDecimalNumbers) {
  for (const auto& [text, value, length] : {std::tuple{"0", 0.0, 1U},
                                            {"12.5px", 12.5, 4U},
                                            {"-.25,", -.25, 4U},
                                            {"3.", 3.0, 2U},
                                            {"1e3", 1000.0, 3U},
                                            {"1.5E-2x", 0.015, 6U},
                                            {"2em", 2.0, 1U},
                                            {"7e+", 7.0, 1U},
                                            {"-0", -0.0, 2U},
                                            {"0.1", 0.1, 3U}}) {
    const Read got = read(text);
    EXPECT_EQ(got.error, std::errc()) << text;
    EXPECT_EQ(got.value, value) << text;
    EXPECT_EQ(got.length, length) << text;
  }
}

TEST(NumberText, RefusesWhatIsNone) {
  for (const char* text :
       {"", "-", ".", "+1", " 1", "inf", "nan", "-inf", "e5", "-.e1"}) {
    const Read got = read(text);
    EXPECT_EQ(got.error, std::errc::invalid_argument) << text;
    EXPECT_EQ(got.length, 0U) << text;
    EXPECT_EQ(got.value, -77) << text;
  }
}

TEST(NumberText, SaysWhatIsOutOfRange) {
  for (const std::string text : {"1e999", "-1e999", "1e-999"}) {
    const Read got = read(text);
    EXPECT_EQ(got.error, std::errc::result_out_of_range) << text;
    EXPECT_EQ(got.length, text.size()) << text;
    EXPECT_EQ(got.value, -77) << text;
  }
}

}  // namespace
}  // namespace limner
