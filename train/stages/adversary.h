// The other player: a discriminator with its optimiser, gradient penalty and
// adaptive augmentation.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "train/losses/ada.h"
#include "train/losses/adversarial.h"
#include "train/losses/diff_augment.h"
#include "train/modules/discriminator.h"
#include "train/optim/state.h"
#include "train/stages/settings.h"
#include "train/stages/step_losses.h"

namespace limner::train {

struct AdversarySettings {
  double weight = 0.1;  // of its verdict in the generator's loss
  int64_t from = 0;     // pictures seen before it begins
  R1Options r1;
  AdaOptions ada;
  double rate = 1.0;           // its learning rate over the generator's
  double feature = 0.0;        // weight of feature matching on its maps
  DiffAugmentOptions augment;  // always, beside `ada`

  void declare(OptionTable& table);
};

class Adversary {
 public:
  // channels: from 4 px up to the largest size. grow_to() comes before all
  // else. `context` must outlive this.
  Adversary(const AdversarySettings& settings, std::vector<int> channels,
            const Context& context);

  // Judges pictures of this size from now on; what it learned of smaller ones
  // stays.
  void grow_to(int size);

  // Whether it takes part in this step.
  bool plays(int64_t step) const;

  // Whether `pictures` [B, 3, size, size] pass for real, and whether the first
  // of them are to it what `wanted` [n, 3, size, size] are (n may be 0, or
  // `wanted` undefined): the weighted loss, with gradients for the pictures
  // alone.
  torch::Tensor loss_of(const torch::Tensor& pictures,
                        const torch::Tensor& wanted, int64_t step,
                        StepLosses& losses);

  // One step of its own.
  void train(const torch::Tensor& real, const torch::Tensor& made, int64_t step,
             StepLosses& losses);

  void save(State& state) const;
  void load(const State& state);

 private:
  // What the random numbers of a step are for (Context::generator),
  // apart from those of the stages.
  enum Purpose { kReal = 32, kMade, kFirstWeights };

  torch::Tensor judge(const torch::Tensor& pictures, int64_t step, int purpose,
                      std::vector<torch::Tensor>* maps = nullptr);

  AdversarySettings settings_;
  std::vector<int> channels_;
  const Context& context_;
  Discriminator net_{nullptr};
  std::unique_ptr<Optimizer> optimizer_;
  Ada ada_;
};

}  // namespace limner::train
