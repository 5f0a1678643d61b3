// Rows of short, nearly parallel lines: how people shade a few strokes deep, or
// draw the hairs of a brow.
#pragma once

#include <cstddef>
#include <vector>

#include "sketch/stroke.h"

namespace limner {

// Indices of the strokes of class `label` in each row, from left to right. A
// row has at least five lines, nearly straight, each 5 to 90 units of a frame
// of 512 long, the next beside it, at most twice as long and turned by at most
// 30 degrees.
std::vector<std::vector<size_t>> parallel_rows(const Drawing& drawing,
                                               int label);

// The closed outline of a row: along one end of its lines and back along the
// other, drawn in to `height` (0 to 1) of their length.
Polyline outline_of_row(const Drawing& drawing, const std::vector<size_t>& row,
                        float height);

}  // namespace limner
