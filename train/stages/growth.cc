#include "train/stages/growth.h"

#include "util/error.h"

namespace limner::train {

void GrowthSettings::declare(OptionTable& table) {
  table.add("sizes", &sizes,
            "sides to train at, one after the other (64,128); empty: the full "
            "size from the start");
  table.add("grow_at", &at,
            "pictures seen before each of them but the first begins");
}

void GrowthSettings::check(int full) const {
  if (sizes.empty() ? !at.empty() : at.size() + 1 != sizes.size()) {
    fail("'grow_at' has {} numbers for {} 'sizes', expected one less",
         at.size(), sizes.size());
  }
  int before = 4;
  for (const int size : sizes) {
    if (size <= before || size > full || (size & (size - 1)) != 0) {
      fail("'sizes' must be rising powers of two from 8 to {}, got {}", full,
           size);
    }
    before = size;
  }
  for (size_t i = 0; i < at.size(); ++i) {
    if (at[i] <= (i == 0 ? 0 : at[i - 1])) {
      fail("'grow_at' must rise, got {}", at[i]);
    }
  }
}

int GrowthSettings::side(int64_t images, int full) const {
  if (sizes.empty()) return full;
  size_t now = 0;
  while (now < at.size() && images >= at[now]) ++now;
  return sizes[now];
}

}  // namespace limner::train
