#include "train/stages/joint.h"

#include <torch/nn/functional.h>

#include <algorithm>
#include <cmath>

#include "train/modules/weights_io.h"
#include "train/stages/faces.h"
#include "train/stages/overlap.h"
#include "train/stages/pictures.h"
#include "train/stages/region_loss.h"
#include "util/error.h"

namespace limner::train {
namespace {

constexpr int kValidationBatch = 10;

// Style codes of a generator of this size.
int styles_of(int side) {
  int styles = 2;
  for (int s = 4; s < side; s *= 2) styles += 2;
  return styles;
}

}  // namespace

JointSettings::JointSettings() {
  training.ema_images = 5000;
  losses.l2 = 0.0;
  losses.lpips = 0.0;
  losses.perceptual = 0.0;
  losses.mask = 0.1;
  losses.mask_feat = 1.0;
  adversary.from = 100000;
  adversary.r1.gamma = 1.0;
  path.options.weight = 0.0;
}

void JointSettings::declare(OptionTable& table) {
  training.declare(table);
  model.declare(table);
  growth.declare(table);
  table.add("crossed_share", &crossed_share, 0, 1,
            "share of a batch whose photo is another face's");
  table.add("random_share", &random_share, 0, 1,
            "share of a batch with random looks");
  declare_losses(table, losses, files);
  table.add("parser_side", &parser_side, 0, 1024,
            "side to which smaller pictures are enlarged for the parser");
  table.add("l1_lambda", &l1, 0, 1e6, "absolute difference");
  table.add("low_lambda", &low, 0, 1e6,
            "absolute difference of the pictures reduced fourfold");
  table.add("region_lambda", &region, 0, 1e6,
            "colours of skin, hair, background, ...");
  adversary.declare(table);
  path.declare(table);
  looks.declare(table);
}

JointStage::JointStage(const JointSettings& settings, int64_t steps,
                       std::shared_ptr<Processes> processes)
    : settings_(settings),
      context_(settings.training, steps, std::move(processes)),
      side_(settings.growth.side(0, settings.model.size)),
      faces_(open_dataset(settings.training.data, "train")),
      held_out_(open_dataset(settings.training.data, "val")),
      model_(settings.model.face_config()),
      average_(settings.model.face_config()),
      adversary_(settings.adversary, settings.model.critic_channels(),
                 context_),
      looks_(settings.looks, *faces_, context_),
      path_length_(settings.path.options) {
  settings.growth.check(settings.model.size);
  if (settings.parser_side % settings.model.size != 0) {
    fail("'parser_side' {} is no multiple of 'output_size' {}",
         settings.parser_side, settings.model.size);
  }
  if (settings.crossed_share + settings.random_share > 1.0) {
    fail("'crossed_share' and 'random_share' are more than the whole batch");
  }
  LossWeights others = settings.losses;
  if (others.mask > 0 || others.mask_feat > 0) {
    parser_ = load_parser(settings.files.parser);
    parser_->to(context_.device());
  }
  // The parser's losses share one reading of the results.
  others.mask = 0;
  others.mask_feat = 0;
  criteria_.emplace(others, settings.files);
  criteria_->to(context_.device());

  soften_first_steps(*model_);
  if (!settings.training.init.empty()) {
    take_over_weights(*model_, settings.training.init);
  }
  context_.adopt(*model_);
  context_.adopt(*average_);
  optimizer_ =
      make_optimizer(settings.training.optimizer, model_->parameters());
  ema_.emplace(*model_, *average_);
  average_->eval();
  grow_to(side_);
}

// The discriminator and the pictures of this size; the generator has had all
// its layers from the start.
void JointStage::grow_to(int size) {
  adversary_.grow_to(size);
  side_ = size;

  LoaderOptions loading = context_.loader_options();
  loading.side = size;
  loading.sketch_side = model_->config().drawing_side();
  loading.appearance_side = settings_.model.encoder_side;
  loader_ = std::make_unique<Loader>(*faces_, loading);
  next_ = 0;
}

struct JointStage::Work {
  torch::Tensor photo, classes, strokes, looks;
  // Where the kinds of pairs end: [0, matching), [matching, with_photo), rest.
  int64_t matching = 0, with_photo = 0, all = 0;
  torch::Tensor random;  // as Looks::draw() gives them, [all - with_photo, ..]
  torch::Tensor result;  // [all, 3, side, side], with its graph
  FaceCodes codes;
};

JointStage::Work JointStage::prepare(int64_t step) {
  if (step != next_) loader_->seek(step);
  next_ = step + 1;
  const Batch batch = loader_->next();
  Work work;
  work.all = batch.photo.size(0);
  const auto share = [&](double part) {
    return std::llround(part * static_cast<double>(work.all));
  };
  work.with_photo = work.all - share(settings_.random_share);
  work.matching = work.with_photo - share(settings_.crossed_share);
  work.photo = context_.images_to_device(batch.photo);
  work.classes = batch.classes.to(context_.device());
  work.strokes = context_.images_to_device(stroke_planes(
      batch.sketch.to(context_.device()), settings_.model.sketch_fold));
  // A crossed pair takes its looks from half a batch away, which is the same
  // picture however many processes share the batch.
  const torch::Tensor looks = context_.images_to_device(batch.appearance);
  work.looks = torch::cat(
      {looks.slice(0, 0, work.matching),
       looks.roll(work.all / 2, 0).slice(0, work.matching, work.with_photo)});
  work.random = looks_.draw(step, kLooks, work.with_photo, work.all,
                            settings_.model.style_width);
  return work;
}

std::map<std::string, double> JointStage::step(int64_t step) {
  const int wanted =
      settings_.growth.side(step * context_.images(), settings_.model.size);
  if (wanted != side_) grow_to(wanted);
  looks_.update(step, *average_, styles_of(side_) - settings_.model.split);
  Work work = prepare(step);
  std::map<std::string, double> losses;
  model_->train();
  train_generator(work, step, losses);
  if (adversary_.plays(step)) {
    adversary_.train(work.photo, work.result, step, losses);
  }
  return losses;
}

torch::Tensor JointStage::generator_losses(
    const Work& work, std::map<std::string, double>& losses) {
  torch::Tensor total = torch::zeros({}, work.photo.options());
  const auto add = [&](const char* name, double weight,
                       const torch::Tensor& loss) {
    total = total + loss * weight;
    losses[name] = loss.item<double>();
  };
  const torch::Tensor got = work.result.slice(0, 0, work.matching);
  const torch::Tensor wanted = work.photo.slice(0, 0, work.matching);
  if (work.matching > 0) {
    if (settings_.l1 > 0) {
      add("l1", settings_.l1, torch::l1_loss(got, wanted));
    }
    if (settings_.low > 0) {
      add("low", settings_.low,
          torch::l1_loss(torch::avg_pool2d(got, 4),
                         torch::avg_pool2d(wanted, 4)));
    }
    LossInputs inputs;
    inputs.result = got;
    inputs.target = wanted;
    inputs.codes = work.codes.styles.slice(0, 0, work.matching);
    inputs.latent_avg =
        model_->latent_avg.slice(0, 0, work.codes.styles.size(1));
    const Autocast autocast(context_.bf16(), context_.device());
    const LossResult others = (*criteria_)(inputs);
    total = total + others.total;
    for (const auto& [name, loss] : others.parts) {
      losses[name] = loss.item<double>();
    }
  }
  if (parser_) {
    const LossWeights& weights = settings_.losses;
    std::vector<torch::Tensor> read, truth;
    {
      const Autocast autocast(context_.bf16(), context_.device());
      read = parser_->features(enlarged(work.result));
      if (weights.mask_feat > 0 && work.matching > 0) {
        const torch::NoGradGuard no_grad;
        truth = parser_->features(enlarged(wanted));
      }
    }
    if (weights.mask > 0) {
      add("mask", weights.mask,
          torch::nn::functional::cross_entropy(
              scaled(read.back().to(torch::kFloat32), side_), work.classes));
    }
    if (!truth.empty()) {
      torch::Tensor loss = torch::zeros({}, total.options());
      for (int i = 0; i < weights.mask_feat_layer; ++i) {
        loss =
            loss + torch::l1_loss(
                       read[i].slice(0, 0, work.matching).to(torch::kFloat32),
                       truth[i].to(torch::kFloat32));
      }
      add("mask_feat", weights.mask_feat, loss);
    }
  }
  if (settings_.region > 0 && work.with_photo > work.matching) {
    const int64_t from = work.matching;
    const int64_t to = work.with_photo;
    const int64_t half = work.all / 2;
    add("region", settings_.region,
        region_loss(work.result.slice(0, from, to),
                    work.classes.slice(0, from, to),
                    work.photo.roll(half, 0).slice(0, from, to),
                    work.classes.roll(half, 0).slice(0, from, to)));
  }
  return total;
}

torch::Tensor JointStage::enlarged(const torch::Tensor& pictures) const {
  return scaled(pictures, std::max(settings_.parser_side, side_));
}

SynthesisOptions JointStage::synthesis(int64_t step, int purpose) const {
  SynthesisOptions options = context_.synthesis(step, purpose);
  options.stop_at = side_;
  return options;
}

void JointStage::train_generator(Work& work, int64_t step,
                                 std::map<std::string, double>& losses) {
  optimizer_->zero_grad();
  {
    const Autocast autocast(context_.bf16(), context_.device());
    work.codes = model_->mixed_codes(work.strokes, work.looks, work.random,
                                     styles_of(side_));
    work.result = model_->render(work.codes, synthesis(step, kNoise));
  }
  work.codes.styles = work.codes.styles.to(torch::kFloat32);
  work.result = work.result.to(torch::kFloat32);
  torch::Tensor total = generator_losses(work, losses);
  if (adversary_.plays(step)) {
    total = total + adversary_.loss_of(work.result, step, losses);
  }
  total.backward();
  if (settings_.path.options.weight > 0 && path_length_.due(step)) {
    // Second derivatives: in full precision, of half the batch.
    const int64_t count = std::max<int64_t>(1, work.all / 2);
    const torch::Tensor codes = work.codes.styles.slice(0, 0, count)
                                    .detach()
                                    .clone()
                                    .requires_grad_(true);
    std::vector<torch::Tensor> maps;
    for (const torch::Tensor& map : work.codes.maps) {
      maps.push_back(map.defined()
                         ? map.slice(0, 0, count).detach().to(torch::kFloat32)
                         : map);
    }
    losses["path_length"] =
        shorten_paths(path_length_, *model_->decoder, codes,
                      synthesis(step, kPathNoise), context_.processes(), maps);
  }
  context_.take_step(*optimizer_, model_->parameters(), step, losses);
  ema_->update(context_.ema_decay(step));
}

void JointStage::save(State& state) const {
  state.put_module("model.", *model_);
  state.put_module("average.", *average_);
  optimizer_->save(state, "adam.");
  adversary_.save(state);
  looks_.save(state);
  state.values["side"] = side_;
  state.values["path_length"] = path_length_.mean();
}

void JointStage::load(const State& state) {
  grow_to(saved_side(state));
  state.get_module("model.", *model_);
  state.get_module("average.", *average_);
  optimizer_->load(state, "adam.");
  adversary_.load(state);
  looks_.load(state);
  path_length_.set_mean(state.values.value("path_length", 0.0));
}

torch::Tensor JointStage::show(const torch::Tensor& sketch,
                               const torch::Tensor& looks) {
  const torch::NoGradGuard no_grad;
  const Autocast autocast(context_.bf16(), context_.device());
  SynthesisOptions options;
  options.fresh_noise = false;
  options.stop_at = side_;
  const torch::Tensor strokes = context_.images_to_device(
      stroke_planes(sketch.to(context_.device()), settings_.model.sketch_fold));
  const FaceCodes codes =
      average_->codes(strokes, context_.images_to_device(looks));
  return average_->render(codes, options).to(torch::kFloat32).cpu();
}

LoaderOptions JointStage::held_out_options(int batch) const {
  LoaderOptions options;
  options.batch = static_cast<int>(std::min<int64_t>(batch, held_out_->size()));
  options.side = side_;
  options.sketch_side = model_->config().drawing_side();
  options.appearance_side = settings_.model.encoder_side;
  options.train = false;
  return options;
}

Image JointStage::sheet() {
  const Batch batch = Loader(*held_out_, held_out_options(kSheetRows)).next();
  const torch::Tensor other = batch.appearance.roll(1, 0);
  return sheet_of({colour_strokes(batch.sketch), to_bytes(batch.photo),
                   to_bytes(show(batch.sketch, batch.appearance)),
                   to_bytes(other), to_bytes(show(batch.sketch, other))});
}

std::map<std::string, double> JointStage::validate() {
  const LoaderOptions options = held_out_options(kValidationBatch);
  Loader loader(*held_out_, options);
  const int64_t faces = std::min(kValidationFaces, held_out_->size());
  Overlap matching, crossed, photos;
  double difference = 0.0;
  for (int64_t left = faces; left > 0; left -= options.batch) {
    const Batch batch = loader.next();
    const int64_t count = std::min<int64_t>(left, options.batch);
    const torch::Tensor truth = batch.classes.slice(0, 0, count);
    const auto add = [&](Overlap& overlap, const torch::Tensor& pictures) {
      if (!parser_) return;
      const torch::NoGradGuard no_grad;
      const Autocast autocast(context_.bf16(), context_.device());
      const torch::Tensor read =
          parser_(enlarged(context_.images_to_device(pictures)));
      overlap.add(truth, scaled(read, side_).argmax(1).slice(0, 0, count));
    };
    const torch::Tensor result = show(batch.sketch, batch.appearance);
    add(matching, result);
    add(crossed, show(batch.sketch, batch.appearance.roll(1, 0)));
    add(photos, batch.photo);
    difference += (result - batch.photo)
                      .abs()
                      .mean({1, 2, 3})
                      .slice(0, 0, count)
                      .sum()
                      .item<double>();
  }
  std::map<std::string, double> values = {
      {"l1", difference / static_cast<double>(faces)}};
  if (parser_) {
    values["mean_iou_matching"] = matching.mean_iou();
    values["mean_iou_crossed"] = crossed.mean_iou();
    values["mean_iou_photos"] = photos.mean_iou();
    values["pixels_matching"] = matching.pixels();
    values["pixels_crossed"] = crossed.pixels();
  }
  return values;
}

void JointStage::export_models(const std::filesystem::path& folder) {
  FaceModel cut(cut_to_size(average_->face_config(), side_));
  take_over_weights(*cut, *average_);
  save_face_model(
      cut, folder / "model.safetensors", {{"trained_by", "limner-train joint"}},
      looks_.tensors(*average_, styles_of(side_) - settings_.model.split));
}

}  // namespace limner::train
