// Which numbers convolutions and matrix products compute with: bfloat16 where
// that is an instruction, 32-bit floats where it would be imitated.
#pragma once

#include <cstdint>
#include <string>

namespace limner::train {

// What CPUID and XGETBV answer on x86-64 (Intel's manual, volume 2A, "CPUID",
// and volume 1, chapter 13); all 0 on other processors.
struct ProcessorWords {
  uint32_t leaf7_ebx = 0;        // leaf 7, subleaf 0
  uint32_t leaf7_edx = 0;        // leaf 7, subleaf 0
  uint32_t leaf7_1_eax = 0;      // leaf 7, subleaf 1
  uint64_t xcr0 = 0;             // registers that the system keeps
  bool tiles_permitted = false;  // Linux lets a program ask for tile registers
};

// Those of this machine.
ProcessorWords processor_words();

// What of it computes products of bfloat16 numbers: an instruction counts only
// where the system keeps the registers that it needs.
struct Bf16Support {
  bool avx512 = false;  // AVX512_BF16
  bool amx = false;     // AMX-BF16
};
Bf16Support bf16_support(const ProcessorWords& words);

struct Precision {
  bool bf16 = false;
  // One line for the user about which and why; empty where the setting says
  // it all.
  std::string note;
};

// `asked`: "auto", "bf16" or "f32". Automatic is bfloat16 where `cuda`, or
// where the processor has it.
Precision choose_precision(const std::string& asked, bool cuda,
                           const Bf16Support& support);

}  // namespace limner::train
