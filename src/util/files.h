// Files: mapped reading, whole-file reading, and writing that never leaves a
// half-written file behind.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "util/span.h"

namespace limner {

// A file mapped read-only into memory. Copies share the mapping.
// Thread-safe once constructed.
class MappedFile {
 public:
  // Throws Error when the file is missing, unreadable, a directory or empty.
  explicit MappedFile(const std::filesystem::path& path);

  Bytes bytes() const;
  const std::filesystem::path& path() const;

  // Tells the kernel that the pages wholly inside `part` are not needed any
  // more, so that they stop counting as resident. They are read again from
  // the file if touched later. `part` must lie inside bytes().
  void release(Bytes part) const;

 private:
  struct Mapping;
  std::shared_ptr<const Mapping> mapping_;
};

// Reads a whole file. Throws Error when it cannot, or when the file is larger
// than `limit` bytes.
std::vector<unsigned char> read_file(const std::filesystem::path& path,
                                     uint64_t limit = uint64_t{1} << 32);

// Writes a file under a temporary name beside `path` and renames it on
// commit(). Without commit() (an exception, an early return) the temporary
// file is removed, also on SIGINT, SIGTERM and SIGHUP once
// remove_temporaries_on_signals() has been called. What a process that was
// killed left is removed by the next one that writes to the folder. Not
// thread-safe.
class AtomicFile {
 public:
  // Creates the temporary file. Throws Error when the folder is missing or
  // not writable, or `path` is a directory.
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // Appends. Throws Error on a full disk or any other failure.
  void write(const void* data, size_t size);
  void write(const std::string& text) { write(text.data(), text.size()); }

  // Flushes to disk and renames to the final name, replacing what was there.
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
  int slot_ = -1;
};

// write_file(path, bytes): AtomicFile, write, commit.
void write_file(const std::filesystem::path& path, Bytes bytes);
void write_file(const std::filesystem::path& path, const std::string& text);

// Creates `path` and its parents. Throws Error when that fails or when a file
// stands in the way.
void make_folders(const std::filesystem::path& path);

// From now on SIGINT, SIGTERM and SIGHUP remove the temporary files of live
// AtomicFiles before ending the process as they would have.
void remove_temporaries_on_signals();

}  // namespace limner
