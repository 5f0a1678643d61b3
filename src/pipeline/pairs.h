// Which sketch goes with which photo.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace limner {

struct Pair {
  std::string name;  // relative path without ending, unique: "a/1"
  std::filesystem::path sketch;
  std::filesystem::path photo;  // empty when there is no photo (random looks)
};

struct Pairing {
  std::vector<Pair> pairs;  // sorted by name, numbers by value
  std::vector<std::filesystem::path> unpaired;  // sketches or photos left over
};

// `sketches` and `photos` are files or folders (searched through, pictures
// only: .png .jpg .jpeg .webp). A single photo file serves every sketch; two
// folders are paired by relative name without the ending. `photos` may be
// empty. Throws Error when nothing is found or a name is ambiguous.
Pairing find_pairs(const std::filesystem::path& sketches,
                   const std::filesystem::path& photos);

}  // namespace limner
