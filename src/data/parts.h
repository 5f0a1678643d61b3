// Names and colours of a face's parts.
#pragma once

#include <array>
#include <cstdint>

#include "data/dataset.h"
#include "image/image.h"

namespace limner {

// "hair", "eye_left": sides are image sides. part: 0..18; throws Error outside.
const char* part_name(int part);

// RGB, easily told apart side by side. part: 0..18; throws Error outside.
const std::array<uint8_t, 3>& part_colour(int part);

// The label that a part has in a mirrored picture: eyes, brows and ears change
// places.
int mirrored_part(int label);

// mask: [h,w,1] of 0..18 -> [h,w,3]. Throws Error for other values.
Image paint_parts(const Image& mask);

}  // namespace limner
