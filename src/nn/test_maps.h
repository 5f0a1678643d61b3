// What the tests of layers share: maps of random numbers, plain and blocked.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "nn/feature_map.h"
#include "nn/isa.h"
#include "nn/ref/ref.h"
#include "util/random.h"

namespace limner {

inline ref::Map random_map(int channels, int height, int width, uint64_t seed) {
  ref::Map map(channels, height, width);
  map.values = normal_values(seed, map.values.size());
  return map;
}

inline FeatureMap blocked(const ref::Map& map, Workspace& workspace) {
  return from_planar(map.values.data(), map.channels, map.height, map.width,
                     workspace);
}

inline std::vector<float> padded(const std::vector<float>& values) {
  return pad_channels(values.data(), static_cast<int>(values.size()));
}

// Lanes past the last channel must stay zero: later layers read them.
inline void expect_clean_padding(const FeatureMap& map) {
  const int lanes = channel_block();
  const int used = map.channels() % lanes;
  if (used == 0) return;
  const float* last = map.block(map.blocks() - 1);
  for (size_t i = 0; i < map.block_size(); ++i) {
    if (static_cast<int>(i % lanes) >= used) {
      ASSERT_EQ(last[i], 0.0F);
    }
  }
}

}  // namespace limner
