#include "pipeline/network_file.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "util/error.h"
#include "util/json_text.h"

namespace limner {
namespace {

// The tensors whose names begin with `prefix`, without it; all of them when
// the file holds nothing else.
TensorMap network_tensors(const TensorMap& all, const std::string& prefix) {
  TensorMap part;
  part.source = all.source;
  for (auto it = all.tensors.lower_bound(prefix);
       it != all.tensors.end() &&
       it->first.compare(0, prefix.size(), prefix) == 0;
       ++it) {
    part.tensors.emplace(it->first.substr(prefix.size()), it->second);
  }
  return part.tensors.empty() ? all : part;
}

}  // namespace

bool has_network(const Checkpoint& file, const std::string& kind) {
  return file.values().contains(network_entry(kind));
}

const Checkpoint& WeightFiles::at(const std::filesystem::path& path) {
  auto file = files_.find(path);
  if (file == files_.end()) {
    file = files_.emplace(path, read_checkpoint(path)).first;
  }
  return file->second;
}

NetworkFile::NetworkFile(const Checkpoint& file, const std::string& kind)
    : name_(printable(file.tensors.source)), entry_(network_entry(kind)) {
  const auto entry = file.values().find(entry_);
  if (entry == file.values().end() || !entry->is_string()) {
    fail(
        "{}: is no {} (its metadata has no \"{}\"), expected a file that "
        "limner-train wrote",
        name_, kind, entry_);
  }
  text_ = entry->get<std::string>();
  nlohmann::json config;
  try {
    config = parse_json(text_);
  } catch (const Error& error) {
    fail("{}: metadata \"{}\": {}", name_, entry_, printable(error.what()));
  }
  if (!config.is_object() ||
      config.value("kind", nlohmann::json()) != nlohmann::json(kind)) {
    fail("{}: metadata \"{}\" is not of kind \"{}\"", name_, entry_, kind);
  }
  config_ = std::make_shared<const nlohmann::json>(std::move(config));
  tensors_ = network_tensors(file.tensors, network_prefix(kind));
  for (const auto& [key, tensor] : tensors_.tensors) {
    const std::vector<float> values = tensor.to_f32();
    if (values.empty()) fail("{}: '{}' is empty", name_, printable(key));
    if (!std::all_of(values.begin(), values.end(),
                     [](float x) { return std::isfinite(x); })) {
      fail("{}: '{}' holds a number that is not finite", name_, printable(key));
    }
  }
}

int NetworkFile::whole(const std::string& key, int min, int max) const {
  const auto found = config_->find(key);
  if (found == config_->end() || !found->is_number_integer() ||
      !(*found >= min) || !(*found <= max)) {
    fail("{}: metadata \"{}\" has no \"{}\" {}", name_, entry_, key,
         min == max ? fmt::format("of {}", min)
                    : fmt::format("from {} to {}", min, max));
  }
  return found->get<int>();
}

}  // namespace limner
