// Weights of matrix products, packed, and the products.
//
// A face reads every weight once, and those of large layers from memory, where
// half the bytes are half the wait. So they are kept in 16 bits, as fixed-point
// numbers: the largest that an output has in a matrix becomes 32767, and each
// is off by at most 1.6e-5 of that one. With normally distributed weights this
// puts products off by 4e-5 of their size.
#pragma once

#include <cstdint>
#include <functional>

#include "nn/feature_map.h"

namespace limner {

inline int divide_up(int value, int by) { return (value + by - 1) / by; }

class WeightPanels {
 public:
  // Rows that are multiplied at once; row counts are multiples of it.
  static constexpr int kRows = 8;

  // Makes the elements that one input has in every matrix, for the outputs of
  // a panel: taps [taps][width()] -> values[matrix * step + output].
  using Transform =
      std::function<void(const float* taps, float* values, int64_t step)>;

  // Matrices [out, in] made of weights, row-major [out, in, taps]. Called from
  // several threads, transform must not throw. may_narrow: large ones may be
  // kept in 16 bits.
  WeightPanels(int in, int out, int taps, int matrices, const float* weights,
               const Transform& transform, bool may_narrow = true);

  // Whether so many matrices are kept in 16 bits; smaller ones stay floats.
  static bool are_narrow(int in, int out, int matrices);

  int panels() const { return panels_; }
  // Outputs of a panel: 2 * channel_block(). Those past `out` are zero.
  static int width();
  // Inputs, padded to whole channel blocks.
  int depth() const { return depth_; }
  // Floats from one row of what is multiplied to the next. The extra line of
  // the cache keeps the rows of a register tile out of one another's cache
  // sets.
  int row_stride() const { return depth_ + 16; }

  // One panel of a matrix as floats [depth()][width()]: in `space`, which has
  // room for them, or where they lie.
  const float* unpack(int panel, int matrix, float* space) const;

  struct Product {
    const float* a;      // row r is a + offsets[r], [depth()]
    const int* offsets;  // [rows], in floats
    int rows;
    const float* panel;  // unpacked
    float* c;            // [rows][width()]
    bool accumulate;     // c += a panel; else c = a panel
    // What comes after this product and is fetched meanwhile: the `a` and the
    // panel of a matrix.
    const float* next_a;
    int next_panel, next_matrix;
  };
  void multiply(const Product& product) const;

 private:
  int panels_, depth_, matrices_;
  bool narrow_;     // weights in 16 bits
  Memory weights_;  // int16 or float [panel][matrix][depth][width]
  Memory scales_;   // float [panel][matrix][width], of narrow ones

  char* packed(int panel, int matrix) const;
  float* scales(int panel, int matrix) const;
};

}  // namespace limner
