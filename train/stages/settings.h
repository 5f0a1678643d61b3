// Settings that the stages share, each declared once for config files, flags
// and --help.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "train/data/loader.h"
#include "train/losses/adversarial.h"
#include "train/modules/face_model.h"
#include "train/optim/optimizer.h"
#include "train/parallel/processes.h"
#include "train/run/options.h"
#include "train/run/stage.h"
#include "train/stages/precision.h"
#include "train/stages/step_losses.h"

namespace limner::train {

// Random codes w that the mean code of a generator is made from.
constexpr int64_t kMeanCodeSamples = 10000;

// Where a run computes and what it reads.
struct TrainingSettings {
  std::filesystem::path data;
  std::filesystem::path init;      // weights to begin with; empty: random ones
  std::string device = "cpu";      // or "cuda"
  std::string precision = "auto";  // "bf16" or "f32"
  bool channels_last = true;
  int threads = 0;  // of libtorch's operations; 0: one a processor
  int64_t seed = 1;
  int batch = 16;  // pictures a step and process
  int workers = 1;
  double oversample = 0.5;
  bool augment = true;
  OptimizerOptions optimizer;
  double lr_end = 0.05;     // the last rate over the first
  int64_t lr_warmup = 100;  // steps
  double clip = 1.0;
  int64_t ema_images = 5000;  // half-life of the average

  void declare(OptionTable& table);
};

// A run's place and means, made from its settings.
class Context {
 public:
  // Sets libtorch's threads and first seed, and agrees with the other
  // processes on the precision. Throws Error without the device.
  Context(const TrainingSettings& settings, int64_t steps,
          std::shared_ptr<Processes> processes);

  const TrainingSettings& settings() const { return settings_; }
  Processes& processes() const { return *processes_; }
  torch::Device device() const { return device_; }
  bool bf16() const { return precision_.bf16; }
  StageMeans means() const;

  // Pictures of one step over all processes.
  int64_t images() const;

  // What the loaders have in common; the sides are left to the stage.
  LoaderOptions loader_options() const;

  // The rate of a step: a linear rise, then half a cosine down to lr_end.
  double rate(int64_t step) const;

  // The end of a step, after backward(): gradients become their mean over all
  // processes and are limited (losses tell their norm as `name` then), and the
  // optimiser moves with the step's rate times `factor`.
  void take_step(Optimizer& optimizer,
                 const std::vector<torch::Tensor>& parameters, int64_t step,
                 StepLosses& losses, const char* name = "gradient",
                 double factor = 1.0) const;

  // The decay that gives the average its half-life. It starts short, so that
  // the first, random weights are forgotten.
  double ema_decay(int64_t step) const;

  // Random numbers of a step, the same whenever it is computed; `purpose`
  // (0..63) tells several sources of one step apart.
  uint64_t seed(int64_t step, int purpose) const;
  at::Generator generator(int64_t step, int purpose) const;

  // Fresh noise of a step for this process' share of the batch.
  SynthesisOptions synthesis(int64_t step, int purpose) const;

  // Moves pictures to the device, in the layout that convolutions like.
  torch::Tensor images_to_device(const torch::Tensor& images) const;

  // Moves a network to the device, with its weights in that layout too, and
  // makes it the same in all processes.
  void adopt(torch::nn::Module& module) const;

 private:
  TrainingSettings settings_;
  int64_t steps_;
  std::shared_ptr<Processes> processes_;
  torch::Device device_;
  Precision precision_;
};

// A stage in its context.
class TrainingStage : public Stage {
 public:
  int64_t images_per_step() const final { return context_.images(); }
  StageMeans means() const final { return context_.means(); }

 protected:
  TrainingStage(const TrainingSettings& settings, int64_t steps,
                std::shared_ptr<Processes> processes)
      : context_(settings, steps, std::move(processes)) {}

  Context context_;
};

// bfloat16 for convolutions and matrix products while this lives.
class Autocast {
 public:
  Autocast(bool enabled, torch::Device device);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool enabled_;
  torch::DeviceType device_;
};

struct PathSettings {
  PathLengthOptions options;

  void declare(OptionTable& table);
};

// The sizes of a model that is trained from nothing.
struct ModelSettings {
  int size = 128;         // side of its pictures
  int encoder_side = 64;  // of the pictures that the encoders work on
  int sketch_fold = 2;    // drawings are read at so many times that side
  int style_width = 128;
  int split = 5;
  bool structure_maps = true;
  bool faithfulness = false;  // off: what earlier runs go on with
  double sharpening = 0.0;    // of the full picture, see ModelConfig
  int mapping_layers = 4;
  std::vector<int> encoder_widths = {16, 32, 64, 128};
  std::vector<int> encoder_units = {1, 2, 2, 1};
  std::vector<int> channels = {192, 192, 128, 96, 48, 32};  // from 4 px up
  std::vector<int> discriminator_channels = {128, 128, 96, 64, 32, 16};

  void declare(OptionTable& table);

  // Throws Error on sizes that make no model.
  FaceConfig face_config() const;
  // Those of the discriminator. Throws Error on another number of them.
  const std::vector<int>& critic_channels() const;
};

// The first `n` resolutions' part of a configuration.
FaceConfig cut_to_size(const FaceConfig& config, int size);

}  // namespace limner::train
