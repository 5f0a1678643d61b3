#include "pipeline/notes.h"

#include <fmt/format.h>

#include <algorithm>

#include "sketch/classes.h"

namespace limner {
namespace {

// Doubtful strokes that are named; `limner label` names all.
constexpr size_t kMostDoubts = 5;

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

std::vector<std::string> notes_on(const PreparedDrawing& prepared) {
  const Drawing& drawing = prepared.labelled.drawing;
  std::vector<std::string> notes;
  if (prepared.moved) {
    notes.push_back(framing_text(prepared.framing, drawing.side));
  }
  const std::vector<int>& doubtful = prepared.labelled.doubtful;
  for (size_t i = 0; i < std::min(doubtful.size(), kMostDoubts); ++i) {
    notes.push_back("doubtful: " + doubt_text(drawing, doubtful[i]));
  }
  if (doubtful.size() > kMostDoubts) {
    notes.push_back(
        fmt::format("{} more are doubtful: `limner label` names all",
                    doubtful.size() - kMostDoubts));
  }
  return notes;
}

}  // namespace limner
