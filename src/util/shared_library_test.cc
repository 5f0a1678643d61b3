#include "util/shared_library.h"

#include <gmock/gmock.h>

namespace limner {
namespace {

using ::testing::HasSubstr;

TEST(SharedLibrary, FindsFunctions) {
  SharedLibrary library("libm.so.6");
  if (!library.is_whole()) GTEST_SKIP() << library.problem();
  double (*cosine)(double) = library.find<double(double)>("cos");
  ASSERT_TRUE(library.is_whole());
  EXPECT_EQ(cosine(0), 1);
}

TEST(SharedLibrary, SaysWhatIsMissing) {
  SharedLibrary none("limner-no-such-library.so");
  EXPECT_FALSE(none.is_whole());
  EXPECT_THAT(none.problem(), HasSubstr("limner-no-such-library"));

  SharedLibrary library("libm.so.6");
  if (!library.is_whole()) GTEST_SKIP() << library.problem();
  EXPECT_EQ(library.find<int()>("limner_no_such_function"), nullptr);
  EXPECT_FALSE(library.is_whole());
  EXPECT_THAT(library.problem(), HasSubstr("limner_no_such_function"));
}

}  // namespace
}  // namespace limner
