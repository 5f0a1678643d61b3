#include "nn/isa.h"

#include <oneapi/dnnl/dnnl.hpp>

namespace limner {
namespace {

using dnnl::cpu_isa;

// oneDNN numbers instruction sets by bits, one set within another. Those that
// only its newer versions know count as the best of these within them.
bool has(cpu_isa wanted) {
  const auto bits = static_cast<unsigned>(wanted);
  const auto here = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  return (here & bits) == bits;
}

KernelSet find_kernel_set() {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
  if (has(cpu_isa::avx512_core) && __builtin_cpu_supports("x86-64-v4")) {
    return KernelSet::kAvx512;
  }
  if (has(cpu_isa::avx2) && __builtin_cpu_supports("x86-64-v3")) {
    return KernelSet::kAvx2;
  }
#endif
  return KernelSet::kBaseline;
}

}  // namespace

std::string instruction_set() {
  struct Named {
    cpu_isa set;
    const char* name;
  };
  constexpr Named kFromTheBest[] = {
      {cpu_isa::avx512_core_amx, "avx512_core_amx"},
      {cpu_isa::avx512_core_bf16, "avx512_core_bf16"},
      {cpu_isa::avx512_core_vnni, "avx512_core_vnni"},
      {cpu_isa::avx512_core, "avx512_core"},
      {cpu_isa::avx2_vnni, "avx2_vnni"},
      {cpu_isa::avx2, "avx2"},
      {cpu_isa::avx, "avx"},
      {cpu_isa::sse41, "sse41"},
  };
  for (const Named& one : kFromTheBest) {
    if (has(one.set)) return one.name;
  }
  return "generic";
}

KernelSet kernel_set() {
  static const KernelSet set = find_kernel_set();
  return set;
}

bool computes_bf16() { return has(cpu_isa::avx512_core_bf16); }

bool computes_tiles() { return has(cpu_isa::avx512_core_amx); }

int channel_block() {
  static const int block = has(cpu_isa::avx512_core) ? 16 : 8;
  return block;
}

}  // namespace limner
