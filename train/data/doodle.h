// The parts of a face as people draw them in a few seconds: an eye as a circle,
// a tick or a dot, a mouth as one arc, a head as an egg.
#pragma once

#include <vector>

#include "sketch/frame.h"
#include "sketch/stroke.h"
#include "util/random.h"

namespace limner::train {

// What is drawn as one symbol, or left out as one.
enum class DoodlePart {
  kEyes,     // classes 1, 2, 3
  kBrows,    // 4, 5
  kNose,     // 6
  kMouth,    // 7
  kOutline,  // 10, 17 to 21
  kEars,     // 8, 11, 12
  kHair,     // 13, 15, 22
  kBody,     // 9, 14, 16
};
constexpr int kDoodleParts = 8;

// The part of stroke class `label`, 1..22.
DoodlePart doodle_part(int label);

// Where the parts of a drawn face lie, in the drawing's units. Sides are image
// sides: the right eye has class 1.
struct FaceLayout {
  PartPlace right_eye, left_eye, right_brow, left_brow, nose, mouth, outline;
  bool hair = false;
  bool long_hair = false;  // below the mouth
  // How far symbols may leave these places and sizes, 0..1.
  double freedom = 1;
};

// The places that `drawing` shows; those of parts that it lacks as `framing`
// (see fit_framing) has them usually.
FaceLayout layout_of(const Drawing& drawing, const Framing& framing);

// The part as a symbol in its place. May have no strokes: many parts are left
// out by most people. An outline is one stroke of class 10.
std::vector<Stroke> doodle(DoodlePart part, const FaceLayout& layout,
                           Random& random);

// Adds `line` to `out`, cut into strokes of the classes of the nearest
// `borders`; class 10 where there are none.
void add_by_borders(std::vector<Stroke>& out, const std::vector<Point>& line,
                    const std::vector<Stroke>& borders);

}  // namespace limner::train
