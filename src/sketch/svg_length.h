// Lengths in SVG's attributes and in CSS.
#pragma once

#include <string_view>

namespace limner {

// "12", "3.5mm", "50%", "calc(50% + 2px)": in user units, of which 96 are an
// inch. em, rem and ic count as 16, ex and ch as 8; a percentage, vw, vh, vmin
// and vmax are of `whole`. Units in any case. Throws Error for anything else.
double svg_length(std::string_view text, double whole);

}  // namespace limner
