// Waiting for what another thread does, with an end.
#pragma once

#include <chrono>
#include <thread>

namespace limner {

// Waits until there() is true; false when it is not after two minutes:
// something hangs. Nothing is timed: there() decides.
template <typename Condition>
bool eventually(const Condition& there) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!there()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace limner
