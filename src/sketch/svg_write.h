// Drawings as SVG files.
#pragma once

#include <string>

#include "sketch/stroke.h"

namespace limner {

// SVG text with one path (a polyline) a stroke, in its class's legend colour
// (black when the class is not known), and data-class, data-confidence (below
// 1), data-detail (above 0) and data-pressure (three decimals) for read_svg(),
// which gives back the same strokes with points within side / 512,000. A
// stroke of one point is "M x y Z". Throws Error as check_drawing() does.
std::string write_svg(const Drawing& drawing);

}  // namespace limner
