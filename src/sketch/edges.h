// Edges of a picture's brightness, as lines.
#pragma once

#include <vector>

#include "image/image.h"
#include "sketch/curves.h"

namespace limner {

struct Edge {
  Polyline line;       // in pixels, through the middles of its pixels
  int region = 0;      // of the mask that it lies in
  float contrast = 0;  // mean step of brightness across it, 0..255 a pixel
};

// Edges of photo [s,s,3] within the regions of mask [s,s,1]: pixels where the
// smoothed brightness changes most along its gradient, and by at least `min`
// a pixel, joined to lines. An edge stays in one region; pixels for which
// `allowed` [s*s] is 0 are left out, as are lines shorter than `shortest`
// pixels. (Canny, 1986; without his two thresholds: the caller ranks whole
// lines by their contrast.)
std::vector<Edge> find_edges(const Image& photo, const Image& mask,
                             const std::vector<char>& allowed, float min,
                             int shortest);

}  // namespace limner
