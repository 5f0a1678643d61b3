// Runs a training stage in a folder: progress, records, checkpoints.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "train/parallel/processes.h"
#include "train/run/options.h"
#include "train/run/stage.h"

namespace limner::train {

struct RunOptions {
  std::filesystem::path folder;
  int64_t steps = 0;  // in all, those before resuming too; 0: no limit
  double hours = 0;   // from this start; 0: no limit
  int log_every = 50, checkpoint_every = 1000, sheet_every = 1000;  // steps
  int validate_every = 0;  // 0: never; the same for the others
  bool resume = false;

  void declare(OptionTable& table);
};

// Trains until the steps or hours are over, or a signal (SIGINT, SIGTERM,
// SIGHUP) asks to stop; a second one ends the program at once. `settings`, in
// effect for this run, are kept beside it. In the folder:
//
//   config.json                       the settings
//   metrics.jsonl                     losses and speed, a line each time
//   events/events.out.tfevents.*      the same and the sheets for TensorBoard
//   sheets/0001000.png                sample sheets
//   checkpoint.safetensors            everything needed to go on
//   checkpoint-previous.safetensors   the one before
//   report.html                       curves, sheets, settings
//   models/                           Stage::export_models(), with each
//                                     checkpoint
//
// A file is replaced by a complete one or stays as it was. When the disk is
// full, a warning is printed and the run goes on; only what is written last
// must succeed.
//
// Throws Error when the folder holds a checkpoint and `resume` is not set, or
// the other way round; when another run uses the folder; when a loss is no
// number or grows out of bounds (the last checkpoint stays); when the last
// checkpoint cannot be written.
void run(Stage& stage, const RunOptions& options,
         const nlohmann::json& settings, Processes& processes);

}  // namespace limner::train
