// The one thing wanted from a photo's EXIF block: which way up it is.
#pragma once

#include "image/image.h"
#include "util/span.h"

namespace limner {

// Orientation 1..8 (EXIF 2.32, tag 0x0112) from an EXIF block that starts with
// the TIFF header, or with "Exif\0\0" and then the TIFF header. 1 (upright)
// when the tag is absent or the block is damaged: a photo with a broken note
// is still a photo.
int exif_orientation(Bytes exif);

// Turns a picture stored with `orientation` upright. Values other than 2..8
// leave it as it is. 5..8 swap width and height.
Image upright(Image image, int orientation);

}  // namespace limner
