// A model with traits of looks, for tests.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/face_weights.h"
#include "pipeline/network_file.h"
#include "weights/safetensors.h"

namespace limner {

// Adds one trait, "hair", to the file of a model: a direction of 0.3
// everywhere.
inline void write_test_traits(const std::filesystem::path& model) {
  const Checkpoint checkpoint = read_checkpoint(model);
  const ModelConfig config = read_face_weights(checkpoint).config;
  std::vector<NamedTensor> tensors;
  for (const auto& [name, tensor] : checkpoint.tensors.tensors) {
    tensors.push_back({name, tensor, tensor.type});
  }
  const int rows = config.styles - config.split;
  tensors.push_back(
      {network_prefix("traits") + "directions",
       make_tensor({1, rows, config.style_width},
                   std::vector<float>(
                       static_cast<size_t>(rows * config.style_width), 0.3F)),
       DType::kF32});
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : checkpoint.values().items()) {
    metadata[key] = value.get<std::string>();
  }
  metadata[network_entry("traits")] =
      R"({"kind":"traits","traits":[{"id":"hair","name":"Hair","low":"dark",)"
      R"("high":"light"}]})";
  write_safetensors(model, tensors, metadata);
}

}  // namespace limner
