#include "util/error.h"

#include <gmock/gmock.h>

namespace limner {
namespace {

TEST(Fail, FormatsTheMessage) {
  try {
    fail("{}: got {}, expected {}", "a.png", 3, 4);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "a.png: got 3, expected 4");
  }
}

TEST(Printable, KeepsOrdinaryText) {
  EXPECT_EQ(printable("caf\xc3\xa9 {}"), "caf\xc3\xa9 {}");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, EscapesControlCharacters) {
  EXPECT_EQ(printable(std::string("a\n\x1b[31m\0\x7f", 9)),
            "a\\x0a\\x1b[31m\\x00\\x7f");
}

TEST(Printable, CutsLongTexts) {
  EXPECT_EQ(printable(std::string(10, 'x'), 4), "xxxx...");
  EXPECT_EQ(printable(std::string(4, 'x'), 4), "xxxx");
}

}  // namespace
}  // namespace limner
