// Thick lines thinned to one pixel.
#pragma once

#include "image/image.h"

namespace limner {

// Thins ink [h,w,1] of 0 and 1 in place: takes away pixels from the borders
// inwards, each only when what is left hangs together (8-connected) and has
// the same holes as before, and no end of a line. What is left is one pixel
// wide but where lines meet. The border of the image is treated like paper.
void thin(Image& ink);

// Fills what paper of at most `max` pixels (4-connected) ink [h,w,1] of 0 and
// 1 surrounds: between lines that run side by side, not inside of rings. Paper
// at the border of the image stays.
void fill_holes(Image& ink, int max);

}  // namespace limner
