// SHA-256 of data that comes in pieces.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "util/span.h"

namespace limner {

// Feed with update(), then take hex() once. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(const void* data, size_t size);
  void update(Bytes bytes) { update(bytes.data(), bytes.size()); }

  // Ends the sum: 64 lower-case hexadecimal digits.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(Bytes bytes);

// Of a whole file, without keeping it in memory. Throws Error when it cannot
// be read.
std::string sha256_file(const std::filesystem::path& path);

}  // namespace limner
