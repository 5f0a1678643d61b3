// The arithmetic of the optimisers over flat float32 buffers of `count`
// values, in one pass over memory. Every value is computed alike, so the
// result does not depend on the number of threads when `count` is a multiple
// of kFlatAlignment.
#pragma once

#include <cstdint>

namespace limner::train {

// m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) g^2,
// w <- keep w,  w <- w - rate m / (sqrt(v) / root + eps), or where `plain`
// w <- w - rate m. g is first g + decay w.
struct UpdateRule {
  double beta1 = 0, beta2 = 0;
  double decay = 0;
  double keep = 1;
  double rate = 0;
  double root = 1;
  double eps = 0;
  bool plain = false;
};

void update(const UpdateRule& rule, int64_t count, float* w, const float* g,
            float* m, float* v);

// The sum of squares: blocks of fixed size, each summed in float64.
double sum_of_squares(int64_t count, const float* values);

// Subtracts each row's mean from its `columns` values.
void centre_rows(int64_t rows, int64_t columns, float* values);

}  // namespace limner::train
