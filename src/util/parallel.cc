#include "util/parallel.h"

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

}  // namespace limner
