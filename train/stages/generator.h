// `limner-train generator`: StyleGAN2 by itself, random codes in and faces
// out, from nothing or from published weights.
#pragma once

#include <memory>
#include <optional>

#include "train/losses/adversarial.h"
#include "train/modules/generator.h"
#include "train/optim/ema.h"
#include "train/stages/adversary.h"
#include "train/stages/growth.h"
#include "train/stages/settings.h"

namespace limner::train {

struct GeneratorSettings {
  TrainingSettings training;
  ModelSettings model;  // of it: sizes of the generator and discriminator
  GrowthSettings growth;
  AdversarySettings adversary;
  PathSettings path;
  double mixing = 0.9;  // share of the batches with two codes a picture

  GeneratorSettings();
  void declare(OptionTable& table);
};

class GeneratorStage : public TrainingStage {
 public:
  // Throws Error.
  GeneratorStage(const GeneratorSettings& settings, int64_t steps,
                 std::shared_ptr<Processes> processes);

  std::map<std::string, double> step(int64_t step) override;
  void save(State& state) const override;
  void load(const State& state) override;
  // Faces from fixed codes.
  Image sheet() override;
  // generator.safetensors: the averaged weights as "g_ema.", and the mean code
  // "latent_avg".
  void export_models(const std::filesystem::path& folder) override;

 private:
  // What the random numbers of a step are for (Context::generator).
  enum Purpose { kCodes = 1, kNoise, kPathCodes, kPathNoise, kMix };

  void grow_to(int size);
  // Codes of this process' pictures, [B, styles, width].
  torch::Tensor draw_codes(int64_t step, int purpose, int64_t count);
  SynthesisOptions synthesis(int64_t step, int purpose) const;

  GeneratorSettings settings_;
  int side_;
  std::unique_ptr<Dataset> faces_;
  Generator net_, average_;
  Adversary adversary_;
  PathLength path_length_;
  std::unique_ptr<Optimizer> optimizer_;
  std::optional<Ema> ema_;
  std::unique_ptr<Loader> loader_;
  int64_t next_ = 0;  // the step that loader_ gives next
};

}  // namespace limner::train
