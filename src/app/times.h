// Times that a bench has measured.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <vector>

#include "util/stopwatch.h"

namespace limner::app {

using Clock = std::chrono::steady_clock;

inline double milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// Runs `work` and returns its milliseconds, of stopwatch().
template <typename Work>
double timed(const Work& work) {
  const double start = stopwatch();
  work();
  return stopwatch() - start;
}

// Times of one kind, in milliseconds. At least one must be added before any
// other use.
class Times {
 public:
  void add(double value) { values_.push_back(value); }

  // The value below which `share` of all lie (nearest rank).
  double at(double share) const {
    std::vector<double> sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    const double rank = std::ceil(share * static_cast<double>(sorted.size()));
    return sorted[static_cast<size_t>(std::max(rank - 1.0, 0.0))];
  }
  double median() const {
    const size_t half = values_.size() / 2;
    std::vector<double> sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    return values_.size() % 2 == 1 ? sorted[half]
                                   : 0.5 * (sorted[half - 1] + sorted[half]);
  }
  nlohmann::json to_json() const {
    return {{"median", median()}, {"p95", at(0.95)}, {"min", at(0.0)}};
  }

 private:
  std::vector<double> values_;
};

}  // namespace limner::app
