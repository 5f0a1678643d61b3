// A drawing and a photo made in code, for runs that need no data.
#pragma once

#include "image/image.h"
#include "sketch/stroke.h"

namespace limner::app {

// A label image of a simple face: contour, hair, eyes, brows, nose, mouth.
Image synthetic_drawing(int side);

// The same face and many hairs as 60 strokes of 50 points, without classes.
Drawing synthetic_strokes();

// A smooth colour picture of the same layout, RGB.
Image synthetic_photo(int side);

}  // namespace limner::app
