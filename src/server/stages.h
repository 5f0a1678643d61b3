// How long the steps of an answer took, for the header Server-Timing (W3C,
// Server Timing), which browsers show beside each request.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <string>

namespace limner::server {

class Stages {
 public:
  // name: a token of HTTP, such as "wait".
  void add(const char* name, double seconds) {
    text_ += fmt::format("{}{};dur={:.2f}", text_.empty() ? "" : ", ", name,
                         1e3 * seconds);
  }

  // Adds what passed since the last lap() or the beginning.
  void lap(const char* name) {
    const Clock::time_point now = Clock::now();
    add(name, std::chrono::duration<double>(now - last_).count());
    last_ = now;
  }
  // What passed counts for nothing.
  void skip() { last_ = Clock::now(); }

  // "wait;dur=0.04, label;dur=6.31": milliseconds.
  const std::string& text() const { return text_; }

 private:
  using Clock = std::chrono::steady_clock;

  std::string text_;
  Clock::time_point last_ = Clock::now();
};

}  // namespace limner::server
