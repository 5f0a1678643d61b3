#include "nn/isa.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace limner {
namespace {

// CTest runs the tests of this room under each of these limits.
TEST(Isa, LimitHoldsForOneDnnAndForOurKernels) {
  const char* limit = std::getenv("ONEDNN_MAX_CPU_ISA");
  const std::string max = limit == nullptr ? "" : limit;
  RecordProperty("instruction_set", instruction_set());
  if (max == "SSE41") {
    EXPECT_EQ(kernel_set(), KernelSet::kBaseline);
    EXPECT_EQ(channel_block(), 8);
  } else if (max == "AVX2") {
    EXPECT_NE(kernel_set(), KernelSet::kAvx512);
    EXPECT_EQ(channel_block(), 8);
    EXPECT_FALSE(computes_bf16());
  } else if (max == "AVX512_CORE") {
    EXPECT_FALSE(computes_bf16());
    EXPECT_FALSE(computes_tiles());
  }
}

// Nothing is left lying about without a limit.
TEST(Isa, KernelsAreOfTheBestSet) {
  const std::string set = instruction_set();
  if (set.rfind("avx512", 0) == 0) {
    EXPECT_EQ(kernel_set(), KernelSet::kAvx512);
  } else if (set.rfind("avx2", 0) == 0) {
    EXPECT_EQ(kernel_set(), KernelSet::kAvx2);
  } else {
    EXPECT_EQ(kernel_set(), KernelSet::kBaseline);
  }
}

}  // namespace
}  // namespace limner
