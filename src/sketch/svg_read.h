// Drawings from SVG files.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sketch/curves.h"
#include "sketch/flatten.h"
#include "sketch/stroke.h"

namespace limner {

// Elements inside each other, counting what `use` brings in. Drawing programs
// nest some ten groups.
constexpr int kMaxSvgDepth = 256;
// Elements met while drawing, each again whenever a `use` repeats it.
constexpr int64_t kMaxSvgElements = 1'000'000;

// Where a stroke comes from.
struct SvgOrigin {
  int64_t element = 0;  // the how manieth that was met
  uint32_t colour = 0;  // 0xrrggbb; another number where it has none
};

// What has a fill, in the order of painting.
struct SvgArea {
  std::vector<Polyline> outlines;
  bool even_odd = false;
  std::array<uint8_t, 3> colour = {};
  double alpha = 1;
  // Strokes [first, last) are its outline.
  size_t first_stroke = 0;
  size_t last_stroke = 0;
};

// A picture that the file holds, or refers to.
struct SvgPicture {
  std::vector<unsigned char> data;  // empty: in another file
  std::string href;  // the beginning of its name, fit for a message
  Affine map;        // from units in which its corner is (0, 0)
  double width = 0;  // of its place in these units; 0: as it is
  double height = 0;
  std::string preserve;  // preserveAspectRatio
};

struct SvgContent {
  Drawing drawing;
  std::vector<SvgOrigin> origins;  // one a stroke
  std::vector<SvgArea> areas;
  std::vector<SvgPicture> pictures;
  // What was left out, one line each, with element and line of the file.
  std::vector<std::string> notes;
};

// Reads SVG text; `name` stands in messages. Every subpath of a path and every
// basic shape is a stroke, curves flattened to within side / 5120. Groups,
// nested svg, switch, transforms, view boxes, units, local `use`, style sheets,
// clips and masks are followed; text, scripts and references to other files are
// passed over and never opened; entities of the file's own are expanded.
//
// A stroke is what is seen of a line on the page: with a stroke (or neither
// stroke nor fill said), displayed and visible, of some width and opacity, of
// another colour than what lies beneath, not clipped or masked. What has a fill
// alone is an area. What has data-class counts as a line even so.
//
// The drawing's side is the longer side of the viewport (its width and height,
// else its view box, else the bounding square of what is drawn) in CSS pixels;
// the shorter side is centred in it.
//
// A stroke's class is `data-class` (1..22, or a name of classes.h) on it or
// the nearest element around it, else the class whose legend colour its stroke
// has, else 0. Where a file of limner's own has a line in the legend's colour
// of another class than its title and data-class say, somebody has coloured it,
// and the colour counts. data-confidence and data-detail (0..1) are inherited;
// data-pressure (numbers 0..1) is kept where there is one for each point of the
// flattened line.
//
// An element that makes no sense is left out, or drawn up to there, and noted.
// Throws Error for text that is not SVG, for a file of which nothing is left,
// and beyond the limits here, in css.h and in drawing_limits.h.
SvgContent read_svg_content(std::string_view text, const std::string& name);

// The drawing alone.
Drawing read_svg(std::string_view text, const std::string& name);

}  // namespace limner
