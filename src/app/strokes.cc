#include "app/strokes.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>

#include "app/batch.h"
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

Option shapes_option(std::filesystem::path* shapes) {
  Option option = path("--shapes", "FILE", shapes,
                       "the face shapes that a drawing is fitted to");
  option.environment = "LIMNER_SHAPES";
  option.bundled = true;
  option.fallback = "LIMNER_SHAPES, or the bundled ones";
  return option;
}

Option faithful_fit_option(std::string* faithful) {
  Option option;
  option.names = "--faithful";
  option.value = "X|auto";
  option.target = faithful;
  option.help =
      "how closely the drawing is followed, 0 to 1: 1 as drawn, 0 as the "
      "nearest plausible face; auto: as suits how far it is from one";
  return option;
}

std::optional<double> faithful_number(const std::string& text) {
  if (text == "auto") return std::nullopt;
  double number = -1;
  const auto* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end || !(number >= 0) ||
      !(number <= 1)) {
    fail("--faithful must be a number from 0 to 1 or auto, got '{}'",
         printable(text));
  }
  return number;
}

const FaceShapes* LazyShapes::get() {
  if (!read_ && !file_.empty()) {
    try {
      if (has_face_shapes(file_)) shapes_.emplace(read_face_shapes(file_));
    } catch (const Error& error) {
      throw ErrorOfAll(error.what());
    }
  }
  read_ = true;
  return shapes_ ? &*shapes_ : nullptr;
}

const char* shape_part_name(ShapePart part) {
  switch (part) {
    case ShapePart::kEyeRight:
      return "right eye";
    case ShapePart::kEyeLeft:
      return "left eye";
    case ShapePart::kBrowRight:
      return "right brow";
    case ShapePart::kBrowLeft:
      return "left brow";
    case ShapePart::kNose:
      return "nose";
    case ShapePart::kMouth:
      return "mouth";
    case ShapePart::kLips:
      return "lips";
    case ShapePart::kOutline:
      return "outline";
    case ShapePart::kHair:
      return "hair";
    case ShapePart::kNeck:
      return "neck";
  }
  return "";
}

std::string fit_text(const FitResult& fit) {
  std::string out = fmt::format(
      "fitted with faithfulness {:.2f}, {:.2f} from "
      "plausible faces",
      fit.faithful, fit.distance);
  if (!fit.changed()) return out + ": left as it is";
  const auto list = [&](PartFit::Change change, const char* what) {
    std::string names;
    for (size_t k = 0; k < fit.parts.size(); ++k) {
      if (fit.parts[k].change != change) continue;
      names += names.empty() ? "" : ", ";
      names += shape_part_name(static_cast<ShapePart>(k));
    }
    if (!names.empty()) out += fmt::format("; {}: {}", what, names);
  };
  list(PartFit::Change::kMoved, "moved");
  list(PartFit::Change::kRedrawn, "drawn anew");
  list(PartFit::Change::kAdded, "added");
  return out;
}

Option index_option(int64_t* index) {
  return whole("--index", "N", index, 0, std::numeric_limits<int32_t>::max(),
               "which drawing of an ndjson file, counted from 0");
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
