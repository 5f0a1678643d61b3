#include "weights/half.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "util/random.h"
#include "weights/tensor.h"

namespace limner {
namespace {

// What the formats' definitions say, for finite numbers.
double value_of(int bits, int exponent_bits, int mantissa_bits) {
  const int mantissa = bits & ((1 << mantissa_bits) - 1);
  const int exponent = bits >> mantissa_bits & ((1 << exponent_bits) - 1);
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const double sign = bits >> 15 != 0 ? -1 : 1;
  const int implied = exponent == 0 ? 0 : 1 << mantissa_bits;
  return sign * std::ldexp(mantissa + implied,
                           std::max(exponent, 1) - bias - mantissa_bits);
}

TEST(Half, EveryFloat16ConvertsThereAndBack) {
  for (int bits = 0; bits < 65536; ++bits) {
    const float value = f16_to_f32(static_cast<uint16_t>(bits));
    if ((bits & 0x7C00) != 0x7C00) {
      ASSERT_EQ(static_cast<double>(value), value_of(bits, 5, 10)) << bits;
    } else if ((bits & 0x3FF) != 0) {
      ASSERT_TRUE(std::isnan(value)) << bits;
    } else {
      ASSERT_EQ(value, bits == 0x7C00 ? INFINITY : -INFINITY);
    }
    // Signalling NaNs become quiet ones and keep their payload.
    const bool nan = std::isnan(value);
    ASSERT_EQ(f32_to_f16(value), nan ? bits | 0x200 : bits);
    ASSERT_EQ(std::signbit(value), bits >= 0x8000);
  }
}

TEST(Half, EveryBFloat16ConvertsThereAndBack) {
  for (int bits = 0; bits < 65536; ++bits) {
    const float value = bf16_to_f32(static_cast<uint16_t>(bits));
    if ((bits & 0x7F80) != 0x7F80) {
      ASSERT_EQ(static_cast<double>(value), value_of(bits, 8, 7)) << bits;
    }
    ASSERT_EQ(f32_to_bf16(value), std::isnan(value) ? bits | 0x40 : bits);
  }
}

// Of the two neighbours the nearer one, and the even one in the middle, for
// numbers below `end` with so many bits of exponent and fraction.
void expect_nearest_even(uint16_t (*convert)(float), int end, int exponent,
                         int fraction) {
  for (int bits = 0; bits < end; bits += 3) {
    const double low = value_of(bits, exponent, fraction);
    const double high = value_of(bits + 1, exponent, fraction);
    const auto middle = static_cast<float>((low + high) / 2);
    const int even = bits % 2 == 0 ? bits : bits + 1;
    ASSERT_EQ(convert(middle), even);
    ASSERT_EQ(convert(std::nextafter(middle, 0.0F)), bits);
    ASSERT_EQ(convert(std::nextafter(middle, INFINITY)), bits + 1);
    ASSERT_EQ(convert(-middle), even | 0x8000);
  }
}

TEST(Half, RoundsToNearestEven) {
  expect_nearest_even(f32_to_f16, 0x7BFF, 5, 10);
  expect_nearest_even(f32_to_bf16, 0x7F7F, 8, 7);
}

TEST(Half, Extremes) {
  EXPECT_EQ(f32_to_f16(65519.996F), 0x7BFF);
  EXPECT_EQ(f32_to_f16(65520.0F), 0x7C00);
  EXPECT_EQ(f32_to_f16(-INFINITY), 0xFC00);
  EXPECT_EQ(f32_to_f16(0x1p-25F), 0);
  EXPECT_EQ(f32_to_f16(0x1.000002p-25F), 1);
  EXPECT_EQ(f32_to_f16(std::numeric_limits<float>::denorm_min()), 0);
  EXPECT_EQ(f32_to_f16(-0.0F), 0x8000);
  EXPECT_EQ(f32_to_bf16(std::numeric_limits<float>::max()), 0x7F80);
  EXPECT_EQ(f32_to_bf16(INFINITY), 0x7F80);
  // The payload would be cut off.
  EXPECT_EQ(f32_to_bf16(half::float_of(0x7F800001)), 0x7FC0);
  EXPECT_EQ(f32_to_f16(half::float_of(0xFF800001)), 0xFE00);
}

TEST(Half, LoopsAgreeWithSingleValues) {
  std::vector<float> values = normal_values(3, 1003);
  values[7] = NAN;
  values[8] = 1e-7F;
  values[9] = 1e9F;
  std::vector<uint16_t> bits(values.size());
  std::vector<float> back(values.size());
  f32_to_f16(values.data(), values.size(), bits.data());
  f16_to_f32(bits.data(), bits.size(), back.data());
  for (size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(bits[i], f32_to_f16(values[i]));
    ASSERT_EQ(half::bits_of(back[i]), half::bits_of(f16_to_f32(bits[i])));
  }
  f32_to_bf16(values.data(), values.size(), bits.data());
  bf16_to_f32(bits.data(), bits.size(), back.data());
  for (size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(bits[i], f32_to_bf16(values[i]));
    ASSERT_EQ(half::bits_of(back[i]), half::bits_of(bf16_to_f32(bits[i])));
  }
}

}  // namespace
}  // namespace limner
