#include "model/state_dict.h"

#include <algorithm>
#include <set>
#include <string>

#include "model/layout.h"
#include "util/error.h"

namespace limner {
namespace {

// A face model has these two.
const std::string kFirst = kGenerator + std::string("conv1.conv.weight");
const std::string kSketchInput =
    kSketchCoarse + std::string("input_layer.0.weight");

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

// Whether `prefix` is of names under which programs keep a model: "module." of
// DataParallel, "state_dict." of a training run, and the like.
bool is_wrapping(const std::string& prefix) {
  static const std::set<std::string> kParts = {"state_dict",
                                               "state_dict_ema",
                                               "ema_state_dict",
                                               "model_state_dict",
                                               "model",
                                               "model_ema",
                                               "ema",
                                               "net",
                                               "network",
                                               "module",
                                               "params",
                                               "params_ema",
                                               "weights",
                                               "generator",
                                               "_orig_mod"};
  size_t from = 0;
  while (from < prefix.size()) {
    const size_t dot = prefix.find('.', from);
    if (dot == prefix.npos) return false;
    if (kParts.count(prefix.substr(from, dot - from)) == 0) return false;
    from = dot + 1;
  }
  return true;
}

// Whether these are all the states of a run, the model's among them.
bool is_training_run(const TensorMap& tensors) {
  return tensors.has("model." + kFirst) && tensors.has("average." + kFirst);
}

// What stands before the model's names: nothing, "state_dict.", or the first
// other wrapping in the order of the alphabet.
std::string wrapping_of(const TensorMap& tensors) {
  if (tensors.has(kFirst) || is_training_run(tensors)) return "";
  if (tensors.has("state_dict." + kFirst)) return "state_dict.";
  for (const auto& [name, tensor] : tensors.tensors) {
    if (name.size() <= kFirst.size()) continue;
    const size_t length = name.size() - kFirst.size();
    if (name.compare(length, std::string::npos, kFirst) == 0 &&
        is_wrapping(name.substr(0, length))) {
      return name.substr(0, length);
    }
  }
  return "";
}

// What other known model the tensors are of, "" for none.
std::string other_model(const TensorMap& tensors) {
  const auto any = [&](const char* part) {
    return std::any_of(tensors.tensors.begin(), tensors.tensors.end(),
                       [&](const auto& one) {
                         return one.first.find(part) != std::string::npos;
                       });
  };
  if (is_training_run(tensors)) {
    return "the checkpoint of a training run, which writes its model to the "
           "folder models/ beside it";
  }
  if (any("encoder.input_layer.") || any("encoder.styles.")) {
    return "a pSp or e4e encoder, which reads photos, not drawings";
  }
  if (any("g_ema.") || any("convs.0.conv.modulation.") || any("to_rgbs.")) {
    return "a StyleGAN2 generator alone, without an encoder of drawings";
  }
  if (any("mapping.fc0.") || any("synthesis.b4.")) {
    return "a StyleGAN generator of NVIDIA's, without an encoder of drawings";
  }
  return "";
}

}  // namespace

TensorMap model_tensors(const Checkpoint& checkpoint) {
  const std::string wrapping = wrapping_of(checkpoint.tensors);
  TensorMap result;
  result.source = checkpoint.tensors.source;
  // The model's own first; a name beside them may be the same.
  for (const bool own : {true, false}) {
    for (const auto& [name, tensor] : checkpoint.tensors.tensors) {
      if (starts_with(name, wrapping) != own) continue;
      result.tensors.emplace(own ? name.substr(wrapping.size()) : name, tensor);
    }
  }
  const std::string other = other_model(result);
  const bool other_encoder = !other.empty() && !result.has(kSketchInput);
  if (!result.has(kFirst) || other_encoder) {
    fail("{}: not a limner model: weight '{}' is missing (of {} tensors){}",
         result.source, result.has(kFirst) ? kSketchInput : kFirst,
         result.tensors.size(), other.empty() ? "" : "; it is " + other);
  }
  return result;
}

bool has_generator(const Checkpoint& checkpoint) {
  return checkpoint.tensors.has(kFirst);
}

}  // namespace limner
