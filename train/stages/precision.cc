#include "train/stages/precision.h"

#include "nn/isa.h"

namespace limner::train {

Bf16Support bf16_support() { return {computes_bf16(), computes_tiles()}; }

Precision choose_precision(const std::string& asked, bool cuda,
                           const Bf16Support& support) {
  const bool native = cuda || support.avx512 || support.amx;
  if (asked == "f32") return {false, ""};
  if (asked == "bf16") {
    return {true, native ? ""
                         : "precision: bf16, as asked for; this processor has "
                           "no instructions for it, and f32 would be faster"};
  }
  if (cuda) return {true, "precision: bf16, since the device is cuda"};
  if (support.amx || support.avx512) {
    return {true, std::string("precision: bf16, since this processor computes "
                              "it (") +
                      (support.amx ? "AMX)" : "AVX-512)")};
  }
  return {false,
          "precision: f32, since this processor has no instructions for bf16"};
}

}  // namespace limner::train
