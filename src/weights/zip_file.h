// Zip archives as torch.save and numpy.savez write them: found through the
// central directory, stored members left mapped, deflated ones unpacked.
#pragma once

#include <map>
#include <string>

#include "util/files.h"
#include "weights/storage.h"

namespace limner {

bool looks_like_zip(Bytes bytes);

// Reads the directory at construction. Throws Error when the file is damaged,
// split or encrypted. Not thread-safe.
class ZipFile {
 public:
  explicit ZipFile(const MappedFile& file);

  struct Member {
    uint16_t method = 0;  // 0 stored, 8 deflated
    uint16_t flags = 0;
    uint32_t crc = 0;
    uint64_t packed = 0;  // bytes in the file
    uint64_t size = 0;    // bytes unpacked
    uint64_t header = 0;  // where its local header stands
  };
  const std::map<std::string, Member>& members() const { return members_; }

  // The contents of a member. Throws Error when there is none of this name,
  // it is damaged, or unpacks to more than `limit` bytes; what deflated
  // members unpack to in total is bounded too. The checksum of stored members
  // is compared only with `check`: torch may be told not to write it, and it
  // would read every page.
  Blob open(const std::string& name, bool check, uint64_t limit);

 private:
  void read_directory();
  Blob inflate(const std::string& name, const Member& member, Bytes packed);

  MappedFile file_;
  std::string source_;
  std::map<std::string, Member> members_;
  uint64_t unpacked_ = 0;
};

}  // namespace limner
