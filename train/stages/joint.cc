#include "train/stages/joint.h"

#include <fmt/format.h>
#include <torch/nn/functional.h>

#include <algorithm>
#include <cmath>

#include "train/modules/weights_io.h"
#include "train/stages/faces.h"
#include "train/stages/part_loss.h"
#include "train/stages/region_loss.h"
#include "util/error.h"
#include "util/random.h"

namespace limner::train {
namespace {

// Style codes of a generator of this size.
int styles_of(int side) {
  int styles = 2;
  for (int s = 4; s < side; s *= 2) styles += 2;
  return styles;
}

void check_crops(const JointSettings& settings) {
  const int side = settings.crop_side;
  if (side < 8 || side > settings.model.size || (side & (side - 1)) != 0) {
    fail("'crop_side' must be a power of two from 8 to {}, got {}",
         settings.model.size, side);
  }
  if (settings.critics.judges_crops() || settings.part > 0 ||
      settings.path.options.weight > 0) {
    fail(
        "'crop_side' cuts faces: it goes without what looks at eyes and mouth "
        "('crop_lambda', 'crop_feat_lambda', 'crop_gram_lambda', "
        "'part_lambda') and without 'path_regularize'");
  }
}

// All discriminators see pictures varied in the same way.
AdversarySettings adversary_settings(const JointSettings& settings) {
  AdversarySettings adversary = settings.adversary;
  adversary.augment = settings.critics.augment;
  return adversary;
}

}  // namespace

JointStage::JointStage(const JointSettings& settings, int64_t steps,
                       std::shared_ptr<Processes> processes)
    : TrainingStage(settings.training, steps, std::move(processes)),
      settings_(settings),
      side_(settings.growth.side(0, settings.model.size)),
      faces_(open_dataset(settings.training.data, "train")),
      held_out_(open_dataset(settings.training.data, "val")),
      model_(settings.model.face_config()),
      average_(settings.model.face_config()),
      adversary_(adversary_settings(settings), settings.model.critic_channels(),
                 context_),
      critics_(settings.critics, settings.files.squeezenet, context_),
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
  if (settings.crop_side > 0) {
    check_crops(settings);
    others.perceptual_crop = 0;  // where a whole face has its eyes
  }
  if (settings.part > 0) {
    part_net_ = load_squeezenet(settings.files.squeezenet, "part_lambda");
    part_net_->to(context_.device());
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
  average_->eval();
  grow_to(side_);
  ema_.emplace(*model_, *average_);
  if (!settings.init_critics.empty()) {
    const State other = State::load(settings.init_critics);
    const int judged = other.values.value("judged_side", saved_side(other));
    if (judged != judged_side()) {
      fail("{}: its discriminators judge {} px, but this run begins at {} px",
           settings.init_critics.string(), judged, judged_side());
    }
    adversary_.load(other);
    critics_.load(other);
  }
}

// When cropping, the last resolution alone learns: its layers, and the photo
// encoder's last two codes.
void JointStage::choose_trainable() {
  if (!cropping()) return;
  set_trainable(*model_, false);
  const size_t last = settings_.model.channels.size() - 1;
  const size_t styles = 2 * (last + 1);
  const std::vector<std::string> own = {
      fmt::format("{}convs.{}.", kGenerator, 2 * last - 2),
      fmt::format("{}convs.{}.", kGenerator, 2 * last - 1),
      fmt::format("{}to_rgbs.{}.", kGenerator, last - 1),
      fmt::format("{}styles.{}.", kFaceFine, styles - 2),
      fmt::format("{}styles.{}.", kFaceFine, styles - 1)};
  for (auto& item : model_->named_parameters()) {
    for (const std::string& prefix : own) {
      if (item.key().rfind(prefix, 0) == 0) item.value().requires_grad_(true);
    }
  }
}

void JointStage::make_optimizers() {
  choose_trainable();
  trained_ = {};
  for (const auto& item : model_->named_parameters()) {
    if (!item.value().requires_grad()) continue;
    const bool decodes = item.key().rfind(kGenerator, 0) == 0;
    (decodes ? trained_.decoder : trained_.encoders).push_back(item.value());
  }
  const OptimizerOptions& options = settings_.training.optimizer;
  optimizer_ = make_optimizer(options, trained_.encoders);
  decoder_optimizer_ = make_optimizer(options, trained_.decoder);
}

// The discriminator and the pictures of this size; the generator has had all
// its layers from the start.
void JointStage::grow_to(int size) {
  side_ = size;
  adversary_.grow_to(judged_side());
  make_optimizers();

  LoaderOptions loading = context_.loader_options();
  loading.side = size;
  loading.sketch_side = model_->config().drawing_side();
  loading.appearance_side = settings_.model.encoder_side;
  if (settings_.model.faithfulness) {
    loading.faithful_share = settings_.faithful_share;
    loading.rough.misread = settings_.misread;
  }
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
  FaceCrops eyes, mouth;
  int top = 0, left = 0;  // of the square, when cropping

  CriticInputs for_critics() const {
    return {photo, result, classes, eyes, mouth, matching};
  }
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
  if (settings_.critics.judges_crops() || settings_.part > 0) {
    work.eyes = eye_crops(batch.classes);
    work.mouth = mouth_crops(batch.classes);
  }
  work.strokes = context_.images_to_device(
      encoder_input(model_->face_config(), batch.sketch.to(context_.device()),
                    batch.faithfulness));
  if (cropping()) {
    // Multiples of 8, so that what is averaged lies alike in all steps; every
    // second one at a border, which few squares would have else.
    Random random(context_.seed(step, kCrop));
    const int side = settings_.crop_side;
    const double last = (side_ - side) / 8;
    const auto place = [&] {
      const double any = random.between(-0.5 * last, 1.5 * last + 1);
      return 8 * static_cast<int>(std::clamp(any, 0.0, last));
    };
    work.top = place();
    work.left = place();
    work.photo = work.photo.slice(2, work.top, work.top + side)
                     .slice(3, work.left, work.left + side)
                     .contiguous(work.photo.suggest_memory_format());
    work.classes = work.classes.slice(1, work.top, work.top + side)
                       .slice(2, work.left, work.left + side)
                       .contiguous();
  }
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
  looks_.update(step, *average_, look_rows());
  Work work = prepare(step);
  StepLosses losses;
  // What stays as it is keeps its statistics, too.
  model_->train(!cropping());
  critics_.read(work.for_critics(), step);
  if (static_cast<double>(step * context_.images()) < settings_.critics_alone) {
    const torch::NoGradGuard no_grad;
    make_faces(work, step);
  } else {
    train_generator(work, step, losses);
  }
  if (adversary_.plays(step)) {
    adversary_.train(work.photo, work.result, step, losses);
  }
  critics_.train(work.for_critics(), step, losses);
  return losses.values();
}

int JointStage::look_rows() const {
  return styles_of(side_) - settings_.model.split;
}

bool JointStage::frozen_due(int64_t step) const {
  return step % settings_.frozen_every == 0;
}

bool JointStage::parser_due(int64_t step) const {
  // The parser reads whole faces.
  return parser_ && frozen_due(step) && !cropping() &&
         (settings_.parser_beside || !critics_.judges_pixels());
}

torch::Tensor JointStage::generator_losses(const Work& work, int64_t step,
                                           StepLosses& losses) {
  torch::Tensor total = torch::zeros({}, work.photo.options());
  const auto add = [&](const char* name, double weight,
                       const torch::Tensor& loss) {
    total = total + loss * weight;
    losses.add(name, loss);
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
  }
  if (work.matching > 0 && frozen_due(step)) {
    LossInputs inputs;
    inputs.result = got;
    inputs.target = wanted;
    inputs.codes = work.codes.styles.slice(0, 0, work.matching);
    inputs.latent_avg =
        model_->latent_avg.slice(0, 0, work.codes.styles.size(1));
    const Autocast autocast(context_.bf16(), context_.device());
    const LossResult others = (*criteria_)(inputs);
    total = total + others.total * settings_.frozen_every;
    for (const auto& [name, loss] : others.parts) {
      losses.add(name, loss);
    }
  }
  if (parser_due(step)) {
    total = total + parser_losses(work, losses) * settings_.frozen_every;
  }
  if (part_net_ && frozen_due(step)) {
    total = total + part_losses(work, losses) * settings_.frozen_every;
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

torch::Tensor JointStage::part_losses(const Work& work, StepLosses& losses) {
  const auto loss = [&](const FaceCrops& crops) {
    return part_loss(part_net_, work.result, work.photo, crops,
                     context_.bf16());
  };
  const torch::Tensor eyes = loss(work.eyes);
  const torch::Tensor mouth = loss(work.mouth);
  losses.add("part_eyes", eyes);
  losses.add("part_mouth", mouth);
  return (eyes + mouth) * settings_.part;
}

torch::Tensor JointStage::parser_losses(const Work& work, StepLosses& losses) {
  const LossWeights& weights = settings_.losses;
  torch::Tensor total = torch::zeros({}, work.photo.options());
  std::vector<torch::Tensor> read, truth;
  {
    const Autocast autocast(context_.bf16(), context_.device());
    read = parser_->features(enlarged(work.result));
    if (weights.mask_feat > 0 && work.matching > 0) {
      const torch::NoGradGuard no_grad;
      truth =
          parser_->features(enlarged(work.photo.slice(0, 0, work.matching)));
    }
  }
  if (weights.mask > 0) {
    const torch::Tensor loss = torch::nn::functional::cross_entropy(
        scaled(read.back().to(torch::kFloat32), side_), work.classes);
    losses.add("mask", loss);
    total = total + loss * weights.mask;
  }
  if (!truth.empty()) {
    torch::Tensor loss = torch::zeros({}, total.options());
    for (int i = 0; i < weights.mask_feat_layer; ++i) {
      loss = loss + torch::l1_loss(
                        read[i].slice(0, 0, work.matching).to(torch::kFloat32),
                        truth[i].to(torch::kFloat32));
    }
    losses.add("mask_feat", loss);
    total = total + loss * weights.mask_feat;
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

void JointStage::make_faces(Work& work, int64_t step) {
  {
    const Autocast autocast(context_.bf16(), context_.device());
    work.codes = model_->mixed_codes(work.strokes, work.looks, work.random,
                                     styles_of(side_));
    SynthesisOptions options = synthesis(step, kNoise);
    if (cropping()) {
      options.crop_top = work.top;
      options.crop_left = work.left;
      options.crop_side = settings_.crop_side;
    }
    work.result = model_->render(work.codes, options);
  }
  work.codes.styles = work.codes.styles.to(torch::kFloat32);
  work.result = work.result.to(torch::kFloat32);
}

void JointStage::train_generator(Work& work, int64_t step, StepLosses& losses) {
  optimizer_->zero_grad();
  decoder_optimizer_->zero_grad();
  make_faces(work, step);
  torch::Tensor total = generator_losses(work, step, losses);
  if (adversary_.plays(step)) {
    total = total + adversary_.loss_of(work.result,
                                       work.photo.slice(0, 0, work.matching),
                                       step, losses);
  }
  total = total + critics_.loss_of(work.for_critics(), losses);
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
    losses.add("path_length", shorten_paths(path_length_, *model_->decoder,
                                            codes, synthesis(step, kPathNoise),
                                            context_.processes(), maps));
  }
  context_.take_step(*optimizer_, trained_.encoders, step, losses);
  context_.take_step(*decoder_optimizer_, trained_.decoder, step, losses,
                     "decoder_gradient", settings_.decoder_rate);
  ema_->update(context_.ema_decay(step));
}

void JointStage::save(State& state) const {
  state.put_module("model.", *model_);
  state.put_module("average.", *average_);
  optimizer_->save(state, "adam.");
  decoder_optimizer_->save(state, "decoder_adam.");
  save_discriminators(state);
  looks_.save(state);
  state.values["path_length"] = path_length_.mean();
}

void JointStage::save_discriminators(State& state) const {
  adversary_.save(state);
  critics_.save(state);
  state.values["side"] = side_;
  state.values["judged_side"] = judged_side();
}

void JointStage::load(const State& state) {
  grow_to(saved_side(state));
  state.get_module("model.", *model_);
  state.get_module("average.", *average_);
  optimizer_->load(state, "adam.");
  decoder_optimizer_->load(state, "decoder_adam.");
  adversary_.load(state);
  critics_.load(state);
  looks_.load(state);
  path_length_.set_mean(state.values.value("path_length", 0.0));
}

}  // namespace limner::train
