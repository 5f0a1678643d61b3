// The values of tensors on a CPU in our own loops.
#pragma once

#include <c10/util/BFloat16.h>
#include <torch/types.h>

#include <cstdint>
#include <cstring>

namespace limner::train {

inline float widen(float value) { return value; }
inline float widen(c10::BFloat16 value) {
  const uint32_t bits = static_cast<uint32_t>(value.x) << 16;
  float wide;
  std::memcpy(&wide, &bits, sizeof(wide));
  return wide;
}

// Rounded to the nearest, ties to even. What is not a number stays one.
template <typename T>
T narrow(float value);
template <>
inline float narrow<float>(float value) {
  return value;
}
template <>
inline c10::BFloat16 narrow<c10::BFloat16>(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  const uint32_t rounded = (bits + 0x7FFFU + (bits >> 16 & 1U)) >> 16;
  const bool is_number = (bits & 0x7FFFFFFFU) <= 0x7F800000U;
  return {static_cast<uint16_t>(is_number ? rounded : 0x7FC0U),
          c10::BFloat16::from_bits()};
}

// Whether our loops serve: float32 or bfloat16, on a CPU.
inline bool has_loops(const torch::Tensor& x) {
  return x.is_cpu() && (x.scalar_type() == torch::kFloat32 ||
                        x.scalar_type() == torch::kBFloat16);
}

// Calls visit(T()) with the type of the values of a tensor with loops.
template <typename Visit>
void visit_values(const torch::Tensor& x, const Visit& visit) {
  if (x.scalar_type() == torch::kFloat32) {
    visit(float());
  } else {
    visit(c10::BFloat16());
  }
}

}  // namespace limner::train
