// `limner-train parser`: the U-Net that tells the parts of a face.
#pragma once

#include <memory>
#include <optional>

#include "train/modules/unet.h"
#include "train/optim/ema.h"
#include "train/stages/settings.h"

namespace limner::train {

struct ParserSettings {
  TrainingSettings training;
  int side = 128;  // of the pictures
  // Share of the steps on pictures of half the side, so that the parser also
  // reads small results.
  double half_share = 0.3;
  std::vector<int> widths = {16, 32, 64, 128, 256};
  int fold = 1;       // see UnetConfig
  double dice = 0.5;  // weight of the overlap loss beside the cross entropy
  // SqueezeNet 1.0 (.npz), which the parser then has as its context network;
  // empty: none, or that of the weights to begin with.
  std::filesystem::path context_weights;
  double context_rate = 0.1;  // of its weights, as a share of the others'

  ParserSettings();
  void declare(OptionTable& table);
};

// 1 - Dice's overlap of the probabilities with the classes, averaged over the
// classes that occur in the batch. log_shares: [B, C, h, w], logarithms of the
// probabilities; classes: [B, h, w].
torch::Tensor dice_loss(const torch::Tensor& log_shares,
                        const torch::Tensor& classes);

class ParserStage : public TrainingStage {
 public:
  // Opens the data and builds the network. Throws Error.
  ParserStage(const ParserSettings& settings, int64_t steps,
              std::shared_ptr<Processes> processes);

  std::map<std::string, double> step(int64_t step) override;
  void save(State& state) const override;
  void load(const State& state) override;
  Image sheet() override;
  // Mean and classes' intersection over union and the share of right pixels
  // on the val split, by the averaged weights.
  std::map<std::string, double> validate() override;
  // parser.safetensors: the averaged weights.
  void export_models(const std::filesystem::path& folder) override;

 private:
  torch::Tensor parse(const torch::Tensor& photo);

  ParserSettings settings_;
  std::unique_ptr<Dataset> faces_, held_out_;
  Unet net_, average_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<Optimizer> context_optimizer_;  // null: no context network
  std::optional<Ema> ema_;
  std::unique_ptr<Loader> loader_;
  int64_t next_ = 0;  // the step that loader_ gives next
};

}  // namespace limner::train
