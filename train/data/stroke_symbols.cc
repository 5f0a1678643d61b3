#include "train/data/stroke_symbols.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sketch/classes.h"
#include "train/data/doodle.h"
#include "train/data/doodle_shapes.h"
#include "train/data/hand_labels.h"

namespace limner::train {
namespace {

// Probability that a part of the face is drawn as a symbol, or left out as
// symbols are, in the order of DoodlePart.
constexpr std::array<double, kDoodleParts> kSymbolShares = {
    0.9, 0.85, 0.85, 0.85, 0.8, 0.7, 0.75, 0.8};
constexpr double kGlassesShare = 0.08;  // of faces that have none
constexpr double kBarShare = 0.5;       // of glasses: bars towards the ears
constexpr double kMoreHair = 0.35;      // symbols of hair are mostly none

// Rings or boxes around the eyes, a bridge, perhaps bars.
void add_glasses(std::vector<Stroke>& out, const FaceLayout& layout,
                 Random& random) {
  const double apart = layout.right_eye.x - layout.left_eye.x;
  const double rx = 0.5 * apart * random.between(0.55, 0.92);
  const double ry = rx * random.between(0.6, 1.1);
  const bool boxes = random.uniform() < 0.3;
  for (const PartPlace* eye : {&layout.right_eye, &layout.left_eye}) {
    const double x = eye->x;
    const double y = eye->y + 0.1 * ry * random.normal();
    if (boxes) {
      shapes::add(out,
                  {shapes::at(x - rx, y - ry), shapes::at(x + rx, y - ry),
                   shapes::at(x + rx, y + ry), shapes::at(x - rx, y + ry),
                   shapes::at(x - rx, y - ry)},
                  classes::kGlasses);
    } else {
      shapes::add(out, shapes::loop(x, y, rx, ry, random), classes::kGlasses);
    }
  }
  const double y = 0.5 * (layout.right_eye.y + layout.left_eye.y) -
                   ry * random.between(0.0, 0.4);
  const double from = layout.left_eye.x + 0.95 * rx;
  const double to = layout.right_eye.x - 0.95 * rx;
  shapes::add(out,
              {shapes::at(from, y),
               shapes::at((from + to) / 2, y - ry * random.between(0.0, 0.25)),
               shapes::at(to, y)},
              classes::kGlasses);
  if (random.uniform() >= kBarShare) return;
  const double reach = 0.48 * layout.outline.width;
  const double up = ry * random.between(-0.2, 0.4);
  for (const double side : {1.0, -1.0}) {
    const PartPlace& eye = side > 0 ? layout.right_eye : layout.left_eye;
    shapes::add(out,
                {shapes::at(eye.x + side * 0.95 * rx, y),
                 shapes::at(layout.outline.x + side * reach, y - up)},
                classes::kGlasses);
  }
}

// Everything of one part: symbols, or the face's own lines.
void add_part(std::vector<Stroke>& out, DoodlePart part, const Drawing& face,
              const FaceLayout& layout, Random& random) {
  const bool symbols =
      random.uniform() < kSymbolShares[static_cast<size_t>(part)];
  for (const Stroke& stroke : face.strokes) {
    const bool glasses =
        part == DoodlePart::kEyes && stroke.label == classes::kGlasses;
    if (doodle_part(stroke.label) == part && (!symbols || glasses)) {
      out.push_back(stroke);
    }
  }
  if (!symbols) return;
  std::vector<Stroke> drawn = doodle(part, layout, random);
  if (part == DoodlePart::kHair && drawn.empty() &&
      random.uniform() < kMoreHair) {
    drawn = doodle(part, layout, random);
  }
  for (Stroke& stroke : drawn) {
    if (part == DoodlePart::kOutline) stroke.label = kContourLabel;
    out.push_back(std::move(stroke));
  }
}

}  // namespace

Drawing draw_symbols(const Drawing& face, Random& random) {
  FaceLayout layout = layout_of(face, Framing());
  const bool has_glasses = std::any_of(
      face.strokes.begin(), face.strokes.end(),
      [](const Stroke& stroke) { return stroke.label == classes::kGlasses; });
  Drawing out;
  out.side = face.side;
  const bool adds_glasses = !has_glasses && random.uniform() < kGlassesShare;
  if (has_glasses || adds_glasses) {
    // Eyes lie within their frames.
    for (PartPlace* eye : {&layout.right_eye, &layout.left_eye}) {
      eye->width *= 0.6;
      eye->height *= 0.6;
    }
  }
  for (int k = 0; k < kDoodleParts; ++k) {
    add_part(out.strokes, static_cast<DoodlePart>(k), face, layout, random);
  }
  if (adds_glasses) add_glasses(out.strokes, layout, random);
  // Without hair, the border to hair is the face's own.
  const bool hair = std::any_of(
      out.strokes.begin(), out.strokes.end(),
      [](const Stroke& stroke) { return stroke.label == classes::kHair; });
  if (!hair) {
    for (Stroke& stroke : out.strokes) {
      if (stroke.label == 17) stroke.label = 10;
    }
  }
  return out;
}

}  // namespace limner::train
