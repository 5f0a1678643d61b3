// From thinned ink to lines.
#pragma once

#include <vector>

#include "image/image.h"
#include "sketch/curves.h"

namespace limner {

// Lengths are in pixels.
struct LineOptions {
  // Two junctions that are joined by a branch not longer than this are one:
  // where lines cross, thinning makes two of it.
  int bridge = 3;
  // So are two on a longer one where this makes two straight lines of the four
  // branches beyond.
  int long_bridge = 16;
  // Branches not longer than this, from a junction to a free end, are dropped.
  int spur = 1;
  // A branch's direction at a junction is that of so much of it.
  int reach = 6;
  // So much of a branch is bent by thinning at a junction and at a free end. It
  // is replaced by a straight line where the branch goes on beyond a junction,
  // and left out at a free end.
  int trim = 0;
  // How far a line may turn where it goes on through a junction of three
  // branches, and of more, in degrees.
  double fork_turn = 60;
  double crossing_turn = 60;
};

// Lines through the middles of the pixels of skeleton [h,w,1] (0 and 1, as
// thin() leaves it). At a junction the straightest pair of branches is one
// line, then the next, unless they turn too far; the others end in the
// junction. (Two that are left where a spur was are always one.) A closed line
// ends where it began; a single pixel is a line of one point.
std::vector<Polyline> follow_lines(const Image& skeleton,
                                   const LineOptions& options);

}  // namespace limner
