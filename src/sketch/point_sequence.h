// A drawing as the stroke labeler reads it: points at even steps along every
// stroke, with what can be told of each.
#pragma once

#include <cstdint>
#include <vector>

#include "sketch/stroke.h"

namespace limner {

constexpr int kPointFeatures = 32;
// Slots are read in groups of this many; a group never holds two strokes.
constexpr int kSlotGroup = 8;

struct SampleOptions {
  // A step is the longer side of the drawing's box over this, or longer where
  // that would give more than `max` points in all.
  int steps = 48;
  int max = 512;
  // A stroke has at least this many points, however short it is.
  int min = 3;
};

// Strokes follow each other. Each begins a group and is followed by at least
// two empty slots, so that a window of five slots never sees two strokes.
struct PointSequence {
  std::vector<float> features;  // [slots, kPointFeatures], 0 in empty slots
  std::vector<uint8_t> used;    // [slots], 1 or 0
  std::vector<int> stroke;      // [slots], index in the drawing; -1: empty
  std::vector<double> along;    // [slots], from the stroke's start, in the
                                // drawing's units

  int slots() const { return static_cast<int>(used.size()); }
};

// Features of a point: its place (the drawing's box becomes [-1, 1]; one short
// mark that lies apart from all else does not count to the box) and that
// place's sines and cosines, the direction and bend of the stroke, how far
// along it the point is, and the stroke's length, box and straightness. They do
// not depend on the place or size of the drawing as a whole, nor on its labels.
// Throws Error for points that are not finite, for a drawing without points and
// for one of more strokes than a drawing can have (50,000).
PointSequence sample_points(const Drawing& drawing,
                            const SampleOptions& options = {});

// The lengths along a polyline at each of its points, the first 0.
std::vector<double> lengths_along(const std::vector<Point>& points);

}  // namespace limner
