#include "train/stages/critics.h"

#include <torch/utils.h>

#include <algorithm>

#include "sketch/mask_sketch.h"
#include "train/losses/adversarial.h"
#include "train/losses/criteria.h"
#include "train/losses/pixel_adversarial.h"
#include "train/stages/faces.h"

namespace limner::train {
namespace {

constexpr int kSqueezeNetBorder = 3;  // maps of a half, a quarter, ...

// verdict_loss() of logits [B, 1, h, w], of the pictures where the part is
// there, over all pictures.
torch::Tensor verdict_where(const torch::Tensor& logits, bool as_real,
                            const torch::Tensor& found) {
  const torch::Tensor each =
      verdict_loss(logits.to(torch::kFloat32), as_real).mean({1, 2, 3});
  return (each * found.slice(0, 0, each.size(0)).to(each.device())).mean();
}

// The maps of the first `count` pictures where the part is there.
std::vector<torch::Tensor> pick(const std::vector<torch::Tensor>& maps,
                                const torch::Tensor& found, int64_t count) {
  const torch::Tensor index =
      found.slice(0, 0, count).nonzero().flatten().to(maps[0].device());
  std::vector<torch::Tensor> picked;
  for (const torch::Tensor& map : maps) {
    picked.push_back(map.index_select(0, index));
  }
  return picked;
}

std::vector<torch::Tensor> first(const std::vector<torch::Tensor>& maps,
                                 int64_t count) {
  std::vector<torch::Tensor> taken;
  for (const torch::Tensor& map : maps) {
    taken.push_back(map.slice(0, 0, count));
  }
  return taken;
}

}  // namespace

void CriticSettings::declare(OptionTable& table) {
  table.add("pixel_lambda", &pixel, 0, 1e6,
            "verdict of the discriminator of each pixel's part; it takes the "
            "place of the parser's losses");
  table.add("pixel_feat_lambda", &pixel_feature, 0, 1e6,
            "feature matching on its maps");
  table.add("crop_lambda", &crop, 0, 1e6,
            "verdicts of the discriminators of eyes and mouth");
  table.add("crop_feat_lambda", &crop_feature, 0, 1e6,
            "feature matching on their maps");
  table.add("crop_gram_lambda", &crop_gram, 0, 1e6,
            "the same of products of their maps' channels");
  table.add("projected_lambda", &projected, 0, 1e6,
            "verdict of the discriminator that looks through SqueezeNet");
  table.add("critic_rate", &rate, 0, 100,
            "learning rate of these discriminators over the generator's");
  table.add("diff_augment", &augment.strength, 0, 1,
            "strength of what always varies pictures before discriminators");
  table.add("pixel_channels", &widths,
            "channels of the levels of the discriminator of pixels");
}

Critics::Critics(const CriticSettings& settings,
                 const std::filesystem::path& squeezenet,
                 const Context& context)
    : settings_(settings),
      context_(context),
      all_(std::make_shared<torch::nn::Module>("critics")) {
  if (settings.judges_pixels()) {
    PixelCriticConfig config;
    config.widths = settings.widths;
    config.parts = kMaskLabels;
    pixels_ = all_->register_module("pixels", PixelCritic(config));
  }
  if (settings.judges_features()) {
    SqueezeNet eyes =
        load_squeezenet(squeezenet, "projected_lambda", kSqueezeNetBorder);
    eyes->to(context_.device());
    projected_ = all_->register_module("projected", ProjectedCritic(eyes));
  }
  if (settings.judges_crops()) {
    const auto add = [&](const char* name, FaceCrops CriticInputs::*crops) {
      crops_.push_back(
          {name, crops, all_->register_module(name, PatchCritic()), {}});
    };
    add("eyes", &CriticInputs::eyes);
    add("mouth", &CriticInputs::mouth);
  }
  if (all_->parameters().empty()) return;
  context_.adopt(*all_);
  optimizer_ =
      make_optimizer(context_.settings().optimizer, all_->parameters());
}

PixelCriticImpl::Reading Critics::read_pixels(const torch::Tensor& pictures) {
  const torch::Tensor changed =
      context_.images_to_device(augment_->pictures(pictures));
  const Autocast autocast(context_.bf16(), context_.device());
  return pixels_(changed);
}

std::vector<torch::Tensor> Critics::read_features(
    const torch::Tensor& pictures) {
  const torch::Tensor changed =
      context_.images_to_device(augment_->pictures(pictures));
  const Autocast autocast(context_.bf16(), context_.device());
  return projected_->features(changed);
}

torch::Tensor Critics::verdicts(const std::vector<torch::Tensor>& maps) {
  const Autocast autocast(context_.bf16(), context_.device());
  return projected_(maps);
}

PatchCriticImpl::Reading Critics::read_crops(CropCritic& critic,
                                             const FaceCrops& crops,
                                             const torch::Tensor& pictures) {
  const torch::Tensor cut = context_.images_to_device(cut_out(pictures, crops));
  const Autocast autocast(context_.bf16(), context_.device());
  return critic.net(cut);
}

void Critics::read(const CriticInputs& inputs, int64_t step) {
  if (!optimizer_) return;
  Processes& processes = context_.processes();
  if (pixels_ || projected_) {
    augment_ = std::make_unique<DiffAugment>(
        settings_.augment, inputs.photo.size(0), inputs.photo.size(2),
        context_.seed(step, kAugment), processes.rank(), processes.world());
  }
  if (projected_) {
    const torch::NoGradGuard no_grad;
    photo_features_ = read_features(inputs.photo);
  }
  if (pixels_) {
    photo_ = read_pixels(inputs.photo);
    classes_ = augment_->classes(inputs.classes);
    torch::Tensor counts = count_classes(classes_, kMaskLabels);
    processes.sum(counts);
    weights_ = balanced_weights(counts);
  }
  for (CropCritic& critic : crops_) {
    critic.photo = read_crops(critic, inputs.*critic.crops, inputs.photo);
  }
}

torch::Tensor Critics::pixel_loss(const CriticInputs& inputs,
                                  StepLosses& losses) {
  const PixelCriticImpl::Reading made = read_pixels(inputs.result);
  const torch::Tensor verdict =
      pixel_generator_loss(made.logits, classes_, weights_);
  losses.add("pixel", verdict);
  torch::Tensor total = verdict * settings_.pixel;
  if (settings_.pixel_feature > 0 && inputs.matching > 0) {
    const torch::Tensor loss = feature_matching_loss(
        first(made.maps, inputs.matching), first(photo_.maps, inputs.matching));
    losses.add("pixel_feat", loss);
    total = total + loss * settings_.pixel_feature;
  }
  return total;
}

torch::Tensor Critics::crop_loss(CropCritic& critic, const CriticInputs& inputs,
                                 StepLosses& losses) {
  const FaceCrops& crops = inputs.*critic.crops;
  const PatchCriticImpl::Reading made =
      read_crops(critic, crops, inputs.result);
  const torch::Tensor verdict = verdict_where(made.logits, true, crops.found);
  losses.add(critic.name, verdict);
  torch::Tensor total = verdict * settings_.crop;
  // Share of the batch, so that processes may be averaged.
  const double share =
      inputs.matching == 0
          ? 0.0
          : crops.found.slice(0, 0, inputs.matching).mean().item<double>();
  const auto compare = [&](const char* kind, double weight, const auto& loss) {
    const std::string name = critic.name + kind;
    if (weight == 0 || inputs.matching == 0) return;
    if (share == 0.0) {
      losses.add(name, 0.0);
      return;
    }
    const torch::Tensor value =
        loss(pick(made.maps, crops.found, inputs.matching),
             pick(critic.photo.maps, crops.found, inputs.matching)) *
        share;
    losses.add(name, value);
    total = total + value * weight;
  };
  compare("_feat", settings_.crop_feature, feature_matching_loss);
  compare("_gram", settings_.crop_gram, gram_loss);
  return total;
}

torch::Tensor Critics::loss_of(const CriticInputs& inputs, StepLosses& losses) {
  torch::Tensor total = torch::zeros({}, inputs.result.options());
  if (!optimizer_) return total;
  set_trainable(*all_, false);
  if (pixels_) total = total + pixel_loss(inputs, losses);
  if (projected_) {
    result_features_ = read_features(inputs.result);
    const torch::Tensor verdict = generator_loss(verdicts(result_features_));
    losses.add("projected", verdict);
    total = total + verdict * settings_.projected;
  }
  for (CropCritic& critic : crops_) {
    total = total + crop_loss(critic, inputs, losses);
  }
  set_trainable(*all_, true);
  return total;
}

void Critics::train(const CriticInputs& inputs, int64_t step,
                    StepLosses& losses) {
  if (!optimizer_) return;
  optimizer_->zero_grad();
  const torch::Tensor result = inputs.result.detach();
  torch::Tensor total = torch::zeros({}, result.options());
  if (pixels_) {
    const torch::Tensor loss = pixel_discriminator_loss(
        photo_.logits, read_pixels(result).logits, classes_, weights_);
    losses.add("pixel_critic", loss);
    total = total + loss;
  }
  if (projected_) {
    if (result_features_.empty()) {
      const torch::NoGradGuard no_grad;
      result_features_ = read_features(result);
    }
    for (torch::Tensor& map : result_features_) map = map.detach();
    const torch::Tensor loss = discriminator_loss(verdicts(photo_features_),
                                                  verdicts(result_features_));
    losses.add("projected_critic", loss);
    total = total + loss;
  }
  for (CropCritic& critic : crops_) {
    const FaceCrops& crops = inputs.*critic.crops;
    const torch::Tensor loss =
        verdict_where(critic.photo.logits, true, crops.found) +
        verdict_where(read_crops(critic, crops, result).logits, false,
                      crops.found);
    losses.add(critic.name + "_critic", loss);
    total = total + loss;
  }
  total.backward();
  context_.take_step(*optimizer_, all_->parameters(), step, losses,
                     "critics_gradient", settings_.rate);
  refresh_spectral_norms(*all_);
  photo_ = {};
  photo_features_.clear();
  result_features_.clear();
  for (CropCritic& critic : crops_) critic.photo = {};
}

void Critics::save(State& state) const {
  if (!optimizer_) return;
  state.put_module("critics.", *all_);
  optimizer_->save(state, "critics_adam.");
}

void Critics::load(const State& state) {
  if (!optimizer_) return;
  const std::string some = "critics." + all_->named_parameters()[0].key();
  if (!state.has(some)) return;
  state.get_module("critics.", *all_);
  optimizer_->load(state, "critics_adam.");
}

}  // namespace limner::train
