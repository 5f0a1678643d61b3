// What limner prints: results on standard output, problems on standard error.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <utility>

namespace limner::app {

// Writes to standard output, without a newline. A reader that went away is
// no error. No control character but newlines and tabs comes through to the
// terminal (see printable()).
void say_text(const std::string& text);
// Writes "limner: TEXT" and a newline to standard error: one line, without any.
void complain_text(const std::string& text);

// A path as it is printed: whole, on one line.
std::string shown(const std::filesystem::path& path);

// Flushes standard output. Returns what went wrong with it since the start
// ("No space left on device"), "" when nothing did.
std::string finish_output();

template <typename... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  say_text(fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void complain(fmt::format_string<Args...> format, Args&&... args) {
  complain_text(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace limner::app
