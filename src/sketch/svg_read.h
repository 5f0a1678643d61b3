// Drawings from SVG files.
#pragma once

#include <string>
#include <string_view>

#include "sketch/stroke.h"

namespace limner {

// Elements inside each other, counting what `use` brings in. Drawing programs
// nest some ten groups.
constexpr int kMaxSvgDepth = 256;
// Elements met while drawing, each again whenever a `use` repeats it.
constexpr int64_t kMaxSvgElements = 1'000'000;
// Marks (< and =) in a file, each of which may take 64 bytes of memory while
// it is read. A drawing of kMaxDrawingStrokes strokes has a million.
constexpr int64_t kMaxSvgMarks = 4'000'000;

// Reads SVG text; `name` stands in messages. Every subpath of a path and every
// basic shape is a stroke, curves flattened to within side / 5120. Groups,
// nested svg, transforms, view boxes, units and local `use` are followed;
// fills, text, pictures, scripts, style sheets and references to other files
// are passed over and never opened; entities of a DTD are not expanded.
//
// Drawn is what has a stroke: not display:none or visibility:hidden, not
// stroke:none, and not what has a fill alone (an area); a shape that says
// neither counts as a line, and one with data-class always does.
//
// The drawing's side is the longer side of the viewport (its width and height,
// else its view box, else the bounding square of what is drawn) in CSS pixels;
// the shorter side is centred in it.
//
// A stroke's class is `data-class` (1..22, or a name of classes.h) on it or
// the nearest element around it, else the class whose legend colour its stroke
// has exactly, else 0. data-confidence and data-detail (0..1) are inherited in
// the same way; data-pressure (numbers 0..1) is kept where there is one for
// each point of the flattened line.
//
// Throws Error for text that is not SVG, attributes that make no sense (with
// element and line), and beyond the limits here and in drawing_limits.h.
Drawing read_svg(std::string_view text, const std::string& name);

}  // namespace limner
