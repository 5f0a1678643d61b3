#include "pipeline/network_file.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "util/json_text.h"
#include "util/error.h"

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

NetworkFile::NetworkFile(const std::filesystem::path& path,
                         const std::string& kind)
    : name_(printable(path.string())), entry_(network_entry(kind)) {
  const Checkpoint checkpoint = read_checkpoint(path);
  const auto entry = checkpoint.values.find(entry_);
  if (entry == checkpoint.values.end() || !entry->is_string()) {
    fail(
        "{}: is no {} (its metadata has no \"{}\"), expected a file that "
        "limner-train wrote",
        name_, kind, entry_);
  }
  text_ = entry->get<std::string>();
  try {
    config_ = parse_json(text_);
  } catch (const Error& error) {
    fail("{}: metadata \"{}\": {}", name_, entry_, printable(error.what()));
  }
  if (!config_.is_object() ||
      config_.value("kind", nlohmann::json()) != nlohmann::json(kind)) {
    fail("{}: metadata \"{}\" is not of kind \"{}\"", name_, entry_, kind);
  }
  tensors_ = network_tensors(checkpoint.tensors, network_prefix(kind));
  for (const auto& [key, tensor] : tensors_.tensors) {
    const std::vector<float> values = tensor.to_f32();
    if (values.empty()) fail("{}: '{}' is empty", name_, printable(key));
    if (!std::all_of(values.begin(), values.end(),
                     [](float x) { return std::isfinite(x); })) {
      fail("{}: '{}' holds a number that is not finite", name_, printable(key));
    }
  }
}

int NetworkFile::whole(const std::string& key, int least, int most) const {
  const auto found = config_.find(key);
  if (found == config_.end() || !found->is_number_integer() ||
      !(*found >= least) || !(*found <= most)) {
    fail("{}: metadata \"{}\" has no \"{}\" {}", name_, entry_, key,
         least == most ? fmt::format("of {}", least)
                       : fmt::format("from {} to {}", least, most));
  }
  return found->get<int>();
}

}  // namespace limner
