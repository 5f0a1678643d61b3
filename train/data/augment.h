// Variations of a face: one geometric transform for all that is drawn of it,
// and one change of colours.
#pragma once

#include <array>

#include "image/image.h"
#include "sketch/stroke.h"
#include "util/random.h"

namespace limner::train {

// Strengths; 0 switches one off.
struct AugmentOptions {
  double mirror = 0.5;          // probability
  double rotation = 5.0;        // degrees, at most, either way
  double scale = 0.06;          // at most, either way
  double shift = 0.025;         // of the side, at most, either way
  double colour = 0.7;          // probability of any change of colours
  double brightness = 0.08;     // of the range, at most
  double contrast = 0.12;       // at most
  double saturation = 0.2;      // at most
  double hue = 6.0;             // degrees, at most
  double white_balance = 0.05;  // gain of red against blue, at most
};

// A point of the result, in units of the side, comes from
//   x' = xx x + xy y + x0,  y' = yx x + yy y + y0
// of the source; xx < 0 when mirrored. Points outside [0, 1] are mirrored at
// the border of the source.
struct Transform {
  double xx = 1, xy = 0, x0 = 0;
  double yx = 0, yy = 1, y0 = 0;

  bool identity() const;
  bool mirrored() const { return xx * yy - xy * yx < 0; }
  // The transform back: from the source to the result.
  Transform inverse() const;
};

// RGB of [0, 255] to RGB: out = matrix in + offset, clamped.
struct ColourChange {
  std::array<float, 9> matrix = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  std::array<float, 3> offset = {0, 0, 0};
};

struct Augmentation {
  Transform transform;
  ColourChange colour;
};

// Takes a fixed number of values from `random` whatever the options, so that
// changing one strength leaves the others' draws alone.
Augmentation draw_augmentation(const AugmentOptions& options, Random& random);

// photo: [s,s,3] to [side,side,3] by bilinear interpolation. The source should
// be about as fine as the result.
Image warp_photo(const Image& photo, const Transform& transform, int side);

// mask: [s,s,1] to [side,side,1], each pixel by the majority of a 4x4 grid of
// points in it (the smaller label on a tie). Swaps labels of left and right
// when the transform mirrors.
Image warp_mask(const Image& mask, const Transform& transform, int side);

// mask: [s,s,1] to [side,side,1] by the same majority; equals warp_mask()
// without a transform.
Image resize_mask(const Image& mask, int side);

// The drawing of the source as the result shows it, with what is mirrored at
// the source's border. Swaps classes of left and right when the transform
// mirrors.
Drawing warp_drawing(const Drawing& drawing, const Transform& transform);

// Writes photo [side,side,3] to `planes` [3,side,side] of [-1, 1], with the
// change of colours.
void to_planes(const Image& photo, const ColourChange& change, float* planes);

}  // namespace limner::train
