// A file for readers that want a path, in memory where the system has such a
// folder.
#pragma once

#include <stdlib.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace limner {

// Kept for the whole run, like its folder.
class MadeFile {
 public:
  explicit MadeFile(const std::string& name) {
    const std::filesystem::path shared = "/dev/shm";
    std::string folder = ((std::filesystem::exists(shared)
                               ? shared
                               : std::filesystem::temp_directory_path()) /
                          "limner-fuzz-XXXXXX")
                             .string();
    if (::mkdtemp(folder.data()) == nullptr) std::abort();
    folder_ = folder;
    path_ = folder_ / name;
  }
  ~MadeFile() { std::filesystem::remove_all(folder_); }
  MadeFile(const MadeFile&) = delete;
  MadeFile& operator=(const MadeFile&) = delete;

  // Makes `data` its content.
  void fill(const uint8_t* data, size_t size) {
    std::ofstream file(path_, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(data),
               static_cast<std::streamsize>(size));
  }

  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  std::filesystem::path path_;
};

}  // namespace limner
