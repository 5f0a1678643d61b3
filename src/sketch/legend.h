// A drawing in its colours with a legend, to look at.
#pragma once

#include <string>
#include <vector>

#include "sketch/stroke.h"

namespace limner {

// SVG text: the drawing on white paper, its strokes in the colours of their
// classes (black when not known), and beside it the classes that are there,
// with number, name and count of strokes. Strokes listed in `dashed` (indices)
// are dashed and drawn last. The file needs no other. A drawing `before` what
// was done to it stands on the left. Throws Error as write_svg() does and for
// an index that is no stroke's.
std::string write_legend_svg(const Drawing& drawing,
                             const std::vector<int>& dashed = {},
                             const Drawing* before = nullptr);

}  // namespace limner
