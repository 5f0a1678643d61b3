// Drawings as by a hand that is not quite sure.
#pragma once

#include "sketch/stroke.h"
#include "util/random.h"

namespace limner {

// Lengths are in 1/512 of the drawing's side. Shifts, turns, sizes, warp and
// wobble are standard deviations; a drawing takes a share of them that is
// uniform in 0..1, so that some drawings are nearly exact. 0 switches one off.
struct DeformOptions {
  // The drawing as a whole: shift, turn (degrees), size (share), and a smooth
  // shift of its places.
  double shift = 2.0;
  double turn = 0.8;
  double size = 0.012;
  double warp = 3.0;
  // Each stroke by itself.
  double stroke_shift = 1.2;
  double stroke_turn = 1.2;
  double stroke_size = 0.02;
  // Offsets of points `wavelength` apart along a stroke, smooth between them.
  double wobble = 1.0;
  double wavelength = 40.0;
  // Probabilities that a stroke is left out, and that it is cut short, by less
  // than `cut` of its length.
  double drop = 0.04;
  double shorten = 0.12;
  double cut = 0.3;
  // The drawing's detail is uniform between these; below 0 counts as 0.
  double min_detail = -0.3;
  double max_detail = 1.0;
};

// The same seed gives the same drawing. Strokes keep their classes and order.
Drawing deform(const Drawing& drawing, const DeformOptions& options,
               Random& random);

}  // namespace limner
