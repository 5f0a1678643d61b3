#include "util/parallel.h"

#include <exception>

#include "util/error.h"

namespace limner {
namespace {

int team_size = 0;  // 0: not set yet

}  // namespace

#ifdef _OPENMP
int processors() { return omp_get_num_procs(); }
void work_alone() { omp_set_max_active_levels(0); }
bool in_team() { return omp_in_parallel() != 0; }
#else
int processors() { return team::processors(); }
void work_alone() { team::work_alone(); }
bool in_team() { return team::inside(); }
#endif

void set_threads(int threads) {
  if (threads < 0 || threads > 1024) {
    fail("threads must be 0 (all cores) to 1024, got {}", threads);
  }
  team_size = threads == 0 ? processors() : threads;
#ifdef _OPENMP
  omp_set_num_threads(team_size);
#endif
}

int threads() {
#ifdef _OPENMP
  if (team_size == 0) team_size = omp_get_max_threads();
#else
  if (team_size == 0) team_size = processors();
#endif
  return team_size;
}

void run_tasks(const std::vector<std::function<void()>>& tasks) {
  const auto count = static_cast<int>(tasks.size());
  std::vector<std::exception_ptr> thrown(tasks.size());
  run_team(threads(), [&](int, int) {
    share_out(count, [&](int i) {
      try {
        tasks[i]();
      } catch (...) {
        thrown[i] = std::current_exception();
      }
    });
  });
  for (const std::exception_ptr& exception : thrown) {
    if (exception) std::rethrow_exception(exception);
  }
}

}  // namespace limner
