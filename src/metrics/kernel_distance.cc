#include "metrics/kernel_distance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "util/error.h"
#include "util/random.h"

namespace limner {
namespace {

using Rows = std::vector<const float*>;

Rows all_rows(const FeatureTable& table) {
  Rows rows(table.rows());
  for (int i = 0; i < table.rows(); ++i) rows[i] = table.row(i);
  return rows;
}

double kernel(const float* x, const float* y, int width) {
  // Eight sums at a time: each is one that vectorises.
  std::array<double, 8> sums{};
  int i = 0;
  for (; i + 8 <= width; i += 8) {
    for (int k = 0; k < 8; ++k) {
      sums[k] += static_cast<double>(x[i + k]) * y[i + k];
    }
  }
  double dot = std::accumulate(sums.begin(), sums.end(), 0.0);
  for (; i < width; ++i) dot += static_cast<double>(x[i]) * y[i];
  const double base = dot / width + 1;
  return base * base * base;
}

// The mean of k over pairs of two different rows.
double mean_within(const Rows& rows, int width) {
  double sum = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t j = 0; j < i; ++j) sum += kernel(rows[i], rows[j], width);
  }
  const auto count = static_cast<double>(rows.size());
  return 2 * sum / (count * (count - 1));
}

double mean_between(const Rows& x, const Rows& y, int width) {
  double sum = 0;
  for (const float* a : x) {
    for (const float* b : y) sum += kernel(a, b, width);
  }
  return sum / (static_cast<double>(x.size()) * static_cast<double>(y.size()));
}

double squared_mmd(const Rows& x, const Rows& y, int width) {
  return mean_within(x, width) + mean_within(y, width) -
         2 * mean_between(x, y, width);
}

// `count` rows without replacement: the start of Fisher and Yates's shuffle.
Rows some_rows(const FeatureTable& table, int count, Random& random) {
  Rows rows = all_rows(table);
  for (int i = 0; i < count; ++i) {
    const auto left = static_cast<double>(rows.size() - i);
    std::swap(rows[i], rows[i + static_cast<size_t>(random.uniform() * left)]);
  }
  rows.resize(count);
  return rows;
}

}  // namespace

void FeatureTable::add(const std::vector<float>& row) {
  if (values.empty()) width = static_cast<int>(row.size());
  if (row.empty() || static_cast<int>(row.size()) != width) {
    fail("features of {} numbers were added to some of {}", row.size(), width);
  }
  values.insert(values.end(), row.begin(), row.end());
}

void check_comparable(const FeatureTable& x, const FeatureTable& y,
                      const char* distance) {
  if (x.rows() < 2 || y.rows() < 2) {
    fail("a {} distance needs two pictures on each side, got {} and {}",
         distance, x.rows(), y.rows());
  }
  if (x.width != y.width) {
    fail("features of {} and {} numbers cannot be compared", x.width, y.width);
  }
}

double squared_mmd(const FeatureTable& x, const FeatureTable& y) {
  check_comparable(x, y, "kernel");
  return squared_mmd(all_rows(x), all_rows(y), x.width);
}

KernelDistance kernel_distance(const FeatureTable& x, const FeatureTable& y,
                               const KernelDistanceOptions& options) {
  check_comparable(x, y, "kernel");
  if (options.subset < 2 || options.subsets < 1) {
    fail("a kernel distance was asked for with {} subsets of {}",
         options.subsets, options.subset);
  }
  KernelDistance result;
  result.subset = std::min({options.subset, x.rows(), y.rows()});
  result.subsets = options.subsets;
  double squares = 0;
  for (int s = 0; s < result.subsets; ++s) {
    Random random(options.seed, static_cast<uint64_t>(s));
    const Rows from_x = some_rows(x, result.subset, random);
    const Rows from_y = some_rows(y, result.subset, random);
    const double value = squared_mmd(from_x, from_y, x.width);
    result.mean += value;
    squares += value * value;
  }
  result.mean /= result.subsets;
  result.deviation = std::sqrt(
      std::max(0.0, squares / result.subsets - result.mean * result.mean));
  return result;
}

}  // namespace limner
