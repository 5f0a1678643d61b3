#include "train/stages/adversary.h"

#include <torch/utils.h>

#include "train/losses/pixel_adversarial.h"
#include "train/stages/faces.h"

namespace limner::train {
void AdversarySettings::declare(OptionTable& table) {
  table.add("adv_lambda", &weight, 0, 1e6, "the discriminator's verdict");
  table.add("adv_from", &from, 0, 1e12,
            "pictures seen before the discriminator begins");
  table.add("r1", &r1.gamma, 0, 1e6, "gradient penalty of the discriminator");
  table.add("d_reg_every", &r1.every, 1, 1e6, "steps between two of them");
  table.add("ada_target", &ada.target, -1, 1,
            "how sure of real pictures the discriminator is to be");
  table.add("ada_images", &ada.images, 1, 1e12,
            "pictures over which its augmentation may go from never to always");
  table.add("ada_max", &ada.max, 0, 1, "its greatest probability");
  table.add("d_rate", &rate, 0, 100,
            "the discriminator's learning rate over the generator's");
  table.add("adv_feat_lambda", &feature, 0, 1e6,
            "feature matching on the discriminator's maps");
}

Adversary::Adversary(const AdversarySettings& settings,
                     std::vector<int> channels, const Context& context)
    : settings_(settings),
      channels_(std::move(channels)),
      context_(context),
      ada_(settings.ada) {}

void Adversary::grow_to(int size) {
  DiscriminatorConfig config;
  config.channels = channels_;
  while (config.size() > size) config.channels.pop_back();
  // The same new layers, whenever a run was interrupted.
  torch::manual_seed(context_.seed(size, kFirstWeights));
  Discriminator larger(config);
  soften_first_steps(*larger);
  if (net_) copy_deeper_layers(*net_, *larger);
  net_ = larger;
  context_.adopt(*net_);
  optimizer_ =
      make_optimizer(context_.settings().optimizer, net_->parameters());
}

bool Adversary::plays(int64_t step) const {
  return settings_.weight > 0 && step * context_.images() >= settings_.from;
}

torch::Tensor Adversary::judge(const torch::Tensor& pictures, int64_t step,
                               int purpose, std::vector<torch::Tensor>* maps) {
  const Processes& processes = context_.processes();
  const uint64_t seed = context_.seed(step, purpose);
  const torch::Tensor changed =
      ada_.apply(pictures, seed, processes.rank(), processes.world());
  const DiffAugment augment(settings_.augment, changed.size(0), changed.size(2),
                            ~seed, processes.rank(), processes.world());
  const Autocast autocast(context_.bf16(), context_.device());
  return net_(context_.images_to_device(augment.pictures(changed)), maps)
      .to(torch::kFloat32);
}

torch::Tensor Adversary::loss_of(const torch::Tensor& pictures,
                                 const torch::Tensor& wanted, int64_t step,
                                 StepLosses& losses) {
  const bool match =
      settings_.feature > 0 && wanted.defined() && wanted.size(0) > 0;
  set_trainable(*net_, false);
  std::vector<torch::Tensor> got, aim;
  const torch::Tensor verdict =
      generator_loss(judge(pictures, step, kMade, match ? &got : nullptr));
  losses.add("generator", verdict);
  torch::Tensor total = verdict * settings_.weight;
  if (match) {
    {
      // Changed at random in the same way.
      const torch::NoGradGuard no_grad;
      judge(wanted, step, kMade, &aim);
    }
    for (torch::Tensor& map : got) map = map.slice(0, 0, wanted.size(0));
    const torch::Tensor loss = feature_matching_loss(got, aim);
    losses.add("generator_feat", loss);
    total = total + loss * settings_.feature;
  }
  set_trainable(*net_, true);
  return total;
}

void Adversary::train(const torch::Tensor& real, const torch::Tensor& made,
                      int64_t step, StepLosses& losses) {
  optimizer_->zero_grad();
  const torch::Tensor verdict = judge(real, step, kReal);
  const torch::Tensor loss =
      discriminator_loss(verdict, judge(made.detach(), step, kMade));
  loss.backward();
  losses.add("critic", loss);
  if (step % settings_.r1.every == 0) {
    // Second derivatives: in full precision.
    const torch::Tensor penalty =
        lazy_r1([&](const torch::Tensor& pictures) { return net_(pictures); },
                real, step, settings_.r1);
    penalty.backward();
    losses.add("r1", penalty);
  }
  context_.take_step(*optimizer_, net_->parameters(), step, losses,
                     "critic_gradient", settings_.rate);

  if (settings_.ada.max > 0) {
    torch::Tensor sign = verdict.detach().sign().mean();
    context_.processes().sum(sign);
    ada_.adapt(sign.item<double>() / context_.processes().world(),
               context_.images());
  }
  losses.add("ada_p", ada_.p());
}

void Adversary::save(State& state) const {
  state.put_module("critic.", *net_);
  optimizer_->save(state, "critic_adam.");
  state.values["ada_p"] = ada_.p();
}

void Adversary::load(const State& state) {
  state.get_module("critic.", *net_);
  optimizer_->load(state, "critic_adam.");
  ada_.set_p(state.values.value("ada_p", 0.0));
}

}  // namespace limner::train
