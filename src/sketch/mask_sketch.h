// From a mask of a face's parts to a drawing of it.
#pragma once

#include <cstdint>

#include "image/image.h"
#include "sketch/stroke.h"

namespace limner {

constexpr int kMaskLabels = 19;

// The kMaskLabels labels of a part mask, CelebAMask-HQ's order. l_... are the
// parts on the image's right side.
enum Part : uint8_t {
  kBackground,
  kSkin,
  kNose,
  kGlasses,
  kLeftEye,
  kRightEye,
  kLeftBrow,
  kRightBrow,
  kLeftEar,
  kRightEar,
  kMouth,
  kUpperLip,
  kLowerLip,
  kHair,
  kHat,
  kEarring,
  kNecklace,
  kNeck,
  kCloth,
};

struct SketchOptions {
  // 0: borders of regions only, 1: many edges inside them.
  float detail = 0.5F;
  // Smoothing along a line, in units of 1/512 of the side.
  float smoothing = 3.0F;
  // Closed borders shorter than this are specks and left out, in 1/512.
  float min_border = 14.0F;
};

// Class of the border between regions of mask labels a and b, 0..18, in
// either order; 0 where a equals b. In this order: earring 8, necklace 9,
// glasses 3, eyes 1, 2, brows 4, 5, lips and mouth 7, nose 6 against anything;
// the skin against hair 17, neck 18, cloth 19, hat 20, ears 21, background 10;
// ears 11, 12 against anything else; hair 15, neck 14, cloth 16, hat 13
// against the background, and 22 against each other. l_... parts, which lie on
// the image's right, have the right side's classes.
int border_class(int a, int b);

// Class of an edge inside a region of mask label `part`; 0 for background.
int inner_class(int part);

// Draws the borders between the regions of mask [s,s,1] (labels 0..18) and,
// where a photo [h,h,3] of the same frame is given and detail is above 0, the
// strongest edges inside of them. The border of the picture is no stroke. The
// drawing's side is 512, whatever s. Throws Error when a picture is not
// square, or for labels above 18.
Drawing sketch_of(const Image& mask, const Image* photo,
                  const SketchOptions& options = {});

}  // namespace limner
