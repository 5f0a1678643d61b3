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
  // U+009B opens commands as ESC [ does; U+00A0 and a lone byte are no control.
  EXPECT_EQ(printable("a\xc2\x9b"
                      "31m"),
            "a\\x9b31m");
  EXPECT_EQ(printable("\xc2\xa0\xc2"), "\xc2\xa0\xc2");
}

TEST(Printable, CutsLongTexts) {
  EXPECT_EQ(printable(std::string(10, 'x'), 4), "xxxx...");
  EXPECT_EQ(printable(std::string(4, 'x'), 4), "xxxx");
}

}  // namespace
}  // namespace limner
