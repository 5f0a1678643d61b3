// Building one loop for several instruction sets.
#pragma once

#include "nn/isa.h"

// Inlined into each version, so that the loop is compiled for its target.
#define LIMNER_INLINE inline __attribute__((always_inline))

// LIMNER_KERNEL(RESULT, NAME, (PARAMETERS), (their names)) { ... } defines a
// plain function that is compiled for AVX-512, AVX2 and the baseline. A call
// runs the version for kernel_set(), so that every version can be run on one
// machine; what GCC's target_clones choose cannot be limited. Other compilers
// and processors have one version.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define LIMNER_KERNEL_OF(of, result, name, parameters, names)                \
  of LIMNER_INLINE result name##_body parameters;                            \
  of __attribute__((target("arch=x86-64-v4"))) result name##_v4 parameters { \
    return name##_body names;                                                \
  }                                                                          \
  of __attribute__((target("arch=x86-64-v3"))) result name##_v3 parameters { \
    return name##_body names;                                                \
  }                                                                          \
  of result name##_v1 parameters { return name##_body names; }               \
  of result name parameters {                                                \
    switch (kernel_set()) {                                                  \
      case KernelSet::kAvx512:                                               \
        return name##_v4 names;                                              \
      case KernelSet::kAvx2:                                                 \
        return name##_v3 names;                                              \
      default:                                                               \
        return name##_v1 names;                                              \
    }                                                                        \
  }                                                                          \
  of LIMNER_INLINE result name##_body parameters
#else
#define LIMNER_KERNEL_OF(of, result, name, parameters, names) \
  of result name parameters
#endif
#define LIMNER_KERNEL(result, name, parameters, names) \
  LIMNER_KERNEL_OF(, result, name, parameters, names)
// The same of any type T of values.
#define LIMNER_KERNEL_OF_TYPE(result, name, parameters, names) \
  LIMNER_KERNEL_OF(template <typename T>, result, name, parameters, names)

// Calls body<16>(...) or body<8>(...): a constant count of lanes keeps the
// channels' parameters in registers.
#define LIMNER_FOR_LANES(body, ...) \
  (lanes == 16 ? body<16>(__VA_ARGS__) : body<8>(__VA_ARGS__))

namespace limner {

// B floats as one value with element-wise operators (a vector extension of
// GCC and Clang; wider than the machine's registers is split by the compiler).
// Loads and stores need no alignment.
template <int B>
struct Lanes {
  typedef float Vec
      __attribute__((vector_size(B * sizeof(float)), aligned(4), may_alias));
};
template <int B>
using Vec = typename Lanes<B>::Vec;

// Rows of a register tile of sums, two vectors wide: 16 registers of 32 with
// AVX-512, 8 of 16 with AVX2, 8 of 16 with WebAssembly, whose are of 4 floats.
#ifdef __wasm_simd128__
template <int B>
constexpr int kTileRows = 2;
#else
template <int B>
constexpr int kTileRows = B == 16 ? 8 : 4;
#endif

// The vector at p[0..B).
template <int B>
LIMNER_INLINE Vec<B>& at(float* p) {
  return *reinterpret_cast<Vec<B>*>(p);
}
template <int B>
LIMNER_INLINE const Vec<B>& at(const float* p) {
  return *reinterpret_cast<const Vec<B>*>(p);
}

}  // namespace limner
