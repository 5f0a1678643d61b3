// What every fuzz target expects of a reader.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "util/error.h"

namespace limner {

inline std::string_view text_of(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Stops the fuzzer, which keeps the input, unless `good`.
inline void expect(bool good) {
  if (!good) std::abort();
}

// Runs body(). It may throw Error with one line and nothing else.
template <typename Body>
void allow_errors(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    expect(std::strchr(error.what(), '\n') == nullptr);
  }
}

}  // namespace limner
