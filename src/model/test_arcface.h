// For tests: a small ArcFace of random weights.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "util/random.h"
#include "weights/tensor.h"

namespace limner {

// Reads 32 px, makes 6 numbers; one unit in each of the four groups.
inline TensorMap random_arcface() {
  TensorMap tensors;
  tensors.source = "random";
  uint64_t seed = 0;
  const auto put = [&](const std::string& name, const Shape& shape,
                       double deviation, double mean = 0) {
    int64_t count = 1;
    for (const int64_t side : shape) count *= side;
    std::vector<float> values = normal_values(++seed, count);
    for (float& value : values) {
      value = static_cast<float>(mean + deviation * value);
    }
    tensors.tensors[name] = make_tensor(shape, std::move(values));
  };
  const auto conv = [&](const std::string& name, int64_t out, int64_t in,
                        int64_t kernel) {
    put(name + ".weight", {out, in, kernel, kernel},
        std::sqrt(2.0 / static_cast<double>(in * kernel * kernel)));
  };
  const auto norm = [&](const std::string& name, int64_t channels) {
    put(name + ".weight", {channels}, 0.1, 1);
    put(name + ".bias", {channels}, 0.1);
    put(name + ".running_mean", {channels}, 0.1);
    put(name + ".running_var", {channels}, 0.05, 1);
  };
  conv("input_layer.0", 8, 3, 3);
  norm("input_layer.1", 8);
  put("input_layer.2.weight", {8}, 0.1, 0.25);
  int64_t in = 8;
  int unit = 0;
  for (const int64_t out : {8, 16, 20, 24}) {
    const std::string name = "body." + std::to_string(unit++);
    norm(name + ".res_layer.0", in);
    conv(name + ".res_layer.1", out, in, 3);
    put(name + ".res_layer.2.weight", {out}, 0.1, 0.25);
    conv(name + ".res_layer.3", out, out, 3);
    norm(name + ".res_layer.4", out);
    conv(name + ".res_layer.5.fc1", out / 4, out, 1);
    conv(name + ".res_layer.5.fc2", out, out / 4, 1);
    if (in != out) {
      conv(name + ".shortcut_layer.0", out, in, 1);
      norm(name + ".shortcut_layer.1", out);
    }
    in = out;
  }
  norm("output_layer.0", in);
  put("output_layer.3.weight", {6, in * 4}, 0.1);
  put("output_layer.3.bias", {6}, 0.1);
  norm("output_layer.4", 6);
  return tensors;
}

}  // namespace limner
