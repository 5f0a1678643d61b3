#include "train/stages/embed.h"

#include <algorithm>
#include <utility>

#include "model/read_layout.h"
#include "train/modules/weights_io.h"
#include "train/stages/faces.h"
#include "train/stages/pictures.h"
#include "util/error.h"
#include "weights/checkpoint.h"

namespace limner::train {
namespace {

// The model that the settings describe: encoders of the published shape around
// the generator of the file.
FaceModel build(const EmbedSettings& settings) {
  const std::filesystem::path& init = settings.training.init;
  if (!init.empty()) return load_face_model(init);
  if (settings.stylegan.empty()) {
    fail(
        "embed needs a generator: give a model as init, or StyleGAN2's "
        "weights as stylegan_weights");
  }
  const TensorMap tensors = read_checkpoint(settings.stylegan).tensors;
  const bool alone = tensors.has("g_ema.conv1.conv.weight");
  const std::string prefix = alone ? "g_ema." : kGenerator;
  const GeneratorConfig generator = read_generator_config(tensors, prefix);
  FaceConfig config = official_config(generator.size(), settings.divisor);
  if (config.sketch_coarse.style_width() != generator.style_width) {
    fail(
        "{}: the generator's codes have {} numbers, but encoders with "
        "encoder_divisor {} make {}",
        settings.stylegan.string(), generator.style_width, settings.divisor,
        config.sketch_coarse.style_width());
  }
  config.generator = generator;
  config.split = settings.split;
  config.sketch_fine.last = settings.split;
  config.face_fine.first = settings.split;
  FaceModel model(config);
  soften_first_steps(*model);
  load_weights(*model->decoder, tensors, prefix);
  const torch::NoGradGuard no_grad;
  if (tensors.has(kLatentAvg)) {
    model->latent_avg.copy_(
        to_torch(tensors.at(kLatentAvg)).expand_as(model->latent_avg));
  } else {
    const torch::Tensor z =
        torch::randn({kMeanCodeSamples, generator.style_width});
    model->latent_avg.copy_(
        model->decoder->map(z).mean(0).expand_as(model->latent_avg));
  }
  return model;
}

std::vector<torch::Tensor> joined(std::vector<torch::Tensor> first,
                                  const std::vector<torch::Tensor>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

EmbedSettings::EmbedSettings() {
  training.batch = 4;
  training.optimizer = ranger_options(1e-4);
  training.lr_end = 1.0;
  training.lr_warmup = 0;
  training.clip = 0.0;
  training.ema_images = 0;
}

void EmbedSettings::declare(OptionTable& table) {
  training.declare(table);
  table.add("stylegan_weights", &stylegan,
            "StyleGAN2's weights (g_ema), where init gives no whole model");
  table.add("break_layer", &split, 1, 17,
            "style codes below it follow the drawing, the others the photo");
  table.add("encoder_divisor", &divisor, 1, 16,
            "of the published widths of the encoders");
  table.add("coarse_steps", &coarse_steps, 0, 1e12,
            "steps that train the W encoder alone, before the W+ encoders");
  declare_losses(table, losses, files);
}

EmbedStage::EmbedStage(const EmbedSettings& settings, int64_t steps,
                       std::shared_ptr<Processes> processes)
    : TrainingStage(settings.training, steps, std::move(processes)),
      settings_(settings),
      faces_(open_dataset(settings.training.data, "train")),
      held_out_(open_dataset(settings.training.data, "val")),
      model_(build(settings)),
      average_(model_->face_config()),
      criteria_(settings.losses, settings.files) {
  criteria_.to(context_.device());
  context_.adopt(*model_);
  context_.adopt(*average_);
  set_trainable(*model_->decoder, false);
  coarse_optimizer_ = make_optimizer(settings.training.optimizer,
                                     model_->sketch_coarse->parameters());
  fine_optimizer_ = make_optimizer(settings.training.optimizer,
                                   joined(model_->sketch_fine->parameters(),
                                          model_->face_fine->parameters()));
  ema_.emplace(*model_, *average_);
  average_->eval();
  loader_ =
      std::make_unique<Loader>(*faces_, loading(context_.loader_options()));
}

LoaderOptions EmbedStage::loading(LoaderOptions options) const {
  options.side = model_->config().size;
  options.sketch_side = model_->config().drawing_side();
  options.appearance_side = model_->config().input_side;
  options.nearest_sketch = !model_->config().keep_strokes;
  return options;
}

FaceCodes EmbedStage::codes(FaceModel& model, const torch::Tensor& strokes,
                            const torch::Tensor& photo) {
  if (!coarse_) return model->codes(strokes, photo);
  return {model->sketch_w(strokes).unsqueeze(1) + model->latent_avg, {}};
}

std::map<std::string, double> EmbedStage::step(int64_t step) {
  if (step != next_) loader_->seek(step);
  next_ = step + 1;
  const Batch batch = loader_->next();
  const torch::Tensor strokes = context_.images_to_device(
      encoder_input(model_->face_config(), batch.sketch.to(context_.device())));
  const torch::Tensor looks = context_.images_to_device(batch.appearance);

  coarse_ = step < settings_.coarse_steps;
  // What is not trained now also keeps its running statistics.
  model_->eval();
  std::vector<torch::Tensor> parameters;
  if (coarse_) {
    model_->sketch_coarse->train();
    parameters = model_->sketch_coarse->parameters();
  } else {
    model_->sketch_fine->train();
    model_->face_fine->train();
    parameters = joined(model_->sketch_fine->parameters(),
                        model_->face_fine->parameters());
  }
  set_trainable(*model_->sketch_coarse, coarse_);
  set_trainable(*model_->sketch_fine, !coarse_);
  set_trainable(*model_->face_fine, !coarse_);
  Optimizer& optimizer = coarse_ ? *coarse_optimizer_ : *fine_optimizer_;
  optimizer.zero_grad();

  LossInputs inputs;
  LossResult result;
  {
    const Autocast autocast(context_.bf16(), context_.device());
    const FaceCodes made = codes(model_, strokes, looks);
    inputs.codes = made.styles.to(torch::kFloat32);
    inputs.result = model_->render(made, context_.synthesis(step, kNoise))
                        .to(torch::kFloat32);
    inputs.target = context_.images_to_device(batch.photo);
    inputs.classes = batch.classes.to(context_.device());
    inputs.latent_avg = model_->latent_avg;
    result = criteria_(inputs);
  }
  result.total.backward();
  StepLosses losses;
  for (const auto& [name, loss] : result.parts) losses.add(name, loss);
  losses.add("loss", result.total);
  context_.take_step(optimizer, parameters, step, losses);
  ema_->update(context_.ema_decay(step));
  return losses.values();
}

void EmbedStage::save(State& state) const {
  state.put_module("model.", *model_);
  state.put_module("average.", *average_);
  coarse_optimizer_->save(state, "coarse_optimizer.");
  fine_optimizer_->save(state, "fine_optimizer.");
  state.values["coarse"] = coarse_;
}

void EmbedStage::load(const State& state) {
  state.get_module("model.", *model_);
  state.get_module("average.", *average_);
  coarse_optimizer_->load(state, "coarse_optimizer.");
  fine_optimizer_->load(state, "fine_optimizer.");
  coarse_ = state.values.value("coarse", false);
}

torch::Tensor EmbedStage::show(const Batch& batch) {
  const torch::NoGradGuard no_grad;
  const Autocast autocast(context_.bf16(), context_.device());
  SynthesisOptions options;
  options.fresh_noise = false;
  const torch::Tensor strokes = context_.images_to_device(
      encoder_input(model_->face_config(), batch.sketch.to(context_.device())));
  return average_
      ->render(
          codes(average_, strokes, context_.images_to_device(batch.appearance)),
          options)
      .to(torch::kFloat32)
      .cpu();
}

Image EmbedStage::sheet() {
  LoaderOptions options;
  options.train = false;
  options.batch =
      static_cast<int>(std::min<int64_t>(kSheetRows, held_out_->size()));
  const Batch batch = Loader(*held_out_, loading(options)).next();
  return sheet_of({colour_strokes(batch.sketch), to_bytes(batch.photo),
                   to_bytes(show(batch))});
}

std::map<std::string, double> EmbedStage::validate() {
  LoaderOptions options;
  options.train = false;
  options.batch = 1;
  Loader loader(*held_out_, loading(options));
  const int64_t faces = std::min(kValidationFaces, held_out_->size());
  double sum = 0.0;
  for (int64_t i = 0; i < faces; ++i) {
    const Batch batch = loader.next();
    sum += (show(batch) - batch.photo).square().mean().item<double>();
  }
  return {{"l2", sum / static_cast<double>(faces)}};
}

void EmbedStage::export_models(const std::filesystem::path& folder) {
  save_face_model(average_, folder / "model.safetensors",
                  {{"trained_by", "limner-train embed"}});
}

}  // namespace limner::train
