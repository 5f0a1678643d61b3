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

// Pixels of columns [left, right) and rows [top, bottom) get that label.
inline void fill_box(Image& mask, int left, int top, int right, int bottom,
                     int label) {
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      mask.row(y)[x] = static_cast<uint8_t>(label);
    }
  }
}

// So do those in an ellipse; in shares of the sides.
inline void fill_disc(Image& mask, double cx, double cy, double rx, double ry,
                      int label) {
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      const double u = ((x + 0.5) / mask.width - cx) / rx;
      const double v = ((y + 0.5) / mask.height - cy) / ry;
      if (u * u + v * v < 1) mask.row(y)[x] = static_cast<uint8_t>(label);
    }
  }
}

}  // namespace limner
