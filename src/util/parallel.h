// Parallel loops: over OpenMP, so that our loops and oneDNN share one pool of
// threads, or (LIMNER_PORTABLE) over threads of our own (util/team.h).
#pragma once

#ifdef _OPENMP
#include <omp.h>
#else
#include "util/team.h"
#endif

#include <cstdint>
#include <functional>
#include <vector>

namespace limner {

// Threads that loops and layers use. set_threads(0) takes every core that
// this process may run on. Range 0..1024; throws Error outside it.
void set_threads(int threads);
int threads();

// The cores that this process may run on.
int processors();

// From now on loops of the calling thread run serially.
void work_alone();

// Whether the caller is part of a team of several already.
bool in_team();

// Calls body(rank, size) for every rank 0 .. size - 1 on a thread of its own;
// size: at most `team`, 1 inside of another team. body must not throw.
template <typename Body>
void run_team(int team, const Body& body) {
#ifdef _OPENMP
#pragma omp parallel num_threads(team) if (team > 1)
  body(omp_get_thread_num(), omp_get_num_threads());
#else
  team::run(team, body);
#endif
}

// Inside of run_team(), where every thread of the team calls it: hands out the
// items [0, count) one by one, so that a thread that the machine holds up does
// not hold up the others, and returns when all are done. body must not throw.
template <typename Body>
void share_out(int count, const Body& body) {
#ifdef _OPENMP
#pragma omp for schedule(dynamic)
  for (int i = 0; i < count; ++i) body(i);
#else
  team::share_out(count, body);
#endif
}

// Calls body(begin, end) for consecutive ranges that cover [0, count), one a
// thread. Runs serially when count * cost (in rough nanoseconds an item) is
// too small to pay for waking the other threads. body must not throw.
template <typename Body>
void parallel_for(int64_t count, int64_t cost, const Body& body) {
  constexpr int64_t kWorthwhile = 20'000;
  const int team = threads();
  if (team == 1 || count < 2 || count * cost < kWorthwhile || in_team()) {
    if (count > 0) body(int64_t{0}, count);
    return;
  }
  run_team(team, [&](int64_t rank, int64_t size) {
    const int64_t begin = count * rank / size;
    const int64_t end = count * (rank + 1) / size;
    if (begin < end) body(begin, end);
  });
}

// Runs the tasks side by side; loops inside of them run serially. When tasks
// throw, all others still end, and the exception of the first of them in the
// list is thrown.
void run_tasks(const std::vector<std::function<void()>>& tasks);

}  // namespace limner
