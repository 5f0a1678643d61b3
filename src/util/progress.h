// A progress bar on standard error, only when that is a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace limner {

// Shows "label  12/40  3.1/s  0:09 left" and rewrites it in place. Silent when
// standard error is not a terminal. Not thread-safe.
class Progress {
 public:
  Progress(std::string label, int64_t total);
  ~Progress();  // clears the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(int64_t steps = 1);

 private:
  std::string label_;
  int64_t total_;
  int64_t done_ = 0;
  bool shown_;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point drawn_;
};

}  // namespace limner
