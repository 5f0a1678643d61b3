#include "util/number_text.h"

#include <cmath>
#include <cstdlib>
#include <string>

namespace limner {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The end of the decimal number at the front; `first` when there is none.
const char* end_of_number(const char* first, const char* last) {
  const char* at = first;
  if (at != last && *at == '-') ++at;
  bool digits = false;
  const auto take_digits = [&] {
    for (; at != last && is_digit(*at); ++at) digits = true;
  };
  take_digits();
  if (at != last && *at == '.') {
    ++at;
    take_digits();
  }
  if (!digits) return first;
  if (at == last || (*at != 'e' && *at != 'E')) return at;
  const char* exponent = at + 1;
  if (exponent != last && (*exponent == '+' || *exponent == '-')) ++exponent;
  if (exponent == last || !is_digit(*exponent)) return at;
  while (exponent != last && is_digit(*exponent)) ++exponent;
  return exponent;
}

}  // namespace

std::from_chars_result read_number(const char* first, const char* last,
                                   double& value) {
  const char* end = end_of_number(first, last);
  if (end == first) return {first, std::errc::invalid_argument};
#if defined(__cpp_lib_to_chars) && __cpp_lib_to_chars >= 201611L
  return std::from_chars(first, end, value);
#else
  // The library reads whole numbers alone. Nothing here changes the locale, so
  // that this one reads points.
  const double read = std::strtod(std::string(first, end).c_str(), nullptr);
  bool zero = true;
  for (const char* at = first; at != end && *at != 'e' && *at != 'E'; ++at) {
    if (*at >= '1' && *at <= '9') zero = false;
  }
  if (std::isinf(read) || (read == 0 && !zero)) {
    return {end, std::errc::result_out_of_range};
  }
  value = read;
  return {end, std::errc()};
#endif
}

}  // namespace limner
