// Files of text as they come: compressed, or in UTF-16.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "util/span.h"

namespace limner {

// Whether `data` starts as a gzip file does.
bool is_gzip(Bytes data);

// What the gzip file `data` holds, all of its parts. Throws Error when it is
// damaged and for more than `max` bytes.
std::vector<unsigned char> unpack_gzip(Bytes data, uint64_t max);

// `data` as UTF-8: without a mark at its beginning, and from UTF-16 of either
// order with a mark or, where it starts with an ASCII character, without one.
std::string utf8_of(Bytes data);

}  // namespace limner
