#include "server/histogram.h"

#include <fmt/format.h>

#include <algorithm>

namespace limner::server {

void Histogram::add(double seconds) {
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  if (bucket != kBounds.end()) ++buckets_[bucket - kBounds.begin()];
  ++count_;
  sum_ += seconds;
}

std::string Histogram::text(const std::string& name,
                            const std::string& labels) const {
  std::string out;
  uint64_t below = 0;
  for (size_t i = 0; i < kBounds.size(); ++i) {
    below += buckets_[i];
    out += fmt::format("{}_bucket{{{},le=\"{}\"}} {}\n", name, labels,
                       kBounds[i], below);
  }
  out += fmt::format("{}_bucket{{{},le=\"+Inf\"}} {}\n", name, labels, count_);
  out += fmt::format("{}_sum{{{}}} {:.6f}\n", name, labels, sum_);
  out += fmt::format("{}_count{{{}}} {}\n", name, labels, count_);
  return out;
}

}  // namespace limner::server
