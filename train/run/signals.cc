#include "train/run/signals.h"

#include <array>
#include <atomic>
#include <csignal>

namespace limner::train {
namespace {

constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};

std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free);
std::array<struct sigaction, kSignals.size()> previous_actions;

// Runs in a signal handler: async-signal-safe calls only.
extern "C" void note_signal(int signal) {
  received.store(signal);
  // The second one does what it did before the run.
  for (size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], &previous_actions[i], nullptr);
  }
}

}  // namespace

StopSignals::StopSignals() {
  received.store(0);
  for (size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &previous_actions[i]);
  }
  for (size_t i = 0; i < kSignals.size(); ++i) {
    // A signal that is ignored (nohup) stays ignored.
    if (previous_actions[i].sa_handler == SIG_IGN) continue;
    struct sigaction action = {};
    action.sa_handler = note_signal;
    ::sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    ::sigaction(kSignals[i], &action, nullptr);
  }
}

StopSignals::~StopSignals() {
  for (size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], &previous_actions[i], nullptr);
  }
}

bool StopSignals::asked() const { return received.load() != 0; }

}  // namespace limner::train
