#include "util/stopwatch.h"

#include <ctime>

namespace limner {
namespace {

clockid_t measured = CLOCK_MONOTONIC;

}  // namespace

void count_processor_time() { measured = CLOCK_PROCESS_CPUTIME_ID; }

double stopwatch() {
  timespec now{};
  clock_gettime(measured, &now);
  return static_cast<double>(now.tv_sec) * 1e3 +
         static_cast<double>(now.tv_nsec) / 1e6;
}

}  // namespace limner
