// What is said of a drawing or photo that was changed on its way.
#pragma once

#include <string>
#include <vector>

#include "pipeline/alignment.h"
#include "pipeline/drawings.h"

namespace limner {

// Where a stroke is: the middle of its box, in the drawing's units. It must
// have points.
Point place_of_stroke(const Stroke& stroke);

// "stroke 12 at 210,330: hair (0.42)"
std::string doubt_text(const Drawing& drawing, int index);

// "scaled by 1.250 and moved by 12,-30 (by eyes, mouth)": what a framing of a
// drawing of this side does, in units of the frame.
std::string framing_text(const Framing& framing, float side);

// "face at 812,640 of 1034 px, turned by -3.2 degrees"
std::string face_text(const FoundFace& face);

// A part's name: "right eye".
const char* shape_part_name(ShapePart part);

// "kept", "moved", "redrawn", "added" or "missing".
const char* change_name(PartFit::Change change);

// "fitted with faithfulness 0.12, 0.81 from plausible faces; moved: right eye;
// drawn anew: nose, mouth; added: right brow"
std::string fit_text(const FitResult& fit);

// "120 strokes of hatching became outlines": PreparedDrawing::hatches above 0.
std::string hatching_text(int hatches);

// What was done to a drawing, a line each: how it was moved and fitted, and the
// strokes whose class is doubtful, the first five.
std::vector<std::string> notes_on(const PreparedDrawing& prepared);

}  // namespace limner
