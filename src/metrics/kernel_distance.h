// Kernel distances of two sets of pictures by their features.
#pragma once

#include <cstdint>
#include <vector>

namespace limner {

// Feature vectors of pictures, row-major [rows, width].
struct FeatureTable {
  int width = 0;
  std::vector<float> values;

  int rows() const {
    return width == 0 ? 0 : static_cast<int>(values.size()) / width;
  }
  const float* row(int i) const {
    return values.data() + static_cast<int64_t>(i) * width;
  }
  // The first row sets the width. Throws Error for a row of another.
  void add(const std::vector<float>& row);
};

// Throws Error, which names the distance ("Frechet"), for fewer than two rows
// on a side and for other widths.
void check_comparable(const FeatureTable& x, const FeatureTable& y,
                      const char* distance);

// The unbiased estimate of the squared maximum mean discrepancy (Gretton et
// al., "A Kernel Two-Sample Test", 2012, equation 3)
//   sum_{i != j} k(x_i, x_j) / (m (m - 1))
//   + sum_{i != j} k(y_i, y_j) / (n (n - 1)) - 2 sum_{i, j} k(x_i, y_j) / (m n)
// with the kernel k(x, y) = (x . y / width + 1)^3. It can be below 0. Throws
// Error for fewer than two rows on a side and for other widths.
double squared_mmd(const FeatureTable& x, const FeatureTable& y);

struct KernelDistanceOptions {
  int subset = 100;   // rows of each side; fewer where a side has fewer
  int subsets = 100;  // how many are averaged
  uint64_t seed = 0;
};

struct KernelDistance {
  double mean = 0;
  double deviation = 0;  // over the subsets
  int subset = 0;        // rows that were taken
  int subsets = 0;
};

// Binkowski et al., "Demystifying MMD GANs", 2018: the mean of squared_mmd()
// over subsets that are drawn without replacement. With the pooled features of
// Inception it is the Kernel Inception Distance; with others it must have
// another name. Throws Error as squared_mmd() does and for options below 2 and
// 1.
KernelDistance kernel_distance(const FeatureTable& x, const FeatureTable& y,
                               const KernelDistanceOptions& options = {});

}  // namespace limner
