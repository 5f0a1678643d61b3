// Eyes, brows and glasses told apart by where they lie and how they close:
// what the lines of a drawing say together, whoever drew them.
#pragma once

#include <vector>

#include "sketch/curves.h"
#include "sketch/stroke.h"

namespace limner {

// A rectangle around points; empty until one is added.
struct StrokeBox {
  float left = 0, top = 0, right = 0, bottom = 0;
  bool empty = true;

  void add(const Point& p);
  void add(const Polyline& line);
  void add(const StrokeBox& other);
  float width() const { return right - left; }
  float height() const { return bottom - top; }
  float x() const { return 0.5F * (left + right); }
  float y() const { return 0.5F * (top + bottom); }
};

struct EyePart {
  enum class Kind { kEye, kBrow, kGlasses };
  // Of the picture. A line that goes over both eyes, as joined brows do, is on
  // both; its points are then told apart at `middle` of EyeParts.
  enum class Side { kLeft, kRight, kBoth };
  Kind kind = Kind::kEye;
  Side side = Side::kLeft;
  // Nothing in the drawing speaks against it.
  bool sure = true;
};

struct EyeParts {
  std::vector<EyePart> parts;  // one a line
  float middle = 0;            // x between the eyes
};

// lines: those of eyes, brows and glasses, none empty. face: the box of the
// face's outline, or of the whole drawing. Rules: what overlaps in height is
// one thing; of two on a side the upper is the brow unless it alone is closed;
// frames are closed lines with a bridge between them or a bar to the side.
EyeParts tell_eye_parts(const std::vector<const Polyline*>& lines,
                        const StrokeBox& face);

// Stroke class 1..5 of a part at horizontal place x.
int eye_class(const EyePart& part, float x, float middle);

// Whether a line bridges most of the gap between two frames, `a` left of `b`.
bool bridges(const StrokeBox& line, const StrokeBox& a, const StrokeBox& b);

// Whether it goes from one to the other, flat as a bridge is; a nose between
// round eyes is not.
bool joins(const StrokeBox& line, const StrokeBox& a, const StrokeBox& b);

// A line whose ends lie near each other for its size, so that it goes around
// something.
bool goes_around(const Polyline& line);

}  // namespace limner
