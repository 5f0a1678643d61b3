// What the stages that make faces share.
#pragma once

#include <filesystem>

#include "train/losses/adversarial.h"
#include "train/losses/criteria.h"
#include "train/modules/discriminator.h"
#include "train/modules/face_model.h"
#include "train/optim/state.h"
#include "train/parallel/processes.h"
#include "train/run/options.h"

namespace limner::train {

// Stroke classes 0..22, uint8 [B, h, w] -> zeros and ones
// [B, 22 fold^2, h / fold, w / fold], the encoders' input (see ModelConfig's
// sketch_fold). With `faithfulness` [B], 0 to 1, one plane more follows, filled
// with 1 - faithfulness.
torch::Tensor stroke_planes(const torch::Tensor& sketch, int fold,
                            const torch::Tensor& faithfulness = {});

// What the sketch encoders of such a model read of these drawings, with the
// plane of their faithfulness if it has one; undefined: all are faithful.
torch::Tensor encoder_input(const FaceConfig& config,
                            const torch::Tensor& sketch,
                            const torch::Tensor& faithfulness = {});

// Whether its weights get gradients.
void set_trainable(torch::nn::Module& module, bool trainable);

// Smaller first weights where random ones of full size make the first results,
// and so the first losses, far too large: the encoders' codes, the colour
// layers, the discriminator's verdict.
void soften_first_steps(FaceModelImpl& model);
void soften_first_steps(GeneratorImpl& generator);
void soften_first_steps(DiscriminatorImpl& critic);

// Copies what fits by name and shape: from a network of another size, or from
// a file, which may hold a whole model or a generator alone. Throws Error when
// nothing of the file fits. A model with the plane of faithfulness takes over
// one without it, and the other way round: the plane's weights become 0.
void take_over_weights(FaceModelImpl& model, const FaceModelImpl& from);
void take_over_weights(GeneratorImpl& generator, const GeneratorImpl& from);
void take_over_weights(FaceModelImpl& model, const std::filesystem::path& file);
void take_over_weights(GeneratorImpl& generator,
                       const std::filesystem::path& file);

// Adds the gradients of the path length penalty for pictures of `codes` (and
// of `maps`, see Generator), and moves its mean, the same in all processes.
// Returns the mean.
double shorten_paths(PathLength& path_length, GeneratorImpl& generator,
                     const torch::Tensor& codes,
                     const SynthesisOptions& options, Processes& processes,
                     const std::vector<torch::Tensor>& maps = {});

// The size of pictures that a growing run had come to. Throws Error when the
// checkpoint is another stage's.
int saved_side(const State& state);

// The published flags of the losses and the files of their networks.
void declare_losses(OptionTable& table, LossWeights& weights, LossFiles& files);

}  // namespace limner::train
