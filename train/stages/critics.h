// The players beside the plain discriminator: one that tells each pixel's part
// or "made", one that looks through a fixed classifier, one for both eyes
// together and one for the mouth; with their optimisers, and what the generator
// is to learn from them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "train/losses/diff_augment.h"
#include "train/modules/pixel_critic.h"
#include "train/modules/projected_critic.h"
#include "train/optim/state.h"
#include "train/stages/face_crops.h"
#include "train/stages/settings.h"
#include "train/stages/step_losses.h"

namespace limner::train {

struct CriticSettings {
  // Weights in the generator's loss; a player without any does not exist.
  double pixel = 0.0;          // the pixel discriminator's verdict
  double pixel_feature = 0.0;  // feature matching on its maps
  double crop = 0.0;           // the verdicts on eyes and mouth
  double crop_feature = 0.0;   // feature matching on their maps
  double crop_gram = 0.0;      // the same of products of their channels
  double projected = 0.0;      // the verdict through a fixed SqueezeNet
  double rate = 2.0;           // their learning rate over the generator's
  DiffAugmentOptions augment;  // of what the pixel discriminator sees
  std::vector<int> widths = PixelCriticConfig().widths;

  void declare(OptionTable& table);
  bool judges_pixels() const { return pixel > 0 || pixel_feature > 0; }
  bool judges_features() const { return projected > 0; }
  bool judges_crops() const {
    return crop > 0 || crop_feature > 0 || crop_gram > 0;
  }
};

// What the players see of a step.
struct CriticInputs {
  torch::Tensor photo;    // [B, 3, s, s] in [-1, 1], which `classes` describes
  torch::Tensor result;   // the same, made for the drawings of those faces
  torch::Tensor classes;  // [B, s, s] int64, 0..18
  FaceCrops eyes, mouth;  // where they lie in both
  int64_t matching = 0;   // the first results have the photo's looks, too
};

// Not thread-safe. The order of a step: read(), loss_of(), train().
class Critics {
 public:
  // `context` must outlive this; squeezenet: its file, for
  // settings.projected. Throws Error on settings out of range, or when the
  // file cannot be read.
  Critics(const CriticSettings& settings,
          const std::filesystem::path& squeezenet, const Context& context);

  bool judges_pixels() const { return settings_.judges_pixels(); }

  // Reads the photos, once for loss_of() and train().
  void read(const CriticInputs& inputs, int64_t step);

  // What the generator is to minimise, weighted; gradients for `result` alone.
  torch::Tensor loss_of(const CriticInputs& inputs, StepLosses& losses);

  // One step of their own.
  void train(const CriticInputs& inputs, int64_t step, StepLosses& losses);

  void save(State& state) const;
  // Players that the checkpoint does not know begin anew.
  void load(const State& state);

 private:
  // What the random numbers of a step are for (Context::seed), apart from
  // those of the stages and Adversary.
  enum Purpose { kAugment = 40 };

  // A player for crops of one kind.
  struct CropCritic {
    std::string name;
    FaceCrops CriticInputs::*crops;  // that it judges
    PatchCritic net{nullptr};
    PatchCriticImpl::Reading photo;
  };

  PixelCriticImpl::Reading read_pixels(const torch::Tensor& pictures);
  PatchCriticImpl::Reading read_crops(CropCritic& critic,
                                      const FaceCrops& crops,
                                      const torch::Tensor& pictures);
  std::vector<torch::Tensor> read_features(const torch::Tensor& pictures);
  torch::Tensor verdicts(const std::vector<torch::Tensor>& features);
  torch::Tensor pixel_loss(const CriticInputs& inputs, StepLosses& losses);
  torch::Tensor crop_loss(CropCritic& critic, const CriticInputs& inputs,
                          StepLosses& losses);

  CriticSettings settings_;
  const Context& context_;
  // All players, which share an optimiser and a state.
  std::shared_ptr<torch::nn::Module> all_;
  PixelCritic pixels_{nullptr};
  ProjectedCritic projected_{nullptr};
  std::vector<CropCritic> crops_;  // eyes, mouth; empty without weights
  std::unique_ptr<Optimizer> optimizer_;
  // Of the step: read() makes them.
  std::unique_ptr<DiffAugment> augment_;
  PixelCriticImpl::Reading photo_;
  torch::Tensor classes_, weights_;
  std::vector<torch::Tensor> photo_features_, result_features_;
};

}  // namespace limner::train
