// Where results go: never over an input, never two of one name, and found out
// before any computing when they cannot be written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace limner::app {

class Outputs {
 public:
  Outputs() = default;
  // Removes the folders that prepare() made and nothing was written to.
  ~Outputs();
  Outputs(const Outputs&) = delete;
  Outputs& operator=(const Outputs&) = delete;

  // Marks a file that must not be overwritten, under any of its names.
  void protect(const std::filesystem::path& input);

  // Announces a file that will be written. Throws Error when it is an input
  // or announced already, when a folder has its name, or when its folder
  // cannot be made or written to.
  void plan(const std::filesystem::path& output);

  // Creates the folder of `output`, just before it is written. Thread-safe.
  void prepare(const std::filesystem::path& output);

 private:
  std::set<std::filesystem::path> inputs_;
  std::set<std::pair<uint64_t, uint64_t>> input_files_;  // device and number
  std::set<std::filesystem::path> planned_;
  std::set<std::filesystem::path> checked_folders_;
  std::mutex mutex_;                         // of made_
  std::vector<std::filesystem::path> made_;  // parents first
};

// True when `path` is a folder or its text ends in a slash.
bool names_folder(const std::filesystem::path& path);

// The name of a folder, whose path may end in a slash.
std::string folder_name(const std::filesystem::path& folder);

// `folder`/`name``ending`, where name is a pair's name ("a/1"): plain
// appending, since names may hold dots.
std::filesystem::path named(const std::filesystem::path& folder,
                            const std::string& name, const std::string& ending);

// Where results go: into one file, or into a folder, a file for each name.
struct Target {
  std::filesystem::path path;
  bool many = false;   // certainly a folder
  std::string ending;  // of files in a folder

  bool is_folder() const { return many || names_folder(path); }
  std::filesystem::path file(const std::string& name) const {
    return is_folder() ? named(path, name, ending) : path;
  }
};

// What results are called where the user gives no name: "NAME-mask.png" of one
// input, in the folder "INPUT-masks" of a folder of them.
struct ResultName {
  const char* one;
  const char* many;
  std::string ending;
};

// `out`, or what is usual when it is empty; `first`: the name of the first
// result.
Target target_for(const std::filesystem::path& out,
                  const std::filesystem::path& input, const std::string& first,
                  const ResultName& usual);

// Of a picture in a format of --format.
std::string picture_ending(const std::string& format);

}  // namespace limner::app
