// Numbers in text, whatever the standard library can read.
#pragma once

#include <charconv>

namespace limner {

// std::from_chars() of a double in decimal notation, without "inf" and "nan":
// those count as no number.
std::from_chars_result read_number(const char* first, const char* last,
                                   double& value);

}  // namespace limner
