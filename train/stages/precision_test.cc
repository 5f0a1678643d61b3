#include "train/stages/precision.h"

#include <gmock/gmock.h>

namespace limner::train {
namespace {

using testing::HasSubstr;

// As a server processor with everything answers.
ProcessorWords everything() {
  ProcessorWords words;
  words.leaf7_ebx = 1U << 16;
  words.leaf7_edx = 1U << 22 | 1U << 24;
  words.leaf7_1_eax = 1U << 4 | 1U << 5;
  words.xcr0 = 0x602E7;
  words.tiles_permitted = true;
  return words;
}

TEST(Bf16Support, NeedsInstructionAndRegisters) {
  EXPECT_TRUE(bf16_support(everything()).avx512);
  EXPECT_TRUE(bf16_support(everything()).amx);

  const Bf16Support none = bf16_support({});
  EXPECT_FALSE(none.avx512 || none.amx);

  ProcessorWords words = everything();
  words.xcr0 = 0x7;  // a system that keeps no more than AVX
  EXPECT_FALSE(bf16_support(words).avx512 || bf16_support(words).amx);

  words = everything();
  words.xcr0 = 0xE7;
  EXPECT_TRUE(bf16_support(words).avx512);
  EXPECT_FALSE(bf16_support(words).amx);

  words = everything();
  words.tiles_permitted = false;  // a kernel before 5.16
  EXPECT_TRUE(bf16_support(words).avx512);
  EXPECT_FALSE(bf16_support(words).amx);

  words = everything();
  words.leaf7_1_eax = 1U << 4;  // AVX-VNNI alone
  EXPECT_FALSE(bf16_support(words).avx512);
  words = everything();
  words.leaf7_edx = 1U << 24;  // tiles without AMX-BF16
  EXPECT_FALSE(bf16_support(words).amx);
}

TEST(Bf16Support, OfThisMachineIsFoundTwiceTheSame) {
  const Bf16Support first = bf16_support(processor_words());
  const Bf16Support second = bf16_support(processor_words());
  EXPECT_EQ(first.avx512, second.avx512);
  EXPECT_EQ(first.amx, second.amx);
#if defined(__x86_64__)
  // GCC reads CPUID by itself.
  EXPECT_EQ(first.avx512, __builtin_cpu_supports("avx512bf16") != 0);
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
