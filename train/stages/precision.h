// Which numbers convolutions and matrix products compute with: bfloat16 where
// that is an instruction, 32-bit floats where it would be imitated.
#pragma once

#include <string>

namespace limner::train {

// What a processor computes products of bfloat16 numbers with.
struct Bf16Support {
  bool avx512 = false;  // AVX512_BF16
  bool amx = false;     // AMX-BF16
};

// That of this machine, as its convolutions use it (see nn/isa.h).
Bf16Support bf16_support();

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
