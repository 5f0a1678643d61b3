#include "sketch/svg_write.h"

#include <iterator>

#include "sketch/classes.h"
#include "sketch/drawing_limits.h"
#include "util/error.h"

namespace limner {
namespace {

void append_path(std::string& out, const Stroke& stroke, int decimals) {
  char command = 'M';
  for (const Point& point : stroke.points) {
    if (command != 'M') out += ' ';
    out += command;
    out += ' ';
    append_number(out, point.x, decimals);
    out += ' ';
    append_number(out, point.y, decimals);
    command = 'L';
  }
  // A path of one point shows as a dot only when it is closed.
  if (stroke.points.size() == 1) out += " Z";
}

void append_stroke(std::string& out, const Stroke& stroke, int decimals) {
  out += "<path d=\"";
  append_path(out, stroke, decimals);
  auto more = std::back_inserter(out);
  if (stroke.label == 0) {
    out += "\" stroke=\"#000000\"";
  } else {
    const StrokeClass& kind = stroke_class(stroke.label);
    fmt::format_to(more, "\" stroke=\"#{:02x}{:02x}{:02x}\" data-class=\"{}\"",
                   kind.colour[0], kind.colour[1], kind.colour[2], kind.id);
  }
  // "{}" of a float has as many digits as it takes to read the same back.
  if (stroke.confidence < 1) {
    fmt::format_to(more, " data-confidence=\"{}\"", stroke.confidence);
  }
  if (stroke.detail != 0) {
    fmt::format_to(more, " data-detail=\"{}\"", stroke.detail);
  }
  if (!stroke.pressure.empty()) {
    out += " data-pressure=\"";
    for (size_t i = 0; i < stroke.pressure.size(); ++i) {
      if (i > 0) out += ' ';
      append_number(out, stroke.pressure[i], 3);
    }
    out += '"';
  }
  // No name of a class has a character that XML would want escaped.
  fmt::format_to(
      more, "><title>{}</title></path>\n",
      stroke.label == 0 ? "not known" : stroke_class(stroke.label).name);
}

}  // namespace

std::string write_svg(const Drawing& drawing) {
  check_drawing(drawing);
  const int decimals = decimals_for(drawing.side);
  // A line is as wide as one pixel of the network's 256.
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {0}\">\n"
      "<g fill=\"none\" stroke-width=\"{1}\" stroke-linecap=\"round\" "
      "stroke-linejoin=\"round\">\n",
      drawing.side, drawing.side / 256);
  for (const Stroke& stroke : drawing.strokes) {
    append_stroke(out, stroke, decimals);
  }
  out += "</g>\n</svg>\n";
  return out;
}

}  // namespace limner
