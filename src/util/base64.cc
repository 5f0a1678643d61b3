#include "util/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "util/error.h"

namespace limner {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNone = 0xff;

constexpr std::array<uint8_t, 256> make_values() {
  std::array<uint8_t, 256> values{};
  for (uint8_t& value : values) value = kNone;
  for (size_t i = 0; i < kDigits.size(); ++i) {
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<uint8_t>(i);
  }
  return values;
}

// Of each character; kNone for those that are no digits.
constexpr std::array<uint8_t, 256> kValues = make_values();

uint32_t value_of(char c) { return kValues[static_cast<unsigned char>(c)]; }

}  // namespace

std::string base64(Bytes bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '=');
  for (size_t from = 0, to = 0; from < bytes.size(); from += 3, to += 4) {
    const size_t count = std::min<size_t>(3, bytes.size() - from);
    uint32_t bits = 0;
    for (size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (i < count ? bytes.data()[from + i] : 0U);
    }
    for (size_t i = 0; i <= count; ++i) {
      text[to + i] = kDigits[bits >> (18 - 6 * i) & 63];
    }
  }
  return text;
}

std::vector<unsigned char> from_base64(std::string_view text) {
  const size_t size = text.size();
  if (size % 4 != 0) {
    fail("base64 text has {} characters, expected a multiple of 4", size);
  }
  std::string_view digits = text;
  while (size - digits.size() < 2 && !digits.empty() && digits.back() == '=') {
    digits.remove_suffix(1);
  }
  const auto other = std::find_if(digits.begin(), digits.end(),
                                  [](char c) { return value_of(c) == kNone; });
  if (other != digits.end()) {
    fail("character {} is not base64", other - digits.begin());
  }
  std::vector<unsigned char> bytes;
  bytes.reserve(size / 4 * 3);
  uint32_t bits = 0;
  int count = 0;  // of bits that belong to no byte yet
  for (const char c : digits) {
    bits = bits << 6 | value_of(c);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<unsigned char>(bits >> count & 0xff));
  }
  if ((bits & ((1U << count) - 1)) != 0) {
    fail("base64 text ends in bits that belong to no byte");
  }
  return bytes;
}

}  // namespace limner
