// Signals that ask a run to stop at the end of its step.
#pragma once

namespace limner::train {

// While one lives, the first SIGINT, SIGTERM or SIGHUP is noted instead of
// ending the program; a second does what it did before. One at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  bool asked() const;
};

}  // namespace limner::train
