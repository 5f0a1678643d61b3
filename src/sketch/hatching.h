// Hatching and scribbles: areas that people fill with many strokes, where the
// networks know lines alone.
#pragma once

#include <vector>

#include "sketch/stroke.h"

namespace limner {

struct WithoutHatching {
  Drawing drawing;
  // The stroke of the given drawing that each came from; -1: a new one.
  std::vector<int> source;
  int hatches = 0;  // strokes that gave way
};

// A labelled drawing in the frame (side 512) whose hatching, many parallel or
// crossing lines of one class close to each other, has become the outline of
// its region and a few of the lines along it; on the skin, where it is shade,
// nothing. Hair, skin, neck, clothes and hats are looked at; other strokes, and
// drawings without hatching, stay as they are.
WithoutHatching without_hatching(const Drawing& drawing);

}  // namespace limner
