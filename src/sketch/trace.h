// From pictures of lines to strokes.
#pragma once

#include <string>
#include <vector>

#include "image/image.h"
#include "sketch/curves.h"
#include "sketch/stroke.h"

namespace limner {

// Strokes of labels [h,w,1] of 0..22, class by class in ascending order, each
// with its class. Lines may be a few pixels wide; a stroke runs along their
// middle, and on through junctions where the line does. A single pixel is a
// stroke of one point. The drawing's side is max(w, h), and the middle of
// pixel (x, y) is (x + 0.5, y + 0.5). An image without strokes gives an empty
// drawing. Throws Error as check_labels() does and for an image of no pixels.
Drawing trace_labels(const Image& labels);

struct TraceOptions {
  // Pictures are reduced until their longer side has this many pixels; small
  // ones with even ground are enlarged, to 1024 at most.
  int side = 1024;
  // Marks whose extent is below this are specks and left out; in 1/512 of the
  // longer side.
  double speck = 5.0;
  // Branches shorter than this, from a junction to an end, are hairs of the
  // thinning, not strokes; in 1/512, and at least the line's own width.
  double spur = 3.0;
  // How much of a branch thinning bends at a fork, in widths of the line.
  double trim = 0.5;
  // Smoothing along a line (sigma), and how far simplifying may move it; in
  // 1/512.
  double smoothing = 1.2;
  double tolerance = 0.35;
  // Stands in messages.
  std::string name = "the picture";
};

// Lines through the middles of ink [h,w,1] of 0 and 1, whose lines are about
// `width` pixels wide, in pixels; 1/512 of the picture that it belongs to are
// `unit` pixels. (The second half of trace_picture().)
std::vector<Polyline> centre_lines(const Image& ink, double width, double unit,
                                   const TraceOptions& options);

// Strokes of a scan, a photo of paper or a screenshot [h,w,1], [h,w,3] or
// [h,w,4]: dark lines on light ground or light ones on dark, in uneven light
// too. Alpha is laid over white. Labels are 0: not known. The drawing's side
// is max(w, h) of the picture as given. Throws Error ("no lines found in ...")
// for a picture that is even, holds nothing but specks or noise, or has far
// too much ink for a line drawing, as photographs have; and for other numbers
// of channels and pictures of no pixels or above kMaxImageSide.
Drawing trace_picture(const Image& picture, const TraceOptions& options = {});

}  // namespace limner
