// Which pixels of a picture of lines are ink.
#pragma once

#include "image/image.h"

namespace limner {

struct Ink {
  Image pixels;      // [h,w,1], 1 is ink
  double share = 0;  // of all pixels, before thick regions became outlines
  double width = 0;  // mean width of the lines in pixels, about
  // How uneven the ground is: the standard deviation of the bulk of the
  // pixels after smoothing, as a share of the ground's brightness. Paper has
  // 0 to 0.03, photographs 0.03 to 0.3.
  double noise = 0;
};

// Gray levels [h,w,1] of a picture [h,w,1], [h,w,3] or [h,w,4]: Rec. 601, alpha
// laid over white. Throws Error for other channels.
Image gray_of(const Image& picture);

// Mean width in pixels of the lines in ink [h,w,1] of 0 and 1: twice its area
// over the length of its outline. Lines of one pixel count as two.
double width_of(const Image& ink);

// Finds the lines of gray picture [h,w,1], dark on light or light on dark: the
// ground is the mean over a window of 1/8 of the longer side, of those pixels
// that are no ink; ink is what differs from it, relative to its brightness, by
// more than the picture's noise and about a third of what ink does on average.
// Marks smaller than `speck` pixels either way are left out, and of regions
// thicker than 1/24 of the longer side only the outline stays. Nothing found
// gives ink of share 0. times: by how much a picture was enlarged before; ink
// is then at least about half as dark as the darkest pixel beside it, and no
// paler than what lies on both sides of it, so that lines a pixel apart stay
// two.
Ink find_ink(const Image& gray, double speck, int times = 1);

}  // namespace limner
