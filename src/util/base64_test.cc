#include "util/base64.h"

#include <gmock/gmock.h>

#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::HasSubstr;

TEST(Base64, KnownValues) {  // RFC 4648, section 10
  const auto encoded = [](const std::string& text) {
    return base64(
        {reinterpret_cast<const unsigned char*>(text.data()), text.size()});
  };
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encoded("\xff\xfe\xfd"), "//79");
}

TEST(Base64, GoesBothWays) {
  for (size_t size = 0; size < 20; ++size) {
    std::vector<unsigned char> bytes(size);
    for (size_t i = 0; i < size; ++i) {
      bytes[i] = static_cast<unsigned char>(251 * i + size);
    }
    EXPECT_EQ(from_base64(base64(bytes)), bytes);
  }
}

TEST(Base64, RefusesOtherText) {
  const auto error = [](const std::string& text) {
    return error_of([&] { from_base64(text); });
  };
  EXPECT_THAT(error("Zg="), HasSubstr("multiple of 4"));
  EXPECT_THAT(error("Zg\n="), HasSubstr("character 2"));
  EXPECT_THAT(error("Z-=="), HasSubstr("character 1"));
  EXPECT_THAT(error("===="), HasSubstr("character 0"));
  EXPECT_THAT(error("Zh=="), HasSubstr("no byte"));
  EXPECT_THAT(error("Zm9="), HasSubstr("no byte"));
  EXPECT_THAT(error("Zm9v Zg="), HasSubstr("character 4"));
  EXPECT_THAT(error(" Zm9"), HasSubstr("character 0"));
  EXPECT_THAT(error("Zm9\n"), HasSubstr("character 3"));
  EXPECT_THAT(error("Zg==Zg=="), HasSubstr("character 2"));
  EXPECT_THAT(error("Z==="), HasSubstr("character"));
}

}  // namespace
}  // namespace limner
