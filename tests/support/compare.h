// Comparing numbers in tests.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace limner {

// Norm of the difference over norm of `expected`; infinity when the sizes
// differ or a value is not finite.
inline double relative_error(const std::vector<float>& got,
                             const std::vector<float>& expected) {
  if (got.size() != expected.size() || got.empty()) return INFINITY;
  double difference = 0.0;
  double norm = 0.0;
  for (size_t i = 0; i < got.size(); ++i) {
    if (!std::isfinite(got[i])) return INFINITY;
    const double d = static_cast<double>(got[i]) - expected[i];
    difference += d * d;
    norm += static_cast<double>(expected[i]) * expected[i];
  }
  if (norm == 0.0) return difference == 0.0 ? 0.0 : INFINITY;
  return std::sqrt(difference / norm);
}

}  // namespace limner
