#include "train/stages/precision.h"

#include <gmock/gmock.h>

namespace limner::train {
namespace {

using testing::HasSubstr;

TEST(Bf16Support, IsTheProcessors) {
  const Bf16Support support = bf16_support();
  // Tiles come with the instructions of vectors.
  EXPECT_TRUE(support.avx512 || !support.amx);
#if defined(__x86_64__)
  // GCC reads CPUID by itself; oneDNN may have been told to use less.
  if (support.avx512) {
    EXPECT_NE(__builtin_cpu_supports("avx512bf16"), 0);
  }
#endif
}

TEST(ChoosePrecision, AutomaticFollowsTheMachine) {
  Precision chosen = choose_precision("auto", false, {false, false});
  EXPECT_FALSE(chosen.bf16);
  EXPECT_THAT(chosen.note, HasSubstr("f32, since this processor has no"));
  chosen = choose_precision("auto", false, {true, false});
  EXPECT_TRUE(chosen.bf16);
  EXPECT_THAT(chosen.note, HasSubstr("AVX-512"));
  chosen = choose_precision("auto", false, {true, true});
  EXPECT_TRUE(chosen.bf16);
  EXPECT_THAT(chosen.note, HasSubstr("AMX"));
  chosen = choose_precision("auto", true, {false, false});
  EXPECT_TRUE(chosen.bf16);
  EXPECT_THAT(chosen.note, HasSubstr("cuda"));
}

TEST(ChoosePrecision, WhatIsAskedForIsDone) {
  Precision chosen = choose_precision("f32", true, {true, true});
  EXPECT_FALSE(chosen.bf16);
  EXPECT_EQ(chosen.note, "");
  chosen = choose_precision("bf16", false, {true, false});
  EXPECT_TRUE(chosen.bf16);
  EXPECT_EQ(chosen.note, "");
  chosen = choose_precision("bf16", true, {false, false});
  EXPECT_TRUE(chosen.bf16);
  EXPECT_EQ(chosen.note, "");
  chosen = choose_precision("bf16", false, {false, false});
  EXPECT_TRUE(chosen.bf16);
  EXPECT_THAT(chosen.note, HasSubstr("f32 would be faster"));
}

}  // namespace
}  // namespace limner::train
