// From what an SVG file shows to lines of a drawing.
#pragma once

#include <string>
#include <vector>

#include "sketch/svg_read.h"

namespace limner {

struct SvgLines {
  Drawing drawing;
  // Lines were traced, from filled areas or from a picture inside.
  bool traced = false;
  std::vector<std::string> notes;
};

// The strokes of `content`, pieces joined (join_pieces()). Pens that make
// filled outlines become lines through their middles: areas are painted and
// traced (trace_picture()). Which are:
//
// - in a file of fills alone, all of them, as they are painted;
// - beside strokes those that are long and thin, where they make more than a
//   tenth of what is drawn; a thin one with a stroke of its own is one line,
//   not two.
//
// A file of neither has the pictures traced that it holds. Throws Error, with
// `name`, when a picture or the areas of a file without strokes hold no lines,
// as trace_picture() does.
SvgLines svg_lines(SvgContent content, const std::string& name);

}  // namespace limner
