#include "sketch/classes.h"

#include "sketch/labels.h"
#include "util/error.h"

namespace limner {
namespace {

// The published coupled pictures show classes 0-2, 4-7, 10-12, 14, 15 and 17
// in these colours, which are the first of the ScanNet label palette. They show
// no other class, so the colours of 3, 8, 9, 13, 16 and 18-22 are taken from
// that palette, not checked.
constexpr std::array<StrokeClass, kStrokeClasses + 1> kClasses = {{
    {0, "no stroke", {255, 255, 255}},
    {1, "eye, right side", {174, 199, 232}},
    {2, "eye, left side", {152, 223, 138}},
    {3, "glasses", {31, 119, 180}},
    {4, "brow, right side", {255, 187, 120}},
    {5, "brow, left side", {188, 189, 34}},
    {6, "nose", {140, 86, 75}},
    {7, "lips and mouth", {255, 152, 150}},
    {8, "earring", {214, 39, 40}},
    {9, "necklace", {197, 176, 213}},
    {10, "face contour and skin lines", {148, 103, 189}},
    {11, "ear, right side", {196, 156, 148}},
    {12, "ear, left side", {23, 190, 207}},
    {13, "hat", {178, 76, 76}},
    {14, "neck", {247, 182, 210}},
    {15, "hair", {66, 188, 102}},
    {16, "cloth", {219, 219, 141}},
    {17, "hair-face border", {140, 57, 197}},
    {18, "face-neck border", {202, 185, 52}},
    {19, "face-cloth border", {51, 176, 203}},
    {20, "face-hat border", {200, 54, 131}},
    {21, "face-ear border", {92, 193, 61}},
    {22, "other border", {78, 71, 183}},
}};

}  // namespace

const StrokeClass& stroke_class(int id) {
  if (id < 0 || id > kStrokeClasses) {
    fail("stroke class must be 0 to {}, got {}", kStrokeClasses, id);
  }
  return kClasses[id];
}

Image colour_map(const Image& labels) {
  check_labels(labels, kStrokeClasses, "colour map");
  Image out(labels.width, labels.height, 3);
  uint8_t* to = out.pixels.data();
  for (const uint8_t label : labels.pixels) {
    for (const uint8_t value : kClasses[label].colour) *to++ = value;
  }
  return out;
}

}  // namespace limner
