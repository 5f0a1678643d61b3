// The losses of one step, read from the device together at its end: a host
// that reads each as it comes waits for the device as often, which then has
// nothing to do.
#pragma once

#include <torch/types.h>

#include <map>
#include <string>
#include <vector>

namespace limner::train {

class StepLosses {
 public:
  // `value`: one number of any type, on any device; its graph is let go.
  void add(const std::string& name, const torch::Tensor& value);
  void add(const std::string& name, double value) { known_[name] = value; }

  // All of them, by one transfer from the device.
  std::map<std::string, double> values() const;

 private:
  std::vector<std::string> names_;
  std::vector<torch::Tensor> tensors_;  // float64, no dimensions
  std::map<std::string, double> known_;
};

}  // namespace limner::train
