// A zip archive of stored members, each aligned to 64 bytes, as torch.save
// writes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "util/files.h"

namespace limner {

// Appends the lowest `bytes` bytes of `value`, little-endian.
void put_little_endian(uint64_t value, int bytes, std::string* out);

// add() each member, then commit(). The same members give the same bytes (no
// dates). Not thread-safe.
class ZipWriter {
 public:
  explicit ZipWriter(const std::filesystem::path& path);

  // Throws Error on a full disk, and when the archive reaches 4 GiB or 65535
  // members: this writer knows no zip64.
  void add(const std::string& name, const void* data, size_t size);
  void commit();

 private:
  void write(const void* data, size_t size);

  AtomicFile file_;
  std::string shown_;  // the path, for messages
  std::string directory_;
  uint64_t at_ = 0;
  uint16_t count_ = 0;
};

}  // namespace limner
