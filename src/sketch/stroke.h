// A drawing as strokes: lines with a class each.
#pragma once

#include <vector>

namespace limner {

struct Point {
  float x = 0;
  float y = 0;
};

struct Stroke {
  std::vector<Point> points;  // a closed stroke ends where it began
  int label = 0;              // 1..22, see classes.h; 0: not known
  // How fine a stroke it is, 0..1: a drawing of detail d leaves out those
  // above d. Borders of regions have 0.
  float detail = 0;
  // How sure the label is, 0..1; 1 when a person gave it.
  float confidence = 1;
  // Of the pen, 0..1, one a point; empty when not known.
  std::vector<float> pressure = {};
};

// Units along a side of the face frame: where drawings lie that the networks
// get.
constexpr float kFrameSide = 512;

// Points are in units of which `side` span the picture, (0,0) its upper left
// corner. Strokes may reach beyond the picture.
struct Drawing {
  float side = kFrameSide;
  std::vector<Stroke> strokes;
};

// The class that stroke class `label` becomes in a mirrored picture: 1/2, 4/5
// and 11/12 change places.
int mirrored_class(int label);

}  // namespace limner
