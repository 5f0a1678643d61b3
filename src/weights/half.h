// Conversions between float32 and the 16-bit formats, one value at a time:
// inline and with selections instead of branches, so that loops over them
// become vector code. tensor.h has them for other rooms.
#pragma once

#include <cstdint>
#include <cstring>

namespace limner::half {

inline uint32_t bits_of(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline float float_of(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

constexpr uint32_t kInfinity = 0x7F800000;
// From float16's exponent bias (15) to float32's (127).
constexpr uint32_t kRebias = (127 - 15) << 23;

inline uint16_t to_bf16(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  // A NaN stays one even when its payload is in the bits that are cut off.
  const uint32_t nan = (bits >> 16) | 0x40;
  return static_cast<uint16_t>((bits & 0x7FFFFFFF) > kInfinity ? nan : rounded);
}

inline float from_bf16(uint16_t bits) { return float_of(uint32_t{bits} << 16); }

inline uint16_t to_f16(float value) {
  const uint32_t bits = bits_of(value);
  const uint32_t magnitude = bits & 0x7FFFFFFF;
  const uint32_t normal =
      (magnitude + 0xFFF + ((magnitude >> 13) & 1) - kRebias) >> 13;
  // float16's subnormals are multiples of 2^-24, the distance between floats
  // from 0.5 up: adding 0.5 rounds to one.
  const uint32_t subnormal = bits_of(float_of(magnitude) + 0.5F) - 0x3F000000;
  const uint32_t nan = 0x7E00 | ((magnitude >> 13) & 0x1FF);
  uint32_t half = magnitude < 0x38800000 ? subnormal : normal;
  half = magnitude >= 0x477FF000 ? 0x7C00 : half;  // from 65520 on: infinity
  half = magnitude > kInfinity ? nan : half;
  return static_cast<uint16_t>((bits >> 16 & 0x8000) | half);
}

inline float from_f16(uint16_t bits) {
  const uint32_t sign = uint32_t{bits & 0x8000U} << 16;
  const uint32_t mantissa = bits & 0x3FFU;
  const uint32_t exponent = bits & 0x7C00U;
  const uint32_t shifted = uint32_t{bits & 0x7FFFU} << 13;
  // Converted from an integer, so that it holds where float32 subnormals are
  // flushed to zero.
  const uint32_t subnormal =
      bits_of(static_cast<float>(static_cast<int32_t>(mantissa)) * 0x1p-24F);
  uint32_t magnitude = exponent == 0 ? subnormal : shifted + kRebias;
  magnitude = exponent == 0x7C00 ? shifted | kInfinity : magnitude;
  return float_of(sign | magnitude);
}

}  // namespace limner::half
