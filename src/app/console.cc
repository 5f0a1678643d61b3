#include "app/console.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "util/error.h"

namespace limner::app {
namespace {

int output_error = 0;  // the first errno of standard output

// Names and texts of files may hold what a terminal takes for commands.
std::string without_commands(const std::string& text) {
  std::string out;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = text.find_first_of("\n\t", begin);
    out += printable(text.substr(begin, end - begin), text.npos);
    if (end == text.npos) break;
    out += text[end];
    begin = end + 1;
  }
  return out;
}

}  // namespace

void say_text(const std::string& raw) {
  const std::string text = without_commands(raw);
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() &&
      output_error == 0) {
    output_error = errno;
  }
}

std::string finish_output() {
  errno = 0;
  if (std::fflush(stdout) != 0 && output_error == 0) output_error = errno;
  return output_error == 0 || output_error == EPIPE
             ? ""
             : std::strerror(output_error);
}

void complain_text(const std::string& text) {
  // On a terminal a progress bar may stand in this line: it is wiped first.
  // One call, so that lines of several processes do not mix.
  const std::string line = (isatty(STDERR_FILENO) != 0 ? "\r\x1b[K" : "") +
                           ("limner: " + printable(text, text.npos) + "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::string shown(const std::filesystem::path& path) {
  constexpr size_t kMaxName = 4096;
  return printable(path.string(), kMaxName);
}

}  // namespace limner::app
