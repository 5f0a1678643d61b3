// What the processor can do where there is no oneDNN to ask (LIMNER_PORTABLE).
#include "nn/isa.h"

namespace limner {

std::string instruction_set() {
#ifdef __wasm_simd128__
  return "wasm_simd128";
#else
  return "generic";
#endif
}

KernelSet kernel_set() { return KernelSet::kBaseline; }

bool computes_bf16() { return false; }

bool computes_tiles() { return false; }

int channel_block() { return 8; }

}  // namespace limner
