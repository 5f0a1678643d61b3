// Files of one network that `limner-train` writes: weights, and in the
// metadata what their shapes do not tell. A face model's file may hold such
// networks too: their weights are then named "KIND.weight".
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "weights/checkpoint.h"

namespace limner {

// The kinds of networks that there are; "shapes" (see shape_file.h) and
// "traits" (see trait_file.h) are none, but are stored as such.
constexpr std::array<const char*, 4> kNetworkKinds = {"labeler", "parser",
                                                      "shapes", "traits"};

// The metadata entry of a kind.
inline std::string network_entry(const std::string& kind) {
  return "limner_" + kind;
}

// Names of the tensors of `kind` in a file that holds several networks begin
// with this.
inline std::string network_prefix(const std::string& kind) {
  return kind + ".";
}

// Whether the metadata has the entry of a kind.
bool has_network(const Checkpoint& file, const std::string& kind);

// Files that several networks may lie in: each is read once. Serves one thread
// at a time.
class WeightFiles {
 public:
  // Throws Error as read_checkpoint() does.
  const Checkpoint& at(const std::filesystem::path& path);

 private:
  std::map<std::filesystem::path, Checkpoint> files_;
};

class NetworkFile {
 public:
  // kind: one of kNetworkKinds; what it is called in messages. The metadata has
  // an entry "limner_KIND" of JSON with "kind": KIND. Throws Error for other
  // files and for weights that are empty or not finite.
  NetworkFile(const Checkpoint& file, const std::string& kind);

  // Of this network alone, without "KIND." in front.
  const TensorMap& tensors() const { return tensors_; }

  // The metadata entry: its name and its text.
  const std::string& entry() const { return entry_; }
  const std::string& text() const { return text_; }

  // The whole number `key` of the metadata. Throws Error outside min..max.
  int whole(const std::string& key, int min, int max) const;

 private:
  std::string name_, entry_, text_;
  TensorMap tensors_;
  std::shared_ptr<const nlohmann::json> config_;
};

}  // namespace limner
