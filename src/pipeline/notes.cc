#include "pipeline/notes.h"

#include <fmt/format.h>

#include <algorithm>

#include "sketch/classes.h"

namespace limner {
namespace {

// Doubtful strokes that are named; `limner label` names all.
constexpr size_t kMaxDoubts = 5;

}  // namespace

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

std::string face_text(const FoundFace& face) {
  return fmt::format(
      "face at {:.0f},{:.0f} of {:.0f} px, turned by {:.1f} "
      "degrees",
      face.frame.centre.x, face.frame.centre.y, face.frame.side,
      face.frame.angle);
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

const char* change_name(PartFit::Change change) {
  switch (change) {
    case PartFit::Change::kKept:
      return "kept";
    case PartFit::Change::kMoved:
      return "moved";
    case PartFit::Change::kRedrawn:
      return "redrawn";
    case PartFit::Change::kAdded:
      return "added";
    case PartFit::Change::kMissing:
      break;
  }
  return "missing";
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

std::string hatching_text(int hatches) {
  return fmt::format("{} strokes of hatching became outlines", hatches);
}

std::vector<std::string> notes_on(const PreparedDrawing& prepared) {
  const Drawing& drawing = prepared.labelled.drawing;
  std::vector<std::string> notes;
  if (prepared.moved) {
    notes.push_back(framing_text(prepared.framing, drawing.side));
  }
  if (prepared.hatches > 0) {
    notes.push_back(hatching_text(prepared.hatches));
  }
  if (prepared.fit && prepared.fit->changed()) {
    notes.push_back(fit_text(*prepared.fit));
  }
  const std::vector<int>& doubtful = prepared.labelled.doubtful;
  for (size_t i = 0; i < std::min(doubtful.size(), kMaxDoubts); ++i) {
    notes.push_back("doubtful: " + doubt_text(drawing, doubtful[i]));
  }
  if (doubtful.size() > kMaxDoubts) {
    notes.push_back(
        fmt::format("{} more are doubtful: `limner label` names all",
                    doubtful.size() - kMaxDoubts));
  }
  return notes;
}

}  // namespace limner
