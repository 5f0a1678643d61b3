// Check sums of made-up PNGs.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <vector>

namespace limner {

inline uint32_t big_endian(const unsigned char* at) {
  return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 |
         at[3];
}

// Without right check sums the reader would see nothing but refusals.
inline void mend_sums(std::vector<unsigned char>& png) {
  for (size_t at = 8; at + 12 <= png.size();) {
    const size_t length = big_endian(&png[at]);
    if (length > png.size() - at - 12) return;
    const auto sum = static_cast<uint32_t>(
        crc32(0, &png[at + 4], static_cast<uInt>(length + 4)));
    for (size_t i = 0; i < 4; ++i) {
      png[at + 8 + length + i] =
          static_cast<unsigned char>(sum >> (24 - 8 * i));
    }
    at += length + 12;
  }
}

}  // namespace limner
