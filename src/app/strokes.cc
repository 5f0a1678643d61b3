#include "app/strokes.h"

#include <algorithm>
#include <cctype>
#include <limits>

#include "app/batch.h"
#include "app/console.h"
#include "sketch/classes.h"

namespace limner::app {

Option labeler_option(std::filesystem::path* labeler) {
  Option option = path("--labeler", "FILE", labeler,
                       "the stroke labeler, which gives classes to strokes "
                       "that have none");
  option.environment = "LIMNER_LABELER";
  option.bundled = true;
  option.fallback = "LIMNER_LABELER, or the bundled one";
  return option;
}

Option parser_option(std::filesystem::path* parser) {
  Option option = path("--parser", "FILE", parser,
                       "the face parser, which tells the parts of a face in a "
                       "photo");
  option.environment = "LIMNER_PARSER";
  option.bundled = true;
  option.fallback = "LIMNER_PARSER, or the bundled one";
  return option;
}

Option index_option(int64_t* index) {
  return whole("--index", "N", index, 0, std::numeric_limits<int32_t>::max(),
               "which drawing of an ndjson file, counted from 0");
}

Option as_option(std::string* as) {
  return choice("--as", as, {"content", "labels", "picture"},
                "whether a PNG of few colours is a label image or a picture of "
                "lines; content: what its colours look like");
}

PngKind png_kind(const std::string& as) {
  if (as == "labels") return PngKind::kLabels;
  if (as == "picture") return PngKind::kPicture;
  return PngKind::kByContent;
}

void complain_notes(const std::filesystem::path& file,
                    const std::vector<std::string>& notes) {
  for (const std::string& note : notes) {
    complain("{}: {}", printable(file.string()), note);
  }
}

const StrokeLabeler* LazyLabeler::for_drawing(const Drawing& drawing,
                                              bool keep_given) {
  const bool needed =
      std::any_of(drawing.strokes.begin(), drawing.strokes.end(),
                  [&](const Stroke& s) { return !keep_given || s.label == 0; });
  if (!needed) return nullptr;
  if (!labeler_) {
    if (file_.empty()) return nullptr;
    try {
      labeler_.emplace(read_labeler(file_));
    } catch (const Error& error) {
      throw ErrorOfAll(error.what());
    }
  }
  return &*labeler_;
}

void check_drawing_path(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  for (const char* known : {".svg", ".json", ".ndjson", ".png"}) {
    if (ending == known) return;
  }
  fail(
      "{}: cannot tell the format from the ending '{}', expected .svg, .json, "
      ".ndjson or .png",
      printable(path.string()), printable(ending));
}

Point place_of_stroke(const Stroke& stroke) {
  const auto& points = stroke.points;
  const auto [left, right] = std::minmax_element(
      points.begin(), points.end(), [](Point a, Point b) { return a.x < b.x; });
  const auto [top, bottom] = std::minmax_element(
      points.begin(), points.end(), [](Point a, Point b) { return a.y < b.y; });
  return {0.5F * (left->x + right->x), 0.5F * (top->y + bottom->y)};
}

std::string doubt_text(const Drawing& drawing, int index) {
  const Stroke& stroke = drawing.strokes.at(index);
  const Point place = place_of_stroke(stroke);
  return fmt::format("stroke {} at {:.4g},{:.4g}: {} ({:.2f})", index, place.x,
                     place.y, stroke_class(stroke.label).name,
                     stroke.confidence);
}

std::string framing_text(const Framing& framing, float side) {
  // Beyond scaling the side to the frame's.
  std::string out = fmt::format("scaled by {:.3f}", framing.scale * side / 512);
  if (framing.angle != 0) {
    out += fmt::format(", turned by {:.1f} degrees", framing.angle);
  }
  return out + fmt::format(" and moved by {:.0f},{:.0f} (by {})", framing.dx,
                           framing.dy, framing.basis);
}

}  // namespace limner::app
