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

// What counts as a sketch in a folder: pictures (.png .jpg .jpeg .webp) alone,
// or drawings of strokes (.svg .json .ndjson), too.
enum class SketchFiles { kPictures, kDrawings };

// `sketches` and `photos` are files or folders (searched through; of photos,
// pictures only). A single photo file serves every sketch; two folders are
// paired by relative name without the ending. `photos` may be empty. Throws
// Error when nothing is found or a name is ambiguous.
Pairing find_pairs(const std::filesystem::path& sketches,
                   const std::filesystem::path& photos,
                   SketchFiles files = SketchFiles::kPictures);

}  // namespace limner
