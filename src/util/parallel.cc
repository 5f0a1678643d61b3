#include "util/parallel.h"

#include <exception>

#include "util/error.h"

namespace limner {
namespace {

int team_size = 0;  // 0: not set yet

}  // namespace

void set_threads(int threads) {
  if (threads < 0 || threads > 1024) {
    fail("threads must be 0 (all cores) to 1024, got {}", threads);
  }
  team_size = threads == 0 ? omp_get_num_procs() : threads;
  omp_set_num_threads(team_size);
}

int threads() {
  if (team_size == 0) team_size = omp_get_max_threads();
  return team_size;
}

void run_tasks(const std::vector<std::function<void()>>& tasks) {
  const auto count = static_cast<int>(tasks.size());
  std::vector<std::exception_ptr> thrown(tasks.size());
#pragma omp parallel for schedule(dynamic) \
    num_threads(threads()) if (threads() > 1)
  for (int i = 0; i < count; ++i) {
    try {
      tasks[i]();
    } catch (...) {
      thrown[i] = std::current_exception();
    }
  }
  for (const std::exception_ptr& exception : thrown) {
    if (exception) std::rethrow_exception(exception);
  }
}

}  // namespace limner
