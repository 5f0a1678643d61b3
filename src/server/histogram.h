// How often something took how long.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace limner::server {

// Seconds in buckets, as Prometheus counts them. Not thread-safe.
class Histogram {
 public:
  // Upper ends of the buckets; longer times are in none but the total.
  static constexpr std::array<double, 12> kBounds = {
      0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

  void add(double seconds);
  uint64_t count() const { return count_; }
  double mean() const {
    return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
  }
  // Lines NAME_bucket{LABELS,le="..."}, NAME_sum and NAME_count. labels:
  // a="b",c="d".
  std::string text(const std::string& name, const std::string& labels) const;

 private:
  std::array<uint64_t, kBounds.size()> buckets_{};  // each by itself
  uint64_t count_ = 0;
  double sum_ = 0;
};

}  // namespace limner::server
