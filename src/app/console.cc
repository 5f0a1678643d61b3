#include "app/console.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace limner::app {
namespace {

int output_error = 0;  // the first errno of standard output

}  // namespace

void say_text(const std::string& text) {
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
                           ("limner: " + text + "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace limner::app
