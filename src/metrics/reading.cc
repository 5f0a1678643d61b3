#include "metrics/reading.h"

#include "image/resize.h"

namespace limner {

Reading read_face(PhotoParser& parser, const Image& picture) {
  Reading reading;
  reading.parts = parser.label(picture);
  reading.features = parser.features(picture);
  const int side = parser.side();
  reading.appearance = appearance_of(
      resize(picture, side, side, Filter::kBilinear), reading.parts);
  return reading;
}

Image reduced(const Image& photo, int side) {
  if (photo.width <= side) return photo;
  return resize(photo, side, side, Filter::kBilinear);
}

Image mask_for(const PhotoParser& parser, const Image& mask) {
  return resize(mask, parser.side(), parser.side(), Filter::kNearest);
}

}  // namespace limner
