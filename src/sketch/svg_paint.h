// What SVG's attributes, styles and style sheets say about how an element is
// painted (SVG 2, chapters 6, 13 and 14).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "sketch/css.h"
#include "sketch/css_colour.h"
#include "sketch/flatten.h"

namespace limner {

struct SvgPaint {
  enum Kind {
    kNotSaid,
    kNone,
    kColour,
    kOther  // a gradient, a pattern, a colour that is not understood
  };
  Kind kind = kNotSaid;
  CssColour colour = {};
  std::string url = {};  // of kOther: the id that url(#id) names

  bool some() const { return kind == kColour || kind == kOther; }
};

// What elements hand down to those inside of them.
struct SvgLook {
  int label = -1;  // -1: no data-class yet
  SvgPaint stroke;
  SvgPaint fill;
  CssColour colour = {};  // currentColor
  double stroke_opacity = 1;
  double fill_opacity = 1;
  double opacity = 1;  // of all groups around it, too
  double stroke_width = 1;
  bool even_odd = false;
  bool visible = true;
  bool displayed = true;
  float confidence = 1;
  float detail = 0;

  // How much of a stroke or a fill is seen, 0..1.
  double stroke_alpha() const;
  double fill_alpha() const;
};

// What is of the element itself.
struct SvgOwn {
  std::string transform, translate, rotate, scale;
  std::string origin, box;       // transform-origin, transform-box
  std::string clip, mask;        // clip-path, mask
  std::string background;        // of the root
  bool confidence_said = false;  // it has data-confidence
  bool class_said = false;       // it has data-class
  std::string problem;           // with limner's own attributes
};

// The legend's class of a paint, 0 when it is none's colour.
int class_of_paint(const SvgPaint& paint);

class SvgStyles {
 public:
  // Adds the sheets of all style elements inside of `root`, and what it says
  // of custom properties. Throws Error as StyleSheet does.
  void read(pugi::xml_node root);

  // Changes `look`, that of what is around `node`, to the node's, and says what
  // is its own. What makes no sense counts as not said; but Error is
  // thrown for wrong values of limner's own attributes. Returns the characters
  // read.
  int64_t apply(pugi::xml_node node, double whole, SvgLook& look, SvgOwn& own);

 private:
  void set(std::string_view key, std::string_view value, double whole,
           SvgLook& look, SvgOwn& own) const;
  void set_variable(const CssDeclaration& one);
  // var(--name, otherwise) replaced.
  std::string resolved(std::string_view value) const;

  StyleSheet sheet_;
  std::map<std::string, std::string, std::less<>> variables_;
};

// The pieces of "url(#a)": a. Empty when it is none.
std::string_view local_url(std::string_view text);

}  // namespace limner
