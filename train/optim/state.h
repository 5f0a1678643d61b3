// Everything a run needs to go on, as one safetensors file.
#pragma once

#include <torch/types.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace torch::nn {
class Module;
}

namespace limner::train {

class State {
 public:
  // Steps, counters, positions: plain values, kept as JSON in the file's
  // metadata.
  nlohmann::json values = nlohmann::json::object();

  // float32, float64 and int64 are kept exactly, other types are an Error. A
  // contiguous tensor on the CPU is not copied: save before training goes on.
  void put(const std::string& name, const torch::Tensor& tensor);

  // On the CPU. Throws Error naming the tensor when it is missing.
  torch::Tensor get(const std::string& name) const;

  bool has(const std::string& name) const;

  // Every parameter and buffer under prefix + its name.
  void put_module(const std::string& prefix, const torch::nn::Module& module);

  // Sets them in place. Throws Error naming the first that is missing or has
  // another shape; the module is unchanged then.
  void get_module(const std::string& prefix, torch::nn::Module& module) const;

  // Copies the tensor into `target`, of the same shape; Error otherwise.
  void copy_to(const std::string& name, const torch::Tensor& target) const;

  // The name of a tensor with values that are not finite; "" when there is
  // none.
  std::string not_finite() const;

  // Atomic: the file is complete or unchanged. Throws Error (a full disk).
  void save(const std::filesystem::path& path) const;

  // Throws Error when the file is missing, damaged (it holds a checksum) or
  // no such state.
  static State load(const std::filesystem::path& path);

 private:
  std::string checksum() const;
  torch::Tensor checked(const std::string& name,
                        const torch::Tensor& target) const;

  std::map<std::string, torch::Tensor> tensors_;
  std::string source_ = "the state";  // for messages
};

}  // namespace limner::train
