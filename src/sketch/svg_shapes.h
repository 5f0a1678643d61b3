// SVG's basic shapes (SVG 1.1, section 9) and paths as lines.
#pragma once

#include <pugixml.hpp>
#include <string_view>

#include "sketch/flatten.h"

namespace limner {

// Whether draw_shape() knows an element of this name: path, line, polyline,
// polygon, rect, circle, ellipse.
bool is_svg_shape(std::string_view name);

// Draws the outline of the element `node`, named `name`, with `pen`.
// Percentages are of `port`, the width and height of the nearest viewport. A
// shape without extent draws nothing. Throws Error for attributes that make no
// sense.
void draw_svg_shape(pugi::xml_node node, std::string_view name, Vec port,
                    Pen& pen);

// The length in attribute `name`, `otherwise` when it is not there or "auto".
double svg_length_of(pugi::xml_node node, const char* name, double whole,
                     double otherwise);

}  // namespace limner
