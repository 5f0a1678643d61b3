// Classes from the colours of the legend.
#pragma once

#include <array>
#include <cstdint>

#include "image/image.h"

namespace limner {

// The stroke class 1..22 whose legend colour is exactly `rgb`; 0 for any
// other, white and black included.
int class_of_colour(const std::array<uint8_t, 3>& rgb);

// Label image [h,w,1] of a picture [h,w,3] in colours of the legend on white
// or black paper, the reverse of colour_map(). Colours must be exact: a
// picture that was scaled, smoothed or saved as JPEG has others. Throws Error
// with the first other colour and its pixel, and for other channels.
Image read_colour_labels(const Image& rgb);

}  // namespace limner
