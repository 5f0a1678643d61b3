// What of an SVG's lines is seen: clips, masks, and the colours beneath.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "sketch/curves.h"
#include "sketch/fill.h"
#include "sketch/flatten.h"
#include "sketch/svg_file.h"

namespace limner {

// Elements with a clip or a mask, and points of the shapes of one, that are
// followed; what goes beyond is as if it had none.
constexpr int kMaxSvgCuts = 2000;
constexpr int64_t kMaxCutPoints = 20'000;

// Where an element lies.
struct SvgPlace {
  Affine map;  // from its units to the drawing's
  Vec port;    // of the nearest viewport, in its units
  double side = 1;
  double tolerance = 1;  // of curves, in the drawing's units
};

// Box of a shape in its own units: x, y, width, height; all 0 for one that is
// not understood or has no extent.
std::array<double, 4> svg_bounds(pugi::xml_node node, std::string_view name,
                                 const SvgPlace& place);

using Seen = std::shared_ptr<const Region>;  // null: everything

class SvgCuts {
 public:
  explicit SvgCuts(SvgFile& file) : file_(file) {}

  // What of `seen` the clip-path and the mask of `node`, whose look is `look`,
  // leave. A clip or mask of which something is not understood (text, pictures,
  // gradients) cuts nothing.
  Seen cut(const Seen& seen, pugi::xml_node node, const SvgOwn& own,
           const SvgLook& look, const SvgPlace& place);

 private:
  struct Content;

  Seen cut_by(const Seen& seen, std::string_view value, bool mask,
              pugi::xml_node node, const SvgLook& look, SvgPlace place);
  void add(pugi::xml_node parent, const SvgLook& look, const SvgPlace& place,
           int depth, Content& content);
  void add_shape(pugi::xml_node node, std::string_view name,
                 const SvgLook& look, const SvgPlace& place, Content& content);

  SvgFile& file_;
  int cuts_ = 0;
  int64_t crossings_ = 0;
};

// The colours that lie on a page so far, coarsely.
class Paper {
 public:
  using Rgb = std::array<uint8_t, 3>;

  Paper(double side, Rgb colour);

  void fill(const std::vector<Polyline>& outlines, bool even_odd, Rgb colour,
            double alpha);
  // Whether a line of this colour differs from what lies beneath it along a
  // twentieth of its points or more.
  bool shows(const Polyline& line, Rgb colour, double alpha) const;

 private:
  const Rgb& at(const Point& p) const;

  Grid grid_;
  std::vector<Rgb> colours_;
  int fills_ = 0;
  int64_t crossings_ = 0;
};

}  // namespace limner
