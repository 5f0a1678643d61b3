// Lines that symbols are made of, and the symbols around a face. Used by
// doodle.cc.
#pragma once

#include <initializer_list>
#include <vector>

#include "sketch/curves.h"
#include "train/data/doodle.h"

namespace limner::train::shapes {

using Strokes = std::vector<Stroke>;

inline Point at(double x, double y) {
  return {static_cast<float>(x), static_cast<float>(y)};
}

// One of 0, 1, ..., in these shares.
int pick(std::initializer_list<double> shares, Random& random);

void add(Strokes& strokes, Polyline line, int label);

// Of an ellipse, angles in turns: 0 is right, 0.25 below.
Polyline arc(double x, double y, double rx, double ry, double from, double to);

// An ellipse by a hand that does not quite meet its beginning.
Polyline loop(double x, double y, double rx, double ry, Random& random);

// Back and forth between `top` and `bottom`, from the left to the right.
Polyline zigzag(double left, double right, double top, double bottom, int turns,
                Random& random);

Strokes doodled_outline(const FaceLayout& layout, Random& random);
Strokes doodled_ears(const FaceLayout& layout, Random& random);
Strokes doodled_hair(const FaceLayout& layout, Random& random);
Strokes doodled_body(const FaceLayout& layout, Random& random);

}  // namespace limner::train::shapes
