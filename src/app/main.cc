#include <unistd.h>

#include <cstdlib>

#include "app/commands.h"

namespace {

// GNU OpenMP lets a thread that waits for the others spin for milliseconds.
// When another program wants the processor, a layer's threads then wait for
// each other in turn and a face takes ten times as long. A short spin costs
// nothing on an idle machine. libgomp reads the setting before main() runs, so
// the program starts itself again with it; a user's own setting stays.
void shorten_spinning(char** argv) {
  if (std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  if (std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  if (setenv("GOMP_SPINCOUNT", "20000", 1) != 0) return;
  execv("/proc/self/exe", argv);
  // Still here: no /proc, so it runs as it is.
}

}  // namespace

int main(int argc, char** argv) {
  shorten_spinning(argv);
  return limner::app::run_program(argc, argv);
}
