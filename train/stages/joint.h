// `limner-train joint`: encoders, generator and discriminator together, from
// nothing, for small models and few pictures.
//
// A batch has three kinds of pairs, in this order: matching ones, where drawing
// and photo are of one face and the photo is what is wanted; crossed ones,
// where the photo is another face's and only the parts (mask loss), the colours
// of regions and the discriminator judge the result; and drawings with random
// looks.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "train/losses/adversarial.h"
#include "train/losses/criteria.h"
#include "train/modules/face_model.h"
#include "train/modules/unet.h"
#include "train/optim/ema.h"
#include "train/stages/adversary.h"
#include "train/stages/critics.h"
#include "train/stages/growth.h"
#include "train/stages/looks.h"
#include "train/stages/settings.h"

namespace limner::train {

struct JointSettings {
  TrainingSettings training;
  ModelSettings model;
  GrowthSettings growth;
  double crossed_share = 0.25;  // of a batch
  double random_share = 0.125;
  // Of the drawings of a model that reads their faithfulness: those that are
  // not made rough.
  double faithful_share = 0.4;
  double misread = 0.6;  // see RoughOptions
  // Pictures are enlarged to this side for the parser, as `limner` does. It
  // sees then what at their own size it takes for an eye. 0: as they are.
  int parser_side = 0;
  // Weights of the losses. Those of `losses` are for matching pairs, except
  // that the parts (mask) are asked of every result.
  LossWeights losses;
  LossFiles files;
  double l1 = 1.0;
  double low = 1.0;     // of the pictures reduced fourfold
  double region = 1.0;  // colours of regions
  double part = 0.0;    // eyes and mouth of all pairs, colours apart
  // The parser's losses also where the discriminator of pixels plays.
  bool parser_beside = false;
  // The generator's weights are scaled at run time, so that they are far larger
  // than the encoders' and need a higher rate: in StyleGAN2, 0.002.
  double decoder_rate = 1.0;
  // Steps between two of the losses of networks that do not learn (the parser,
  // SqueezeNet, ...); their weights make up for the others.
  int frozen_every = 1;
  // Pictures at the start of a run that only discriminators learn from: a new
  // one knows nothing, and what it says would do harm.
  double critics_alone = 0;
  // The checkpoint of another run of this size, whose discriminators to begin
  // with.
  std::filesystem::path init_critics;
  // Side of the random squares of the full size that its last layers are
  // trained on, all below and the encoders staying as they are: a step of 256
  // px costs what one of 128 px costs. 0: the whole picture and all layers.
  int crop_side = 0;
  AdversarySettings adversary;
  CriticSettings critics;
  PathSettings path;
  LookSettings looks;

  JointSettings();
  void declare(OptionTable& table);
};

class JointStage : public TrainingStage {
 public:
  // Opens the data, builds the networks, loads those of the losses. Throws
  // Error.
  JointStage(const JointSettings& settings, int64_t steps,
             std::shared_ptr<Processes> processes);

  std::map<std::string, double> step(int64_t step) override;
  void save(State& state) const override;
  void load(const State& state) override;
  // drawing | looks | result | wanted, matching and crossed pairs.
  Image sheet() override;
  // On the val split, by the averaged weights, the parser reading the results:
  // agreement with the masks for matching and crossed pairs and for the photos
  // themselves, and the mean absolute difference of matching pairs.
  std::map<std::string, double> validate() override;
  // model.safetensors: the averaged weights, cut to the size that has been
  // trained. discriminators.safetensors: what `init_critics` reads.
  void export_models(const std::filesystem::path& folder) override;

 private:
  // What the random numbers of a step are for (Context::generator).
  enum Purpose { kLooks = 1, kNoise, kPathNoise, kCrop };
  static constexpr int64_t kValidationFaces = 100;

  struct Work;  // one step's tensors

  void save_discriminators(State& state) const;
  void grow_to(int size);
  bool cropping() const {
    return settings_.crop_side > 0 && side_ == settings_.model.size;
  }
  // What discriminators judge.
  int judged_side() const { return cropping() ? settings_.crop_side : side_; }
  void choose_trainable();
  void make_optimizers();
  int look_rows() const;  // codes of the photo at this size
  Work prepare(int64_t step);
  SynthesisOptions synthesis(int64_t step, int purpose) const;
  // Whether the parser's losses are due, and those of other frozen networks.
  bool parser_due(int64_t step) const;
  bool frozen_due(int64_t step) const;
  // As the parser reads them.
  torch::Tensor enlarged(const torch::Tensor& pictures) const;
  // Losses of matching pairs, and the parts of all results.
  torch::Tensor generator_losses(const Work& work, int64_t step,
                                 StepLosses& losses);
  torch::Tensor parser_losses(const Work& work, StepLosses& losses);
  torch::Tensor part_losses(const Work& work, StepLosses& losses);
  void make_faces(Work& work, int64_t step);
  void train_generator(Work& work, int64_t step, StepLosses& losses);
  LoaderOptions held_out_options(int batch) const;
  // Results of the averaged weights, on the CPU.
  torch::Tensor show(const torch::Tensor& sketch, const torch::Tensor& looks);

  JointSettings settings_;
  int side_;  // of the pictures trained now
  std::unique_ptr<Dataset> faces_, held_out_;
  FaceModel model_, average_;
  Unet parser_{nullptr};
  std::optional<Criteria> criteria_;
  SqueezeNet part_net_{nullptr};
  Adversary adversary_;
  Critics critics_;
  Looks looks_;
  // What the two optimisers move.
  struct {
    std::vector<torch::Tensor> encoders, decoder;
  } trained_;
  std::unique_ptr<Optimizer> optimizer_, decoder_optimizer_;
  std::optional<Ema> ema_;
  PathLength path_length_;
  std::unique_ptr<Loader> loader_;
  int64_t next_ = 0;  // the step that loader_ gives next
};

}  // namespace limner::train
