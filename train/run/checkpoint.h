// The checkpoints of a run folder: the last one and the one before.
#pragma once

#include <filesystem>

#include "train/optim/state.h"

namespace limner::train {

class Checkpoints {
 public:
  explicit Checkpoints(std::filesystem::path folder);

  bool any() const;  // one to resume from

  // The last one. Throws Error when there is none; when it is damaged, with
  // what to do.
  State load() const;

  // Writes a third file and then renames: at any moment of it, and when it
  // fails with an Error, the last one is there.
  void save(const State& state) const;

  const std::filesystem::path& last() const { return last_; }

 private:
  std::filesystem::path folder_, last_, previous_, next_;
};

}  // namespace limner::train
