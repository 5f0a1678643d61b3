// The one exception type of limner, and how to throw it.
//
// A message is one line that says what went wrong, what was got and what was
// expected, and where possible how to fix it. `main` prints it and exits 1.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace limner {

// A problem with the user's input, files or machine.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws Error with a message formatted as by fmt::format.
template <typename... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...));
}

// Returns `text` made safe for one line of a terminal: control characters
// (of ASCII, and U+0080 to U+009F) become \xNN, and anything past `limit` bytes
// becomes "...".
std::string printable(std::string text, size_t limit = 200);

}  // namespace limner
