#include "nn/isa.h"

#include <oneapi/dnnl/dnnl.hpp>

namespace limner {

std::string instruction_set() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41:
      return "sse41";
    case dnnl::cpu_isa::avx:
      return "avx";
    case dnnl::cpu_isa::avx2:
      return "avx2";
    case dnnl::cpu_isa::avx2_vnni:
      return "avx2_vnni";
    case dnnl::cpu_isa::avx512_core:
      return "avx512_core";
    case dnnl::cpu_isa::avx512_core_vnni:
      return "avx512_core_vnni";
    case dnnl::cpu_isa::avx512_core_bf16:
      return "avx512_core_bf16";
    case dnnl::cpu_isa::avx512_core_amx:
      return "avx512_core_amx";
    default:
      return "generic";
  }
}

bool computes_bf16() {
  const std::string name = instruction_set();
  return name == "avx512_core_bf16" || name == "avx512_core_amx";
}

bool computes_tiles() { return instruction_set() == "avx512_core_amx"; }

int channel_block() {
  static const int block =
      instruction_set().compare(0, 6, "avx512") == 0 ? 16 : 8;
  return block;
}

}  // namespace limner
