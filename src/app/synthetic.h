// A drawing and a photo made in code, for runs that need no data.
#pragma once

#include "image/image.h"

namespace limner::app {

// A label image of a simple face: contour, hair, eyes, brows, nose, mouth.
Image synthetic_drawing(int side);

// A smooth colour picture of the same layout, RGB.
Image synthetic_photo(int side);

}  // namespace limner::app
