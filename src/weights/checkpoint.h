// Opening any weight file: PyTorch (zip or legacy container) or safetensors.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "weights/tensor.h"

namespace limner {

// What a weight file holds: its tensors under dotted names
// ("state_dict.decoder.conv1.conv.weight", or the plain names of a flat
// file), and every plain value beside them (numbers, strings, lists, dicts).
struct Checkpoint {
  TensorMap tensors;
  std::string container;  // "torch zip", "torch legacy" or "safetensors"
  uint64_t file_bytes = 0;

  // An object; of safetensors its __metadata__.
  const nlohmann::json& values() const;
  void set_values(nlohmann::json values);
  // The text entry `key` of them, "" where there is none.
  std::string text(const std::string& key) const;

 private:
  std::shared_ptr<const nlohmann::json> values_;  // null: {}
};

// Reads `path`, told apart by content. Tensor data stays mapped. Throws Error
// for anything that is not such a file, is damaged, or asks for code to run.
Checkpoint read_checkpoint(const std::filesystem::path& path);

}  // namespace limner
