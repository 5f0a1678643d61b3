#include "sketch/label_path.h"

#include <algorithm>

namespace limner {

std::vector<int> best_labels(const std::vector<float>& log_shares, int classes,
                             double change) {
  const size_t points = log_shares.size() / classes;
  if (points == 0) return {};
  std::vector<double> best(log_shares.begin(), log_shares.begin() + classes);
  // The class before, on the best way to each.
  std::vector<int> from(points * classes, 0);
  for (size_t i = 1; i < points; ++i) {
    const int top = static_cast<int>(
        std::max_element(best.begin(), best.end()) - best.begin());
    const double reached = best[top] - change;
    for (int k = 0; k < classes; ++k) {
      const bool stay = best[k] >= reached;
      from[i * classes + k] = stay ? k : top;
      best[k] = (stay ? best[k] : reached) + log_shares[i * classes + k];
    }
  }
  std::vector<int> labels(points);
  labels.back() = static_cast<int>(std::max_element(best.begin(), best.end()) -
                                   best.begin());
  for (size_t i = points - 1; i > 0; --i) {
    labels[i - 1] = from[i * classes + labels[i]];
  }
  return labels;
}

}  // namespace limner
