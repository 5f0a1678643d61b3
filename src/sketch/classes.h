// The 22 stroke classes of a semantic sketch, their names and colours.
#pragma once

#include <array>
#include <cstdint>

#include "image/image.h"

namespace limner {

constexpr int kStrokeClasses = 22;  // ids 1..22; 0 is "no stroke"

struct StrokeClass {
  int id;
  const char* name;               // "brow, left side"; sides are image sides
  std::array<uint8_t, 3> colour;  // RGB of the legend
};

// Class `id`, 0..22. Throws Error outside that range.
const StrokeClass& stroke_class(int id);

// Paints a label image [h,w,1] in the legend's colours [h,w,3] (the palette
// that the published scripts use in their coupled pictures). Throws Error for
// other channels and for values above 22.
Image colour_map(const Image& labels);

}  // namespace limner
