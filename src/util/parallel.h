// Parallel loops over OpenMP, so that our loops and oneDNN share one pool of
// threads.
#pragma once

#include <omp.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace limner {

// Threads that loops and layers use. set_threads(0) takes every core that
// this process may run on. Range 0..1024; throws Error outside it.
void set_threads(int threads);
int threads();

// Calls body(begin, end) for consecutive ranges that cover [0, count), one a
// thread. Runs serially when count * cost (in rough nanoseconds an item) is
// too small to pay for waking the other threads. body must not throw.
template <typename Body>
void parallel_for(int64_t count, int64_t cost, const Body& body) {
  constexpr int64_t kWorthwhile = 20'000;
  const int team = threads();
  if (team == 1 || count < 2 || count * cost < kWorthwhile ||
      omp_in_parallel()) {
    if (count > 0) body(int64_t{0}, count);
    return;
  }
#pragma omp parallel num_threads(team)
  {
    const int64_t size = omp_get_num_threads();
    const int64_t rank = omp_get_thread_num();
    const int64_t begin = count * rank / size;
    const int64_t end = count * (rank + 1) / size;
    if (begin < end) body(begin, end);
  }
}

// Runs the tasks side by side; loops inside of them run serially. When tasks
// throw, all others still end, and the exception of the first of them in the
// list is thrown.
void run_tasks(const std::vector<std::function<void()>>& tasks);

}  // namespace limner
