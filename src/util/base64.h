// Bytes as text: RFC 4648, section 4.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "util/span.h"

namespace limner {

// With padding, without line breaks.
std::string base64(Bytes bytes);

// The reverse. Throws Error for anything else: other characters, line breaks,
// missing padding, bits that are left over.
std::vector<unsigned char> from_base64(std::string_view text);

}  // namespace limner
