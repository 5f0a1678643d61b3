// SVG's path data (SVG 1.1, 8.3; SVG 2, 9.3).
#pragma once

#include <string_view>

#include "sketch/flatten.h"

namespace limner {

// Draws path data with `pen`: all commands, absolute and relative. Throws
// Error, with the place of the first character that makes no sense, and as
// the pen does. An empty text and "none" draw nothing.
void draw_path(std::string_view data, Pen& pen);

// From where `pen` is to `to` along an ellipse with radii rx, ry whose first
// axis is turned by `turn` degrees (SVG 1.1, F.6): radii that are too small
// grow until they reach, and a radius of 0 makes a straight line.
void draw_arc(Pen& pen, double rx, double ry, double turn, bool large,
              bool clockwise, Vec to);

}  // namespace limner
