#include "train/stages/step_losses.h"

namespace limner::train {

void StepLosses::add(const std::string& name, const torch::Tensor& value) {
  names_.push_back(name);
  tensors_.push_back(value.detach().to(torch::kFloat64).reshape({}));
}

std::map<std::string, double> StepLosses::values() const {
  std::map<std::string, double> all = known_;
  if (tensors_.empty()) return all;
  const torch::Tensor read = torch::stack(tensors_).cpu();
  const double* value = read.data_ptr<double>();
  for (const std::string& name : names_) all[name] = *value++;
  return all;
}

}  // namespace limner::train
