#include "sketch/colour_labels.h"

#include "sketch/classes.h"
#include "util/error.h"

namespace limner {

int class_of_colour(const std::array<uint8_t, 3>& rgb) {
  for (int id = 1; id <= kStrokeClasses; ++id) {
    if (stroke_class(id).colour == rgb) return id;
  }
  return 0;
}

Image read_colour_labels(const Image& rgb) {
  if (rgb.channels != 3) {
    fail("a coloured label picture needs three channels, got {}", rgb.channels);
  }
  constexpr std::array<uint8_t, 3> kWhite = {255, 255, 255};
  constexpr std::array<uint8_t, 3> kBlack = {0, 0, 0};
  Image labels(rgb.width, rgb.height, 1);
  const uint8_t* from = rgb.pixels.data();
  // Most pixels are paper, and most others have their left neighbour's colour.
  std::array<uint8_t, 3> last = kWhite;
  int id = 0;
  for (size_t i = 0; i < labels.pixels.size(); ++i, from += 3) {
    const std::array<uint8_t, 3> colour = {from[0], from[1], from[2]};
    if (colour != last) {
      last = colour;
      id = class_of_colour(colour);
      if (id == 0 && colour != kWhite && colour != kBlack) {
        const auto width = static_cast<size_t>(rgb.width);
        fail(
            "colour #{:02x}{:02x}{:02x} at pixel {},{} is no class of strokes; "
            "a coloured label picture has the legend's exact colours on white "
            "or black",
            colour[0], colour[1], colour[2], i % width, i / width);
      }
    }
    labels.pixels[i] = static_cast<uint8_t>(id);
  }
  return labels;
}

}  // namespace limner
