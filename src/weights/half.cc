#include "weights/half.h"

#include "weights/tensor.h"

namespace limner {

uint16_t f32_to_bf16(float value) { return half::to_bf16(value); }
float bf16_to_f32(uint16_t bits) { return half::from_bf16(bits); }
uint16_t f32_to_f16(float value) { return half::to_f16(value); }
float f16_to_f32(uint16_t bits) { return half::from_f16(bits); }

void f32_to_bf16(const float* values, size_t count, uint16_t* out) {
  for (size_t i = 0; i < count; ++i) out[i] = half::to_bf16(values[i]);
}

void bf16_to_f32(const uint16_t* bits, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i) out[i] = half::from_bf16(bits[i]);
}

void f32_to_f16(const float* values, size_t count, uint16_t* out) {
  for (size_t i = 0; i < count; ++i) out[i] = half::to_f16(values[i]);
}

void f16_to_f32(const uint16_t* bits, size_t count, float* out) {
  for (size_t i = 0; i < count; ++i) out[i] = half::from_f16(bits[i]);
}

}  // namespace limner
