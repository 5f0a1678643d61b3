// Lines as programs write them: in pieces, or twice.
#pragma once

#include <vector>

#include "sketch/stroke.h"
#include "sketch/svg_read.h"

namespace limner {

struct JoinCounts {
  int joined = 0;  // pieces that became part of a line
  int doubles = 0;
};

// Makes whole what a program has cut, one piece a mouse move or a curve:
// strokes without a class, of one colour, of which an end of one is an end of
// another, become one where the line goes straight on and one follows the
// other; in a drawing of which half is such pieces, also around bends and in
// any order. Drops strokes that are there before: the same points again, and
// the second of two neighbours that lie side by side within 1/100 of the side
// (rough.js draws each line twice). Strokes keep their order. Each end is
// compared with at most 16 others. origins: one a stroke, before and after.
JoinCounts join_pieces(Drawing& drawing, std::vector<SvgOrigin>& origins);

}  // namespace limner
