#include "train/run/watch.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "util/error.h"

namespace limner::train {
namespace {

constexpr size_t kWindow = 256;
constexpr size_t kFewest = 32;  // values that a median is taken of
constexpr double kFactor = 1e4;
constexpr double kSmallestLoss = 1;
constexpr int kPatience = 5;

double median(const std::deque<double>& values) {
  std::vector<double> sorted(values.begin(), values.end());
  const auto middle = sorted.begin() + static_cast<int64_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

}  // namespace

std::string LossWatch::check(const std::map<std::string, double>& losses) {
  for (const auto& [name, value] : losses) {
    if (!std::isfinite(value)) {
      return fmt::format("loss '{}' is {}", printable(name), value);
    }
    History& history = histories_[name];
    const double size = std::fabs(value);
    // The median only matters to a loss that is very large.
    if (size > kFactor * kSmallestLoss && history.sizes.size() >= kFewest) {
      const double usual = std::max(median(history.sizes), kSmallestLoss);
      if (size > kFactor * usual) {
        if (++history.high >= kPatience) {
          return fmt::format("loss '{}' is {:.3g}, usually {:.3g}",
                             printable(name), value, median(history.sizes));
        }
        continue;  // and is not part of what is usual
      }
    }
    history.high = 0;
    history.sizes.push_back(size);
    if (history.sizes.size() > kWindow) history.sizes.pop_front();
  }
  return "";
}

}  // namespace limner::train
