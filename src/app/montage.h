// Pictures put together, to be looked at side by side.
#pragma once

#include <vector>

#include "image/image.h"

namespace limner::app {

// `image`, bicubic to side x side unless it has that size.
Image square(const Image& image, int side);

// Pictures of one height side by side.
Image side_by_side(const std::vector<Image>& pictures);

// RGB pictures of one size in rows of at most `max`, with white between.
Image grid_of(const std::vector<Image>& pictures, int max);

}  // namespace limner::app
