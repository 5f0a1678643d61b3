// The 22 stroke classes of a semantic sketch, their names and colours.
#pragma once

#include <array>
#include <cstdint>

#include "image/image.h"

namespace limner {

constexpr int kStrokeClasses = 22;  // ids 1..22; 0 is "no stroke"

// Ids of classes by their names.
namespace classes {
constexpr int kRightEye = 1, kLeftEye = 2, kGlasses = 3;
constexpr int kRightBrow = 4, kLeftBrow = 5, kNose = 6, kMouth = 7;
constexpr int kEarring = 8, kNecklace = 9;
constexpr int kContour = 10;  // of the face, and lines of its skin
constexpr int kRightEar = 11, kLeftEar = 12, kHat = 13, kNeck = 14;
constexpr int kHair = 15, kCloth = 16;
// Where the face ends.
constexpr int kHairFace = 17, kFaceNeck = 18, kFaceCloth = 19, kFaceHat = 20,
              kFaceEar = 21;
constexpr int kOther = 22;
}  // namespace classes

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
