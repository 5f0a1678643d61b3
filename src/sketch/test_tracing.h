// For tests of tracing: lines to draw, and how well pictures agree.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "image/image.h"
#include "sketch/curves.h"
#include "sketch/stroke.h"

namespace limner {

inline const std::filesystem::path kShared = LIMNER_SHARED;

inline Stroke stroke_of(Polyline points, int label = 1) {
  Stroke stroke;
  stroke.points = std::move(points);
  stroke.label = label;
  return stroke;
}

inline Polyline circle(float x, float y, float radius) {
  Polyline points;
  constexpr int kSteps = 72;
  for (int i = 0; i < kSteps; ++i) {
    const double t = 2 * M_PI * i / kSteps;
    points.push_back({x + radius * static_cast<float>(std::cos(t)),
                      y + radius * static_cast<float>(std::sin(t))});
  }
  points.push_back(points.front());
  return points;
}

inline Drawing drawing_of(std::vector<Stroke> strokes, float side = 256) {
  Drawing drawing;
  drawing.side = side;
  drawing.strokes = std::move(strokes);
  return drawing;
}

// Share of the marks of `a` with one in `b`, of the same class, not farther
// than a pixel. 1 when `a` is empty.
inline double found(const Image& a, const Image& b) {
  int count = 0, near = 0;
  for (int y = 0; y < a.height; ++y) {
    for (int x = 0; x < a.width; ++x) {
      if (a.row(y)[x] == 0) continue;
      ++count;
      bool any = false;
      for (int j = std::max(y - 1, 0); j <= std::min(y + 1, b.height - 1);
           ++j) {
        for (int i = std::max(x - 1, 0); i <= std::min(x + 1, b.width - 1);
             ++i) {
          any = any || b.row(j)[i] == a.row(y)[x];
        }
      }
      near += any ? 1 : 0;
    }
  }
  return count == 0 ? 1 : static_cast<double>(near) / count;
}

// Of the faces kept from training; none where there are no faces.
inline std::vector<std::string> val_ids() {
  std::vector<std::string> ids;
  std::ifstream manifest(kShared / "faces" / "manifest.csv");
  for (std::string line; std::getline(manifest, line);) {
    if (line.find(",val") != std::string::npos)
      ids.push_back(line.substr(0, 5));
  }
  return ids;
}

}  // namespace limner
