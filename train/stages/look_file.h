// `limner-train looks`: gives looks (see looks.h) to a model that has none, or
// new ones.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "train/run/options.h"
#include "train/stages/settings.h"

namespace limner::train {

struct LookFileSettings {
  std::filesystem::path model, out;
  int components = 48;
  int64_t photos = 2000;
  TrainingSettings training;  // data, device, threads, workers

  void declare(OptionTable& table);
};

// Writes `out`, atomically: everything that the safetensors file `model` holds,
// and the looks of the training photos in place of those that it may have.
// Returns what there is to say about them. Throws Error.
std::string write_looks(const LookFileSettings& settings);

}  // namespace limner::train
