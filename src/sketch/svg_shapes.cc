#include "sketch/svg_shapes.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "sketch/svg_length.h"
#include "sketch/svg_path.h"
#include "sketch/svg_text.h"
#include "util/error.h"

namespace limner {
namespace {

void draw_points(std::string_view text, bool closed, Pen& pen) {
  if (trimmed(text) == "none") return;
  // Point by point: those before one that makes no sense are drawn.
  SvgScanner scan(text);
  int64_t points = 0;
  while (!scan.done()) {
    const double x = scan.number();
    if (scan.done()) {
      fail("points: {} numbers, expected pairs", 2 * points + 1);
    }
    const Vec to = {x, scan.number()};
    points > 0 ? pen.line_to(to) : pen.move_to(to);
    ++points;
  }
  if (closed && points > 0) pen.close();
}

void draw_ellipse(Vec centre, double rx, double ry, Pen& pen) {
  if (!(rx > 0) || !(ry > 0)) return;
  const Vec right = {centre.x + rx, centre.y};
  pen.move_to(right);
  pen.arc_to({centre, rx, ry, 0}, 0, 2 * M_PI, right);
  pen.close();
}

void draw_rect(pugi::xml_node node, Vec port, Pen& pen) {
  const double x = svg_length_of(node, "x", port.x, 0);
  const double y = svg_length_of(node, "y", port.y, 0);
  const double width = svg_length_of(node, "width", port.x, 0);
  const double height = svg_length_of(node, "height", port.y, 0);
  // A radius that is not given equals the other.
  double rx = svg_length_of(node, "rx", port.x, -1);
  double ry = svg_length_of(node, "ry", port.y, -1);
  if (rx < 0) rx = ry;
  if (ry < 0) ry = rx;
  if (!(width > 0) || !(height > 0)) return;
  rx = std::clamp(rx, 0.0, width / 2);
  ry = std::clamp(ry, 0.0, height / 2);
  const double right = x + width, bottom = y + height;
  pen.move_to({x + rx, y});
  if (rx == 0 || ry == 0) {
    pen.move_to({x, y});
    pen.line_to({right, y});
    pen.line_to({right, bottom});
    pen.line_to({x, bottom});
    return pen.close();
  }
  // Sides of no length are left out.
  const auto side = [&pen](Vec to) {
    if (to.x != pen.at().x || to.y != pen.at().y) pen.line_to(to);
  };
  side({right - rx, y});
  pen.arc_to({{right - rx, y + ry}, rx, ry, 0}, -M_PI / 2, M_PI / 2,
             {right, y + ry});
  side({right, bottom - ry});
  pen.arc_to({{right - rx, bottom - ry}, rx, ry, 0}, 0, M_PI / 2,
             {right - rx, bottom});
  side({x + rx, bottom});
  pen.arc_to({{x + rx, bottom - ry}, rx, ry, 0}, M_PI / 2, M_PI / 2,
             {x, bottom - ry});
  side({x, y + ry});
  pen.arc_to({{x + rx, y + ry}, rx, ry, 0}, M_PI, M_PI / 2, {x + rx, y});
  pen.close();
}

}  // namespace

double svg_length_of(pugi::xml_node node, const char* name, double whole,
                     double otherwise) {
  const std::string_view text = trimmed(node.attribute(name).value());
  if (text.empty() || text == "auto") return otherwise;
  try {
    return svg_length(text, whole);
  } catch (const Error& error) {
    fail("{}: {}", name, error.what());
  }
}

bool is_svg_shape(std::string_view name) {
  static constexpr std::string_view kShapes[] = {
      "path", "line", "polyline", "polygon", "rect", "circle", "ellipse"};
  return std::find(std::begin(kShapes), std::end(kShapes), name) !=
         std::end(kShapes);
}

void draw_svg_shape(pugi::xml_node node, std::string_view name, Vec port,
                    Pen& pen) {
  // SVG's base for percentages that are neither of a width nor of a height.
  const double diagonal = std::hypot(port.x, port.y) / std::sqrt(2.0);
  const auto x = [&](const char* key) {
    return svg_length_of(node, key, port.x, 0);
  };
  const auto y = [&](const char* key) {
    return svg_length_of(node, key, port.y, 0);
  };
  if (name == "path") {
    draw_path(node.attribute("d").value(), pen);
  } else if (name == "line") {
    pen.move_to({x("x1"), y("y1")});
    pen.line_to({x("x2"), y("y2")});
  } else if (name == "polyline" || name == "polygon") {
    draw_points(node.attribute("points").value(), name == "polygon", pen);
  } else if (name == "rect") {
    draw_rect(node, port, pen);
  } else if (name == "circle") {
    const double r = svg_length_of(node, "r", diagonal, 0);
    draw_ellipse({x("cx"), y("cy")}, r, r, pen);
  } else if (name == "ellipse") {
    double rx = svg_length_of(node, "rx", port.x, -1);
    double ry = svg_length_of(node, "ry", port.y, -1);
    if (rx < 0) rx = ry;
    if (ry < 0) ry = rx;
    draw_ellipse({x("cx"), y("cy")}, rx, ry, pen);
  }
}

}  // namespace limner
