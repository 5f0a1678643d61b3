#include "util/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace limner {
namespace {

// Redrawing more often than this would only cost time.
constexpr std::chrono::milliseconds kRedraw{100};

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

// "0:09", "12:34" or "1:02:03".
std::string clock_text(double seconds) {
  const auto total =
      static_cast<int64_t>(std::clamp(std::ceil(seconds), 0.0, 3.6e6));
  const int64_t hours = total / 3600;
  const int64_t minutes = total / 60 % 60;
  if (hours > 0)
    return fmt::format("{}:{:02}:{:02}", hours, minutes, total % 60);
  return fmt::format("{}:{:02}", minutes, total % 60);
}

}  // namespace

Progress::Progress(std::string label, int64_t total)
    : label_(std::move(label)),
      total_(total),
      shown_(::isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now()),
      drawn_(start_ - kRedraw) {
  advance(0);
}

Progress::~Progress() {
  if (shown_) put("\r\033[K");
}

void Progress::advance(int64_t steps) {
  done_ += steps;
  if (!shown_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_ < kRedraw && done_ < total_) return;
  drawn_ = now;

  std::string line = fmt::format("\r{}  {}/{}", label_, done_, total_);
  const double seconds = std::chrono::duration<double>(now - start_).count();
  if (done_ > 0 && seconds > 0) {
    const double rate = static_cast<double>(done_) / seconds;
    const auto left = static_cast<double>(std::max<int64_t>(total_ - done_, 0));
    line += fmt::format("  {:.1f}/s  {} left", rate, clock_text(left / rate));
  }
  put(line + "\033[K");
}

}  // namespace limner
