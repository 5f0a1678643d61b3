// Polylines: smoothing, simplifying, measuring.
#pragma once

#include <vector>

#include "sketch/stroke.h"

namespace limner {

using Polyline = std::vector<Point>;

// Length along `line`, in its units.
double length_of(const Polyline& line);

// The point at a distance along `line`, its last one beyond its end. A line has
// at least one point.
Point point_at(const Polyline& line, double along);

bool is_closed(const Polyline& line);

// Each point becomes the mean of those around it with Gaussian weights of
// `sigma` points. Ends stay where they are; a closed line (first point equal
// to the last) stays closed and has no end.
Polyline smooth(const Polyline& line, double sigma);

// The fewest of the line's own points that keep it within `tolerance` of
// where it was (Douglas and Peucker, 1973). Keeps ends.
Polyline simplify(const Polyline& line, double tolerance);

}  // namespace limner
