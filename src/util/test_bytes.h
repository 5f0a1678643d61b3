// For tests: files made byte by byte.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace limner {

// The lowest `bytes` bytes of `value`, little-endian.
inline std::string le(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i, value >>= 8) out += static_cast<char>(value);
  return out;
}

// A zip of stored members {name, content}, as drawing programs and numpy.savez
// write it.
inline std::string zip_of(
    const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out, directory;
  for (const auto& [name, content] : members) {
    const std::string sizes = le(0, 4) + le(content.size(), 4) +
                              le(content.size(), 4) + le(name.size(), 2);
    directory += "PK\x01\x02" + le(0, 6) + le(0, 2) + le(0, 4) + sizes +
                 std::string(12, '\0') + le(out.size(), 4) + name;
    out += "PK\x03\x04" + le(0, 4) + le(0, 2) + le(0, 4) + sizes + le(0, 2) +
           name + content;
  }
  return out + directory + "PK\x05\x06" + le(0, 4) + le(members.size(), 2) +
         le(members.size(), 2) + le(directory.size(), 4) + le(out.size(), 4) +
         le(0, 2);
}

}  // namespace limner
