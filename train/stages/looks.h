// Looks drawn at random as photos have them: mean and principal components of
// what the photo encoder makes of training photos (see model/looks.h).
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "data/dataset.h"
#include "train/modules/face_model.h"
#include "train/optim/state.h"
#include "train/run/options.h"
#include "train/stages/settings.h"
#include "weights/safetensors.h"

namespace limner::train {

struct LookSettings {
  int components = 48;    // 0: random looks come from the mapping network
  int64_t every = 20000;  // pictures after which they are found anew
  int64_t photos = 512;   // of the training photos, spread over all of them

  // As "looks_components", ...
  void declare(OptionTable& table);
};

// Mean and components, each of the length of one standard deviation.
struct LookSpread {
  torch::Tensor mean;        // [rows, width]
  torch::Tensor components;  // [k, rows, width]
  double share = 0.0;        // of the variance that the components hold
};

// codes: [n, rows, width], n >= 1. k is `components`, or less where fewer
// photos span fewer directions, but at least 1. Components come in order of
// their variance, signed so that their largest number is positive.
LookSpread spread_of(const torch::Tensor& codes, int components);

// At most `max` photos of `faces`, evenly spread over their order, as the
// photo encoder reads them: visit() gets batches [n, 3, side, side] in [-1, 1].
// Throws Error.
void visit_photos(const Dataset& faces, int side, int64_t max, int workers,
                  const std::function<void(const torch::Tensor&)>& visit);

// The encoder's rows of photos: [n, rows, width], on the CPU. `model` must be
// in evaluation mode.
torch::Tensor codes_of_photos(FaceModelImpl& model, const torch::Tensor& photos,
                              int64_t rows, const Context& context);

// As a model file holds them. Components are stored as `type`.
std::vector<NamedTensor> look_tensors(const LookSpread& spread, DType type);

// The looks of a run. The same in all processes of it.
class Looks {
 public:
  // Keeps references to `faces` and `context`.
  Looks(const LookSettings& settings, const Dataset& faces,
        const Context& context);

  bool active() const { return settings_.components > 0; }

  // To be called before each step: finds the spread of `model`'s looks when it
  // is time, `rows` of them. Reads the photos at the first time, on the main
  // process. Throws Error.
  void update(int64_t step, FaceModelImpl& model, int64_t rows);

  // Random looks for samples [first, last) of a step's batch of this process,
  // the same however many processes share the whole: [n, rows, width], or,
  // while inactive, [n, width] random numbers for the mapping network.
  torch::Tensor draw(int64_t step, int purpose, int64_t first, int64_t last,
                     int64_t width) const;

  void save(State& state) const;
  void load(const State& state);

  // Of `model` as it is now, for its file; none while inactive. On the main
  // process.
  std::vector<NamedTensor> tensors(FaceModelImpl& model, int64_t rows);

 private:
  LookSpread find(FaceModelImpl& model, int64_t rows);

  LookSettings settings_;
  const Dataset& faces_;
  const Context& context_;
  torch::Tensor photos_;  // read when first needed
  LookSpread spread_;     // undefined tensors: not found yet
};

}  // namespace limner::train
