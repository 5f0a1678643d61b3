// Progressive growth: small pictures first, as most of what is to be learned
// can be learned there at a fraction of the time.
#pragma once

#include <cstdint>
#include <vector>

#include "train/run/options.h"

namespace limner::train {

struct GrowthSettings {
  // Sides to train at, each twice the one before or more; empty: the full size
  // from the start.
  std::vector<int> sizes;
  // Pictures seen in all before each size but the first begins.
  std::vector<int> at;

  void declare(OptionTable& table);

  // Throws Error unless the sizes rise to at most `full` and there is one entry
  // of `at` less.
  void check(int full) const;

  // The side at which a step is trained that follows `images` pictures.
  int side(int64_t images, int full) const;
};

}  // namespace limner::train
