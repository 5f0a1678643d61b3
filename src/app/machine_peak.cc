#include "app/machine_peak.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "app/times.h"
#include "nn/isa.h"
#include "nn/simd.h"
#include "util/parallel.h"

namespace limner::app {
namespace {

constexpr int kRuns = 5;  // the fastest counts

// Sums that do not wait for one another: more than multiply-adds are under way.
constexpr int kSums = 12;

template <int B>
LIMNER_INLINE float multiply_add_body(int64_t steps, const float* values) {
  const Vec<B> factor = at<B>(values);
  const Vec<B> term = at<B>(values + B);
  Vec<B> sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = at<B>(values + (2 + i) * B);
  for (int64_t step = 0; step < steps; ++step) {
#pragma GCC unroll 12
    for (Vec<B>& sum : sums) sum = sum * factor + term;
  }
  Vec<B> all = sums[0];
  for (int i = 1; i < kSums; ++i) all += sums[i];
  return all[0];
}

LIMNER_KERNEL(float, multiply_add_kernel,
              (int lanes, int64_t steps, const float* values),
              (lanes, steps, values)) {
  return LIMNER_FOR_LANES(multiply_add_body, steps, values);
}

template <int B>
LIMNER_INLINE float read_body(const float* from, int64_t count) {
  constexpr int kAtOnce = 4;
  Vec<B> sums[kAtOnce] = {};
  for (int64_t i = 0; i + kAtOnce * B <= count; i += kAtOnce * B) {
#pragma GCC unroll 4
    for (int j = 0; j < kAtOnce; ++j) sums[j] += at<B>(from + i + j * B);
  }
  const Vec<B> all = sums[0] + sums[1] + sums[2] + sums[3];
  return all[0];
}

LIMNER_KERNEL(float, read_kernel, (int lanes, const float* from, int64_t count),
              (lanes, from, count)) {
  return LIMNER_FOR_LANES(read_body, from, count);
}

// The least seconds that a team takes when each thread does `part(rank, size)`.
template <typename Part>
double least_seconds(const Part& part) {
  // What comes out is used, so that nothing is left out.
  std::atomic<float> used{0.0F};
  double least = std::numeric_limits<double>::max();
  for (int run = 0; run < kRuns; ++run) {
    const double ms = timed([&] {
      run_team(threads(),
               [&](int rank, int size) { used.store(part(rank, size)); });
    });
    least = std::min(least, ms / 1000);
  }
  return least;
}

}  // namespace

MachinePeak measure_peak() {
  const int lanes = channel_block();
  constexpr int64_t kSteps = 1'000'000;
  // Sums stay finite: each goes towards 1, and begins elsewhere, so that none
  // can stand for another.
  std::vector<float> values((2 + size_t{kSums}) * lanes, 0.5F);
  for (size_t i = 2 * static_cast<size_t>(lanes); i < values.size(); ++i) {
    values[i] = static_cast<float>(i);
  }
  const double computing = least_seconds([&](int, int) {
    return multiply_add_kernel(lanes, kSteps, values.data());
  });
  constexpr int64_t kFloats = 32 << 20;  // beyond any cache
  const std::vector<float> memory(kFloats, 1.0F);
  const double reading = least_seconds([&](int rank, int size) {
    const int64_t begin = kFloats * rank / size;
    return read_kernel(lanes, memory.data() + begin,
                       kFloats * (rank + 1) / size - begin);
  });
  MachinePeak peak{};
  peak.multiply_adds =
      static_cast<double>(kSteps) * kSums * lanes * threads() / computing;
  peak.bytes = static_cast<double>(kFloats) * sizeof(float) / reading;
  return peak;
}

}  // namespace limner::app
