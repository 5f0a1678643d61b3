// Random numbers that are the same on every machine and compiler.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace limner {

// The generator's block function: four random words for a counter and a key.
std::array<uint32_t, 4> philox4x32_10(std::array<uint32_t, 4> counter,
                                      std::array<uint32_t, 2> key);

// A counter-based generator (Philox4x32-10, Salmon et al., SC 2011): value i
// depends only on (seed, stream, i). Not thread-safe.
class Random {
 public:
  explicit Random(uint64_t seed, uint64_t stream = 0);

  uint32_t next();   // uniform over 32 bits
  double uniform();  // uniform in [0, 1), 53 bits
  double between(double low, double high) {
    return low + (high - low) * uniform();
  }
  // Standard normal. Made from integer arithmetic and correctly rounded
  // operations only, so that the same seed gives the same bits anywhere.
  double normal();

 private:
  void refill();

  uint64_t seed_;
  uint64_t stream_;
  uint64_t counter_ = 0;
  uint32_t block_[4] = {};
  int used_ = 4;
  double spare_ = 0;  // normal() makes two values at a time
  bool has_spare_ = false;
};

// `count` standard normal values.
std::vector<float> normal_values(uint64_t seed, size_t count);

}  // namespace limner
