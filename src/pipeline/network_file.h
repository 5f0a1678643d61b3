// Files of one network that `limner-train` writes: weights, and in the
// metadata what their shapes do not tell.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "weights/checkpoint.h"

namespace limner {

class NetworkFile {
 public:
  // kind: "labeler", "parser"; what it is called in messages. The metadata has
  // an entry "limner_KIND" of JSON with "kind": KIND. Throws Error for other
  // files and for weights that are empty or not finite.
  NetworkFile(const std::filesystem::path& path, const std::string& kind);

  const TensorMap& tensors() const { return checkpoint_.tensors; }

  // The whole number `key` of the metadata. Throws Error outside least..most.
  int whole(const std::string& key, int least, int most) const;

 private:
  std::string name_, entry_;
  Checkpoint checkpoint_;
  nlohmann::json config_;
};

}  // namespace limner
