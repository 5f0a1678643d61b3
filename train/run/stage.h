// What a training stage gives to the loop (run.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "image/image.h"
#include "train/optim/state.h"

namespace limner::train {

// How a stage computes on this machine, where that follows from the machine.
struct StageMeans {
  std::string precision;  // "bf16", "f32"; empty: not known
  std::string note;       // a line for the user; empty: none
};

class Stage {
 public:
  virtual ~Stage() = default;

  // Takes step number `step` (0, 1, ...) and returns its losses, of this
  // process. Random draws are to depend on the seed and the step alone: then
  // a resumed run equals one that was never interrupted. All processes of a
  // run call it together; a loss must be there on all of them or on none.
  virtual std::map<std::string, double> step(int64_t step) = 0;

  // Of all processes together.
  virtual int64_t images_per_step() const = 0;

  virtual StageMeans means() const { return {}; }

  // Everything that step() depends on but the data: weights, optimisers,
  // averages. save() is called on the main process, load() on all. Names of
  // values beginning with "run." are the loop's own.
  virtual void save(State& state) const = 0;
  virtual void load(const State& state) = 0;

  // The rest is called on the main process only and must change nothing that
  // step() depends on.

  // A picture that shows how far the networks are: RGB.
  virtual Image sheet() = 0;

  // Measures on data that is not trained on.
  virtual std::map<std::string, double> validate() { return {}; }

  // Writes the files that limner uses.
  virtual void export_models(const std::filesystem::path& folder) = 0;
};

}  // namespace limner::train
