// Pictures for tests.
#pragma once

#include <cstdint>

#include "image/image.h"
#include "util/random.h"

namespace limner {

// RGB [side,side,3], every value at random.
inline Image noise(int side, uint64_t seed) {
  Image picture(side, side, 3);
  Random random(seed);
  for (uint8_t& value : picture.pixels) {
    value = static_cast<uint8_t>(random.next() & 255);
  }
  return picture;
}

}  // namespace limner
