#include "model/live.h"

#include <algorithm>

#include "util/error.h"

namespace limner {
namespace {

const std::string kStateDict = "state_dict.";

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

}  // namespace

TensorMap model_tensors(const Checkpoint& checkpoint) {
  TensorMap result;
  result.source = checkpoint.tensors.source;
  for (const auto& [name, tensor] : checkpoint.tensors.tensors) {
    const bool nested = starts_with(name, kStateDict);
    result.tensors.emplace(nested ? name.substr(kStateDict.size()) : name,
                           tensor);
  }
  if (!result.has("decoder.conv1.conv.weight")) {
    fail(
        "{}: not a limner model: weight 'decoder.conv1.conv.weight' is missing "
        "(of {} tensors)",
        result.source, result.tensors.size());
  }
  return result;
}

std::vector<float> load_values(const TensorMap& tensors,
                               const std::string& name, const Shape& shape) {
  const Tensor& tensor = tensors.at(name, shape);
  std::vector<float> values = tensor.to_f32();
  // A sum is finite only if every value is; it vectorises, a test does not.
  for (size_t i = 0; i < values.size(); i += 4096) {
    const size_t end = std::min(values.size(), i + 4096);
    float sum = 0.0F;
    for (size_t j = i; j < end; ++j) sum += values[j] * 0.0F;
    if (sum != 0.0F) {
      fail("{}: weight '{}' has values that are not finite", tensors.source,
           name);
    }
  }
  if (tensor.release) tensor.release();
  return values;
}

}  // namespace limner
