// `limner-train embed`: the published way. The generator is given and stays as
// it is; encoders learn to find its codes. First the coarse W encoder, from
// drawings alone, then the W+ encoders of drawing and photo.
#pragma once

#include <memory>
#include <optional>

#include "train/losses/criteria.h"
#include "train/modules/face_model.h"
#include "train/optim/ema.h"
#include "train/stages/settings.h"

namespace limner::train {

struct EmbedSettings {
  TrainingSettings training;
  std::filesystem::path stylegan;  // the generator, where `init` has none
  int split = 8;
  int divisor = 1;  // of the published widths of the encoders
  // Steps that train the W encoder alone; the W+ encoders follow.
  int64_t coarse_steps = 100000;
  LossWeights losses;
  LossFiles files;

  EmbedSettings();
  void declare(OptionTable& table);
};

class EmbedStage : public TrainingStage {
 public:
  // Throws Error.
  EmbedStage(const EmbedSettings& settings, int64_t steps,
             std::shared_ptr<Processes> processes);

  std::map<std::string, double> step(int64_t step) override;
  void save(State& state) const override;
  void load(const State& state) override;
  // drawing | photo | result.
  Image sheet() override;
  // Mean squared difference on the val split.
  std::map<std::string, double> validate() override;
  // model.safetensors: the averaged encoders and the generator.
  void export_models(const std::filesystem::path& folder) override;

 private:
  // What the random numbers of a step are for (Context::generator).
  enum Purpose { kNoise = 1 };
  static constexpr int64_t kValidationFaces = 50;

  LoaderOptions loading(LoaderOptions options) const;
  // Codes of the step's stage: W alone, or all.
  FaceCodes codes(FaceModel& model, const torch::Tensor& strokes,
                  const torch::Tensor& photo);
  torch::Tensor show(const Batch& batch);

  EmbedSettings settings_;
  std::unique_ptr<Dataset> faces_, held_out_;
  FaceModel model_{nullptr}, average_{nullptr};
  Criteria criteria_;
  std::unique_ptr<Optimizer> coarse_optimizer_, fine_optimizer_;
  std::optional<Ema> ema_;
  std::unique_ptr<Loader> loader_;
  int64_t next_ = 0;     // the step that loader_ gives next
  bool coarse_ = false;  // whether the last step trained the W encoder
};

}  // namespace limner::train
