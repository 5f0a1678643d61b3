// Drawings as people draw them: what a faithful drawing of a face may become in
// a hand that is quick, unsure or has no model before it.
#pragma once

#include "sketch/stroke.h"
#include "util/random.h"

namespace limner::train {

// Strengths at faithfulness 0; they fall to nothing, smoothly, towards 1.
// Lengths are standard deviations in 1/512 of the side, sizes those of a
// logarithm, turns in degrees, the rest probabilities 0..1.
struct RoughOptions {
  // The whole face: its width against its height, and its tilt.
  double stretch = 0.08;
  double tilt = 6.0;
  // Parts against each other: of each, of both eyes at once (up or down, apart
  // or together), of the outline.
  double part_shift = 9.0;
  double part_size = 0.22;
  double part_turn = 6.0;
  double eyes_shift = 14.0;
  double eyes_apart = 0.15;
  double outline_size = 0.05;
  double outline_turn = 7.0;
  // Lines: as in DeformOptions; the most that they are smoothed (but no short
  // line by more than a twelfth of it), and how far they may move where points
  // are left out.
  double warp = 9.0;
  double wobble = 2.6;
  double drop = 0.12;
  double shorten = 0.3;
  double smoothing = 40.0;
  double simplify = 4.0;
  double overdraw = 0.12;
  double split = 0.15;
  double omit = 0.75;    // of a group: hair, neck and clothes, ears, brows
  double symbols = 1.0;  // of a part: drawn as a symbol instead
  double misread = 0.6;  // see misread()
};

// `drawing` as it may come out with this faithfulness, 0 to 1: at 1 as it is,
// at 0 a doodle. The face's size and place stay those of `drawing`, as
// fit_framing() finds them. The same seed gives the same drawing. A drawing
// without any part of a face is returned as it is.
Drawing make_rough(const Drawing& drawing, double faithfulness,
                   const RoughOptions& options, Random& random);

}  // namespace limner::train
