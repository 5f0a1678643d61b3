// One class a point along a stroke, changing only where it pays.
#pragma once

#include <vector>

namespace limner {

// log_shares: [points, classes], logarithms of the classes' probabilities at
// successive points of one stroke. Returns the classes (0..classes - 1) of
// largest sum when each change costs `change` (Viterbi, 1967). Empty for no
// points.
std::vector<int> best_labels(const std::vector<float>& log_shares, int classes,
                             double change);

// What a change of class within a stroke costs, in units of log probability.
constexpr double kClassChange = 4.0;

}  // namespace limner
