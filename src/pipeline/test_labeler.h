// For tests: a small stroke labeler of random weights.
#pragma once

#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "model/labeler.h"
#include "util/random.h"
#include "weights/safetensors.h"
#include "weights/tensor.h"

namespace limner {

constexpr int kTestHeads = 2;
constexpr int kTestNothing = Labeler::kClasses - 1;

// bias: what is added to a class, from 0. Nothing gets -5 unless it is there.
inline TensorMap random_labeler(std::map<int, float> bias = {},
                                uint64_t seed = 3) {
  constexpr int kWidth = 8;
  constexpr int kToken = 12;
  TensorMap map;
  map.source = "random";
  Random random(seed);
  const auto put = [&](const std::string& name, Shape shape) {
    const int64_t count = shape[0] * (shape.size() == 2 ? shape[1] : 1);
    std::vector<float> values(count, 1.0F);
    if (shape.size() == 2) {
      const double scale = std::sqrt(3.0 / static_cast<double>(shape[1]));
      for (float& value : values) {
        value = static_cast<float>(scale * random.normal());
      }
    }
    map.tensors[name + ".weight"] = make_tensor(shape, values);
    map.tensors[name + ".bias"] =
        make_tensor({shape[0]}, std::vector<float>(shape[0], 0.0F));
  };
  put("embed", {kWidth, Labeler::kInputs});
  put("norm", {kWidth});
  put("hidden", {kWidth, kWidth});
  put("final", {Labeler::kClasses, kWidth});
  for (const std::string block : {"block0.", "block1."}) {
    put(block + "norm", {kWidth});
    put(block + "window", {kWidth, 5 * kWidth});
    put(block + "out", {kWidth, kWidth});
    put(block + "gather", {kToken, 2 * kWidth});
    put(block + "attend_norm", {kToken});
    put(block + "query_key_value", {3 * kToken, kToken});
    put(block + "attended", {kToken, kToken});
    put(block + "mix_norm", {kToken});
    put(block + "widen", {2 * kToken, kToken});
    put(block + "narrow", {kToken, 2 * kToken});
    put(block + "spread_norm", {kToken});
    put(block + "spread", {kWidth, kToken});
  }
  bias.try_emplace(kTestNothing, -5.0F);
  std::vector<float> added(Labeler::kClasses, 0.0F);
  for (const auto& [label, value] : bias) added[label] = value;
  map.tensors["final.bias"] = make_tensor({Labeler::kClasses}, added);
  return map;
}

constexpr const char* kTestLabelerInfo =
    R"({"kind": "labeler", "classes": 24, "heads": 2})";

// Writes one as a file.
inline void write_labeler(const std::filesystem::path& path,
                          const TensorMap& map,
                          const std::map<std::string, std::string>& metadata = {
                              {"limner_labeler", kTestLabelerInfo}}) {
  std::vector<NamedTensor> tensors;
  for (const auto& [name, tensor] : map.tensors) {
    tensors.push_back({name, tensor, tensor.type});
  }
  write_safetensors(path, tensors, metadata);
}

}  // namespace limner
