// What the processor can do, as oneDNN sees it.
#pragma once

#include <string>

namespace limner {

// "avx512_core_bf16", "avx2", ...: the instruction set that layers use. The
// environment variable ONEDNN_MAX_CPU_ISA (AVX512_CORE, AVX2, SSE41, ...)
// lowers it, and all below with it.
std::string instruction_set();

// For what our own kernels (see simd.h) are compiled: x86-64-v4, v3 or the
// baseline.
enum class KernelSet { kBaseline, kAvx2, kAvx512 };
KernelSet kernel_set();

// Whether products of bfloat16 numbers are an instruction here.
bool computes_bf16();

// Whether there are instructions for whole tiles of such products (AMX).
bool computes_tiles();

// Channels that lie side by side in a FeatureMap: 16 with AVX-512, 8 without.
int channel_block();

}  // namespace limner
