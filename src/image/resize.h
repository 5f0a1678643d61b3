// Resizing that equals Pillow's Image.resize to the byte.
#pragma once

#include "image/image.h"

namespace limner {

enum class Filter { kNearest, kBilinear, kBicubic, kLanczos };

// Resizes to width x height (both 1..kMaxImageSide). All but nearest widen
// their support when shrinking (antialiasing), work in fixed point with 22
// fraction bits, horizontally first, and round to 8 bits between the passes,
// as Pillow 9 does.
Image resize(const Image& image, int width, int height, Filter filter);

}  // namespace limner
