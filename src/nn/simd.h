// Building one loop for several instruction sets.
#pragma once

// Put before a plain function: GCC compiles it for AVX-512, AVX2 and the
// baseline, and the loader picks one. Sanitizers do not get along with the
// resolvers that this needs, other compilers and processors lack it.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define LIMNER_MULTIVERSION \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LIMNER_MULTIVERSION
#endif

// Inlined into each version, so that the loop is compiled for its target.
#define LIMNER_INLINE inline __attribute__((always_inline))

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
