#include "sketch/label_path.h"

#include <gmock/gmock.h>

#include <cmath>

#include "util/random.h"

namespace limner {
namespace {

using ::testing::ElementsAre;

TEST(BestLabels, ChangesOnlyWhereItPays) {
  const float sure = std::log(0.9F);
  const float not_so = std::log(0.1F);
  // One point out of line, then a lasting change.
  std::vector<float> logs;
  for (const int right : {0, 0, 1, 0, 0, 1, 1, 1, 1, 1}) {
    logs.push_back(right == 0 ? sure : not_so);
    logs.push_back(right == 1 ? sure : not_so);
  }
  EXPECT_THAT(best_labels(logs, 2, 4.0),
              ElementsAre(0, 0, 0, 0, 0, 1, 1, 1, 1, 1));
  EXPECT_THAT(best_labels(logs, 2, 0.0),
              ElementsAre(0, 0, 1, 0, 0, 1, 1, 1, 1, 1));
  EXPECT_THAT(best_labels(logs, 2, 100.0),
              ElementsAre(1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
  EXPECT_TRUE(best_labels({}, 2, 1.0).empty());
}

// Against all ways there are.
TEST(BestLabels, FindsTheBestOfAll) {
  constexpr int kPoints = 6;
  constexpr int kClasses = 3;
  constexpr double kChange = 0.7;
  Random random(5);
  for (int round = 0; round < 20; ++round) {
    std::vector<float> logs(kPoints * kClasses);
    for (float& value : logs) value = static_cast<float>(random.normal());
    const auto sum_of = [&](const std::vector<int>& labels) {
      double sum = 0;
      for (int i = 0; i < kPoints; ++i) {
        sum += logs[i * kClasses + labels[i]];
        if (i > 0 && labels[i] != labels[i - 1]) sum -= kChange;
      }
      return sum;
    };
    double best = -1e9;
    for (int code = 0; code < 729; ++code) {
      std::vector<int> labels(kPoints);
      for (int i = 0, rest = code; i < kPoints; ++i, rest /= kClasses) {
        labels[i] = rest % kClasses;
      }
      best = std::max(best, sum_of(labels));
    }
    EXPECT_NEAR(sum_of(best_labels(logs, kClasses, kChange)), best, 1e-5);
  }
}

}  // namespace
}  // namespace limner
