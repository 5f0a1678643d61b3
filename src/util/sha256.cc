#include "util/sha256.h"

#include <algorithm>

#include "util/files.h"

namespace limner {

std::string sha256_hex(Bytes bytes) {
  Sha256 sum;
  sum.update(bytes);
  return sum.hex();
}

std::string sha256_file(const std::filesystem::path& path) {
  const MappedFile file(path);
  const Bytes bytes = file.bytes();
  Sha256 sum;
  constexpr size_t kPart = size_t{1} << 24;
  for (size_t at = 0; at < bytes.size(); at += kPart) {
    const Bytes part = bytes.subspan(at, std::min(kPart, bytes.size() - at));
    sum.update(part);
    file.release(part);
  }
  return sum.hex();
}

}  // namespace limner
