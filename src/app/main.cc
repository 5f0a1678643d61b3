#include <malloc.h>
#include <unistd.h>

#include <cstdlib>

#include "app/commands.h"

namespace {

// Settings that libraries read before main() runs, so the program starts itself
// again with them; a user's own settings stay.
//
// GNU OpenMP lets a thread that waits for the others spin for milliseconds.
// When another program wants the processor, a layer's threads then wait for
// each other in turn and a face takes ten times as long. A short spin costs
// nothing on an idle machine.
//
// On huge pages the many megabytes of maps and packed weights are there sooner:
// the kernel clears two megabytes at a time instead of four kilobytes. Loading
// a model takes half the time.
void start_with_settings(char** argv) {
  bool changed = false;
  const auto set = [&](const char* name, const char* value) {
    if (std::getenv(name) != nullptr) return;
    changed |= setenv(name, value, 1) == 0;
  };
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) set("GOMP_SPINCOUNT", "20000");
  set("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
  if (changed) execv("/proc/self/exe", argv);
  // Still here: no /proc, so it runs as it is.
}

// Maps and packed weights come and go. glibc would give memory of their size
// back to the system each time and have its pages cleared again when it is next
// needed, which doubles the time to load a model.
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
  mallopt(M_TOP_PAD, 16 << 20);
}

}  // namespace

int main(int argc, char** argv) {
  start_with_settings(argv);
  keep_freed_memory();
  return limner::app::run_program(argc, argv);
}
