#include "train/stages/generator.h"

#include <algorithm>
#include <utility>

#include "train/modules/weights_io.h"
#include "train/stages/faces.h"
#include "train/stages/pictures.h"
#include "util/error.h"
#include "util/random.h"
#include "weights/safetensors.h"

namespace limner::train {
namespace {

constexpr int kSheetColumns = 5;

GeneratorConfig config_of(const ModelSettings& model) {
  GeneratorConfig config;
  config.style_width = model.style_width;
  config.mapping_layers = model.mapping_layers;
  config.channels = model.channels;
  if (config.size() != model.size) {
    fail(
        "'channels' has {} numbers, which makes pictures of {} px, but "
        "'output_size' is {}",
        model.channels.size(), config.size(), model.size);
  }
  return config;
}

}  // namespace

GeneratorSettings::GeneratorSettings() {
  training.optimizer.lr = 2e-3;
  training.optimizer.beta1 = 0.0;
  training.clip = 0.0;
  training.ema_images = 10000;
  adversary.weight = 1.0;
}

void GeneratorSettings::declare(OptionTable& table) {
  training.declare(table);
  model.declare(table);
  growth.declare(table);
  adversary.declare(table);
  path.declare(table);
  table.add("mixing", &mixing, 0, 1,
            "share of the batches whose pictures mix two random codes");
}

GeneratorStage::GeneratorStage(const GeneratorSettings& settings, int64_t steps,
                               std::shared_ptr<Processes> processes)
    : TrainingStage(settings.training, steps, std::move(processes)),
      settings_(settings),
      side_(settings.growth.side(0, settings.model.size)),
      faces_(open_dataset(settings.training.data, "train")),
      net_(config_of(settings.model)),
      average_(config_of(settings.model)),
      adversary_(settings.adversary, settings.model.critic_channels(),
                 context_),
      path_length_(settings.path.options) {
  settings.growth.check(settings.model.size);
  soften_first_steps(*net_);
  if (!settings.training.init.empty()) {
    take_over_weights(*net_, settings.training.init);
  }
  context_.adopt(*net_);
  context_.adopt(*average_);
  optimizer_ = make_optimizer(settings.training.optimizer, net_->parameters());
  ema_.emplace(*net_, *average_);
  grow_to(side_);
}

void GeneratorStage::grow_to(int size) {
  adversary_.grow_to(size);
  side_ = size;
  LoaderOptions loading = context_.loader_options();
  loading.side = size;
  loader_ = std::make_unique<Loader>(*faces_, loading);
  next_ = 0;
}

torch::Tensor GeneratorStage::draw_codes(int64_t step, int purpose,
                                         int64_t count) {
  const Processes& processes = context_.processes();
  const int64_t width = settings_.model.style_width;
  const int64_t styles = net_->config().styles();
  const torch::Tensor z =
      torch::randn({2, count * processes.world(), width},
                   context_.generator(step, purpose), torch::kFloat32)
          .slice(1, processes.rank(), torch::nullopt, processes.world())
          .to(context_.device());
  const torch::Tensor w = net_->map(z.reshape({2 * count, width}))
                              .view({2, count, 1, width})
                              .expand({-1, -1, styles, -1});
  Random random(context_.seed(step, kMix), static_cast<uint64_t>(purpose));
  if (random.uniform() >= settings_.mixing) return w[0];
  const auto at = static_cast<int64_t>(1 + random.uniform() *
                                               static_cast<double>(styles - 1));
  return torch::cat({w[0].slice(1, 0, at), w[1].slice(1, at)}, 1);
}

SynthesisOptions GeneratorStage::synthesis(int64_t step, int purpose) const {
  SynthesisOptions options = context_.synthesis(step, purpose);
  options.stop_at = side_;
  return options;
}

std::map<std::string, double> GeneratorStage::step(int64_t step) {
  const int wanted =
      settings_.growth.side(step * context_.images(), settings_.model.size);
  if (wanted != side_) grow_to(wanted);
  if (step != next_) loader_->seek(step);
  next_ = step + 1;
  const torch::Tensor real = context_.images_to_device(loader_->next().photo);
  StepLosses losses;

  optimizer_->zero_grad();
  torch::Tensor made;
  {
    const Autocast autocast(context_.bf16(), context_.device());
    made =
        net_(draw_codes(step, kCodes, real.size(0)), synthesis(step, kNoise));
  }
  made = made.to(torch::kFloat32);
  adversary_.loss_of(made, {}, step, losses).backward();
  if (settings_.path.options.weight > 0 && path_length_.due(step)) {
    // Second derivatives: in full precision, of half the batch.
    const int64_t count = std::max<int64_t>(1, real.size(0) / 2);
    const torch::Tensor codes = draw_codes(step, kPathCodes, count);
    losses.add("path_length", shorten_paths(path_length_, *net_, codes,
                                            synthesis(step, kPathNoise),
                                            context_.processes()));
  }
  context_.take_step(*optimizer_, net_->parameters(), step, losses);
  ema_->update(context_.ema_decay(step));
  adversary_.train(real, made, step, losses);
  return losses.values();
}

void GeneratorStage::save(State& state) const {
  state.put_module("net.", *net_);
  state.put_module("average.", *average_);
  optimizer_->save(state, "adam.");
  adversary_.save(state);
  state.values["side"] = side_;
  state.values["path_length"] = path_length_.mean();
}

void GeneratorStage::load(const State& state) {
  grow_to(saved_side(state));
  state.get_module("net.", *net_);
  state.get_module("average.", *average_);
  optimizer_->load(state, "adam.");
  adversary_.load(state);
  path_length_.set_mean(state.values.value("path_length", 0.0));
}

Image GeneratorStage::sheet() {
  const torch::NoGradGuard no_grad;
  const Autocast autocast(context_.bf16(), context_.device());
  const int64_t width = settings_.model.style_width;
  const std::vector<float> z =
      normal_values(1, static_cast<size_t>(kSheetRows * kSheetColumns * width));
  SynthesisOptions options;
  options.fresh_noise = false;
  options.stop_at = side_;
  const torch::Tensor codes =
      average_->map(torch::tensor(z).view({-1, width}).to(context_.device()))
          .unsqueeze(1)
          .expand({-1, net_->config().styles(), -1});
  std::vector<torch::Tensor> columns;
  for (const torch::Tensor& part : codes.split(kSheetRows)) {
    columns.push_back(to_bytes(average_(part, options)));
  }
  return sheet_of(columns);
}

void GeneratorStage::export_models(const std::filesystem::path& folder) {
  GeneratorConfig config = net_->config();
  while (config.size() > side_) config.channels.pop_back();
  Generator cut(config);
  take_over_weights(*cut, *average_);
  std::vector<NamedTensor> tensors = named_tensors(*cut, "g_ema.");
  const torch::NoGradGuard no_grad;
  const torch::Tensor z =
      torch::tensor(normal_values(1, static_cast<size_t>(kMeanCodeSamples *
                                                         config.style_width)))
          .view({-1, config.style_width});
  cut->to(torch::kCPU);
  tensors.push_back({kLatentAvg, from_torch(cut->map(z).mean(0)), DType::kF32});
  write_safetensors(folder / "generator.safetensors", tensors,
                    {{"format", "pt"}});
}

}  // namespace limner::train
