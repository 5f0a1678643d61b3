#include "app/synthetic.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

namespace limner::app {
namespace {

constexpr double kTurn = 6.283185307179586;

// An ellipse, or a part of one, in units of the picture's side. Angles run
// clockwise from the right, in turns.
struct Arc {
  uint8_t label;
  double x, y, width, height, from, to;
};

// Labels: the classes of sketch/classes.h.
constexpr Arc kFace[] = {
    {15, 0.50, 0.42, 0.60, 0.66, 0.45, 1.05},  // hair
    {17, 0.50, 0.42, 0.44, 0.34, 0.50, 1.00},  // hair-face border
    {10, 0.50, 0.50, 0.44, 0.56, 0.00, 0.50},  // face contour
    {1, 0.60, 0.46, 0.10, 0.05, 0.00, 1.00},   // eye, right side
    {2, 0.40, 0.46, 0.10, 0.05, 0.00, 1.00},   // eye, left side
    {4, 0.60, 0.41, 0.14, 0.06, 0.55, 0.95},   // brow, right side
    {5, 0.40, 0.41, 0.14, 0.06, 0.55, 0.95},   // brow, left side
    {6, 0.50, 0.56, 0.09, 0.06, 0.00, 0.50},   // nose
    {7, 0.50, 0.66, 0.18, 0.06, 0.00, 1.00},   // mouth
    {18, 0.50, 0.76, 0.26, 0.10, 0.05, 0.45},  // face-neck border
    {16, 0.50, 1.00, 0.80, 0.30, 0.50, 1.00},  // cloth
};

}  // namespace

Image synthetic_drawing(int side) {
  Image labels(side, side, 1);
  const int steps = 4 * side;
  for (const Arc& arc : kFace) {
    for (int i = 0; i <= steps; ++i) {
      const double angle = kTurn * (arc.from + (arc.to - arc.from) * i / steps);
      const int x =
          static_cast<int>((arc.x + 0.5 * arc.width * std::cos(angle)) * side);
      const int y =
          static_cast<int>((arc.y + 0.5 * arc.height * std::sin(angle)) * side);
      if (x < 0 || x >= side || y < 0 || y >= side) continue;
      labels.row(y)[x] = arc.label;
    }
  }
  return labels;
}

Drawing synthetic_strokes() {
  constexpr int kStrokes = 60;
  constexpr int kPoints = 50;
  std::vector<Arc> arcs(std::begin(kFace), std::end(kFace));
  const int hairs = kStrokes - static_cast<int>(arcs.size());
  for (int i = 0; i < hairs; ++i) {
    const double out = static_cast<double>(i) / hairs;
    arcs.push_back({15, 0.5, 0.42, 0.44 + 0.16 * out, 0.36 + 0.3 * out,
                    0.5 + 0.02 * (i % 7), 0.9 + 0.02 * (i % 5)});
  }
  Drawing drawing;
  for (const Arc& arc : arcs) {
    Stroke stroke;
    for (int i = 0; i < kPoints; ++i) {
      const double angle =
          kTurn * (arc.from + (arc.to - arc.from) * i / (kPoints - 1));
      stroke.points.push_back(
          {static_cast<float>((arc.x + 0.5 * arc.width * std::cos(angle)) *
                              drawing.side),
           static_cast<float>((arc.y + 0.5 * arc.height * std::sin(angle)) *
                              drawing.side)});
    }
    drawing.strokes.push_back(std::move(stroke));
  }
  return drawing;
}

Image synthetic_photo(int side) {
  Image photo(side, side, 3);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const double u = (x + 0.5) / side;
      const double v = (y + 0.5) / side;
      // 1 at the middle of the face, 0 at its contour.
      const double face = std::clamp(
          1.0 - std::hypot((u - 0.5) / 0.22, (v - 0.5) / 0.28), 0.0, 1.0);
      uint8_t* pixel = photo.row(y) + 3 * x;
      pixel[0] = static_cast<uint8_t>(60.0 + 60.0 * v + 120.0 * face);
      pixel[1] = static_cast<uint8_t>(70.0 + 40.0 * u + 90.0 * face);
      pixel[2] = static_cast<uint8_t>(90.0 + 30.0 * v + 60.0 * face);
    }
  }
  return photo;
}

}  // namespace limner::app
