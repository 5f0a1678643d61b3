#include "train/stages/precision.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace limner::train {
namespace {

constexpr bool bit(uint64_t word, int number) {
  return (word >> number & 1) != 0;
}

constexpr bool all_bits(uint64_t word, uint64_t mask) {
  return (word & mask) == mask;
}

#if defined(__x86_64__)
uint64_t read_xcr0() {
  uint32_t low = 0, high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t{high} << 32 | low;
}

// Tile registers are large, so Linux hands them out on request only.
bool may_have_tiles() {
#if defined(__linux__)
  constexpr int kGetSupported = 0x1021;  // ARCH_GET_XCOMP_SUPP
  constexpr int kTileData = 18;
  uint64_t supported = 0;
  return ::syscall(SYS_arch_prctl, kGetSupported, &supported) == 0 &&
         bit(supported, kTileData);
#else
  return false;
#endif
}
#endif

}  // namespace

ProcessorWords processor_words() {
  ProcessorWords words;
#if defined(__x86_64__)
  uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
  constexpr int kKeepsRegisters = 27;  // OSXSAVE, in ECX
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0 ||
      !bit(ecx, kKeepsRegisters)) {
    return words;
  }
  words.xcr0 = read_xcr0();
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return words;
  words.leaf7_ebx = ebx;
  words.leaf7_edx = edx;
  const bool more = eax >= 1;  // subleaves
  if (more && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0) {
    words.leaf7_1_eax = eax;
  }
  words.tiles_permitted = may_have_tiles();
#endif
  return words;
}

Bf16Support bf16_support(const ProcessorWords& words) {
  constexpr uint64_t kAvx512State = 0xE6;   // xmm, ymm, masks, both halves
  constexpr uint64_t kTileState = 0x60000;  // tiles and their configuration
  constexpr int kAvx512F = 16, kAmxBf16 = 22, kAvx512Bf16 = 5;
  Bf16Support support;
  support.avx512 = bit(words.leaf7_ebx, kAvx512F) &&
                   bit(words.leaf7_1_eax, kAvx512Bf16) &&
                   all_bits(words.xcr0, kAvx512State);
  support.amx = bit(words.leaf7_edx, kAmxBf16) &&
                all_bits(words.xcr0, kTileState) && words.tiles_permitted;
  return support;
}

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
