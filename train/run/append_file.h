// Records that grow while a run goes on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace limner::train {

// Appends whole records: when the disk is full, what was written of a record
// is cut off again, so that later ones can be read.
class AppendFile {
 public:
  // Creates the file where it is missing. Throws Error when it cannot.
  explicit AppendFile(const std::filesystem::path& path);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  // Throws Error when the disk is full; the file is as before then.
  void append(const std::string& record);

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  int64_t size_ = 0;
};

}  // namespace limner::train
