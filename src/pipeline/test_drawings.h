// For tests: drawings of a face.
#pragma once

#include <cmath>

#include "sketch/frame.h"
#include "sketch/stroke.h"

namespace limner {

inline Stroke ring(double x, double y, double width, double height, int label) {
  Stroke stroke;
  stroke.label = label;
  for (int i = 0; i <= 40; ++i) {
    const double turn = i * M_PI / 20;
    stroke.points.push_back(
        {static_cast<float>(x + width / 2 * std::cos(turn)),
         static_cast<float>(y + height / 2 * std::sin(turn))});
  }
  return stroke;
}

// A face whose parts lie where they usually do.
inline Drawing plain_face() {
  Drawing drawing;
  const auto add = [&](FacePart part, int label) {
    const PartPlace& place = usual_place(part);
    drawing.strokes.push_back(
        ring(place.x, place.y, place.width, place.height, label));
  };
  add(FacePart::kEyeRight, 1);
  add(FacePart::kEyeLeft, 2);
  add(FacePart::kNose, 6);
  add(FacePart::kMouth, 7);
  add(FacePart::kOutline, 10);
  return drawing;
}

inline Drawing without_classes(Drawing drawing) {
  for (Stroke& stroke : drawing.strokes) stroke.label = 0;
  return drawing;
}

}  // namespace limner
