// Notices when training has gone wrong.
#pragma once

#include <deque>
#include <map>
#include <string>

namespace limner::train {

// A loss is bad at once when it is no finite number, and when it stays above
// 10,000 times its usual size (the median of its last 256 values, at least 1)
// for five steps: single peaks are part of adversarial training.
class LossWatch {
 public:
  // Returns what is wrong ("loss 'adv' is nan"), "" when nothing is.
  std::string check(const std::map<std::string, double>& losses);

 private:
  struct History {
    std::deque<double> sizes;
    int high = 0;  // steps in a row
  };
  std::map<std::string, History> histories_;
};

}  // namespace limner::train
