// Which sketch goes with which photo.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
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
  // How many files of folders are of a kind that does not count, by kind:
  // ".txt", "without an ending". Hidden files are not counted.
  std::map<std::string, int64_t> left_out;
};

// What counts as a sketch in a folder: pictures (picture_endings()) alone, or
// drawings of strokes (.svg .json .ndjson and those of other programs), too.
enum class SketchFiles { kPictures, kDrawings };

// `sketches` and `photos` are files or folders (searched through; of photos,
// pictures only). A single photo file serves every sketch; two folders are
// paired by relative name without the ending. `photos` may be empty. Of files
// with one name but for the ending, those of other programs (a.kra, a.heic)
// are left out beside one of the usual kinds (a.png). Throws Error when nothing
// is found or a name is ambiguous.
Pairing find_pairs(const std::filesystem::path& sketches,
                   const std::filesystem::path& photos,
                   SketchFiles files = SketchFiles::kPictures);

// Such kinds in words: "3 .heic, 1 .txt".
std::string counted(const std::map<std::string, int64_t>& kinds);

}  // namespace limner
