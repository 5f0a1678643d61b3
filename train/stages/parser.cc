#include "train/stages/parser.h"

#include <torch/nn/functional.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/network_file.h"
#include "train/modules/weights_io.h"
#include "train/stages/overlap.h"
#include "train/stages/pictures.h"
#include "util/error.h"
#include "util/random.h"
#include "weights/checkpoint.h"
#include "weights/npz.h"

namespace limner::train {
namespace {

constexpr uint64_t kSideStream = 0x51DE;  // of the random sides

LoaderOptions validation_options(const ParserSettings& settings) {
  LoaderOptions options;
  options.batch = 10;
  options.side = settings.side;
  options.train = false;
  return options;
}

bool opens_with(const std::string& name, const char* start) {
  return name.rfind(start, 0) == 0;
}

// The parser as a run begins: with the weights of another one, of a context
// network, both or neither.
Unet first_net(const ParserSettings& settings) {
  const bool from_parser = !settings.training.init.empty();
  TensorMap weights;
  if (from_parser) {
    weights = without_container(read_checkpoint(settings.training.init).tensors,
                                network_prefix("parser"));
  }
  if (!settings.context_weights.empty()) {
    const TensorMap context = read_npz(settings.context_weights);
    if (!from_parser) weights.source = context.source;
    for (const auto& [name, tensor] : context.tensors) {
      weights.tensors.insert_or_assign("context." + name, tensor);
    }
  }
  Unet net(UnetConfig{settings.widths, kMaskLabels, settings.fold,
                      weights.has("context.conv1__w")});
  for (const NamedTensor& first : named_tensors(*net, "")) {
    // No file has these: they keep the values that they begin with.
    const bool own = from_parser ? opens_with(first.name, "context_to")
                                 : !opens_with(first.name, "context.");
    if (own) weights.tensors.emplace(first.name, first.tensor);
  }
  load_weights(*net, weights, "");
  return net;
}

}  // namespace

ParserSettings::ParserSettings() {
  training.optimizer.lr = 2e-3;
  training.optimizer.beta1 = 0.9;
  training.optimizer.beta2 = 0.99;
  training.optimizer.weight_decay = 1e-5;
  training.oversample = 0.7;
}

void ParserSettings::declare(OptionTable& table) {
  training.declare(table);
  table.add("side", &side, 16, 1024, "side of the pictures that it reads");
  table.add("half_share", &half_share, 0, 1,
            "share of the steps on pictures of half that side");
  table.add("widths", &widths,
            "channels of the levels, each but the first "
            "of half the side of the one before");
  table.add("fold", &fold, 1, 4,
            "the first level reads this many pixels by as many as one");
  table.add("dice", &dice, 0, 100, "weight of the overlap loss");
  table.add("context_weights", &context_weights,
            "SqueezeNet 1.0 (.npz) to have as a second encoder");
  table.add("context_rate", &context_rate, 0, 1,
            "learning rate of its weights over that of the others");
}

torch::Tensor dice_loss(const torch::Tensor& log_shares,
                        const torch::Tensor& classes) {
  const int64_t count = log_shares.size(1);
  const torch::Tensor shares = log_shares.exp();
  const torch::Tensor right = shares.gather(1, classes.unsqueeze(1)).flatten();
  const torch::Tensor flat = classes.flatten();
  const torch::Tensor present =
      torch::bincount(flat, {}, count).to(shares.scalar_type());
  const torch::Tensor both =
      torch::zeros({count}, shares.options()).index_add(0, flat, right);
  const torch::Tensor sizes = shares.sum({0, 2, 3}) + present;
  const torch::Tensor occurs = (present > 0).to(shares.scalar_type());
  const torch::Tensor overlap = 2.0 * both / (sizes + 1e-6);
  return 1.0 - (overlap * occurs).sum() / occurs.sum().clamp_min(1.0);
}

ParserStage::ParserStage(const ParserSettings& settings, int64_t steps,
                         std::shared_ptr<Processes> processes)
    : TrainingStage(settings.training, steps, std::move(processes)),
      settings_(settings),
      faces_(open_dataset(settings.training.data, "train")),
      held_out_(open_dataset(settings.training.data, "val")),
      net_(first_net(settings)),
      average_(net_->config()) {
  // Half the side must do too.
  const int64_t deepest = 2 * net_->side_step();
  if (settings.side % deepest != 0) {
    fail("'side' is {}, expected a multiple of {}", settings.side, deepest);
  }
  context_.adopt(*net_);
  context_.adopt(*average_);
  const OptimizerOptions& options = settings.training.optimizer;
  optimizer_ = make_optimizer(options, net_->own_parameters());
  if (net_->config().context) {
    context_optimizer_ = make_optimizer(options, net_->context_parameters());
  }
  ema_.emplace(*net_, *average_);
  average_->eval();
  LoaderOptions loading = context_.loader_options();
  loading.side = settings.side;
  // More than the other stages vary: it meets photos that no one aligned well.
  loading.augment.rotation = 12.0;
  loading.augment.scale = 0.15;
  loading.augment.shift = 0.05;
  loading.augment.brightness = 0.15;
  loading.augment.contrast = 0.25;
  loading.augment.saturation = 0.4;
  loader_ = std::make_unique<Loader>(*faces_, loading);
}

std::map<std::string, double> ParserStage::step(int64_t step) {
  if (step != next_) loader_->seek(step);
  next_ = step + 1;
  const Batch batch = loader_->next();
  torch::Tensor photo = context_.images_to_device(batch.photo);
  torch::Tensor classes = batch.classes.to(context_.device());
  Random random(static_cast<uint64_t>(settings_.training.seed) + kSideStream,
                static_cast<uint64_t>(step));
  if (random.uniform() < settings_.half_share) {
    photo = torch::avg_pool2d(photo, 2);
    classes = classes.slice(1, 0, torch::nullopt, 2)
                  .slice(2, 0, torch::nullopt, 2)
                  .contiguous();
  }

  net_->train();
  optimizer_->zero_grad();
  if (context_optimizer_) context_optimizer_->zero_grad();
  torch::Tensor logits;
  {
    const Autocast autocast(context_.bf16(), context_.device());
    logits = net_(photo);
  }
  logits = logits.to(torch::kFloat32);
  const torch::Tensor log_shares = torch::log_softmax(logits, 1);
  const torch::Tensor entropy =
      torch::nn::functional::nll_loss(log_shares, classes);
  const torch::Tensor dice = dice_loss(log_shares, classes);
  (entropy + dice * settings_.dice).backward();
  StepLosses losses;
  losses.add("entropy", entropy);
  losses.add("dice", dice);
  context_.take_step(*optimizer_, net_->own_parameters(), step, losses);
  if (context_optimizer_) {
    context_.take_step(*context_optimizer_, net_->context_parameters(), step,
                       losses, "context_gradient", settings_.context_rate);
  }
  ema_->update(context_.ema_decay(step));
  return losses.values();
}

void ParserStage::save(State& state) const {
  state.put_module("net.", *net_);
  state.put_module("average.", *average_);
  optimizer_->save(state, "adam.");
  if (context_optimizer_) context_optimizer_->save(state, "context_adam.");
}

void ParserStage::load(const State& state) {
  state.get_module("net.", *net_);
  state.get_module("average.", *average_);
  optimizer_->load(state, "adam.");
  if (context_optimizer_) context_optimizer_->load(state, "context_adam.");
}

torch::Tensor ParserStage::parse(const torch::Tensor& photo) {
  const torch::NoGradGuard no_grad;
  const Autocast autocast(context_.bf16(), context_.device());
  return average_(context_.images_to_device(photo)).argmax(1).cpu();
}

Image ParserStage::sheet() {
  LoaderOptions options = validation_options(settings_);
  options.batch =
      static_cast<int>(std::min<int64_t>(kSheetRows, held_out_->size()));
  const Batch batch = Loader(*held_out_, options).next();
  return sheet_of({to_bytes(batch.photo), colour_parts(parse(batch.photo)),
                   colour_parts(batch.classes)});
}

std::map<std::string, double> ParserStage::validate() {
  LoaderOptions options = validation_options(settings_);
  Loader loader(*held_out_, options);
  Overlap overlap;
  // The last batch begins again with the first faces: those are left out.
  for (int64_t left = held_out_->size(); left > 0; left -= options.batch) {
    const Batch batch = loader.next();
    const int64_t count = std::min<int64_t>(left, options.batch);
    overlap.add(batch.classes.slice(0, 0, count),
                parse(batch.photo).slice(0, 0, count));
  }
  std::map<std::string, double> result = overlap.by_class();
  result["mean_iou"] = overlap.mean_iou();
  result["pixels"] = overlap.pixels();
  return result;
}

void ParserStage::export_models(const std::filesystem::path& folder) {
  const nlohmann::json config = {{"kind", "parser"},
                                 {"classes", kMaskLabels},
                                 {"side", settings_.side},
                                 {"widths", settings_.widths},
                                 {"fold", settings_.fold}};
  write_safetensors(folder / "parser.safetensors", named_tensors(*average_, ""),
                    {{"format", "pt"}, {"limner_parser", config.dump()}});
}

}  // namespace limner::train
