#include "train/stages/settings.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/autocast_mode.h>
#include <omp.h>
#include <torch/cuda.h>
#include <torch/nn/module.h>
#include <torch/utils.h>
#include <torch/version.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "model/config.h"
#include "sketch/classes.h"
#include "train/modules/batch_norm.h"
#include "util/error.h"

namespace limner::train {
namespace {

// From libtorch 2.4 on, one function serves all devices.
#if TORCH_VERSION_MAJOR > 2 || \
    (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
void set_autocast(torch::DeviceType device, bool enabled) {
  at::autocast::set_autocast_dtype(device, at::kBFloat16);
  at::autocast::set_autocast_enabled(device, enabled);
}
#else
void set_autocast(torch::DeviceType device, bool enabled) {
  if (device == torch::kCUDA) {
    at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
    at::autocast::set_enabled(enabled);
  } else {
    at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
    at::autocast::set_cpu_enabled(enabled);
  }
}
#endif

}  // namespace

void TrainingSettings::declare(OptionTable& table) {
  table.add("data", &data,
            "folder of faces: manifest.csv, images/ and masks/, or "
            "CelebAMask-HQ as downloaded");
  table.add("init", &init,
            "weights to begin with, taken over where names and shapes fit");
  table.add_choice("device", &device, {"cpu", "cuda"}, "where to compute");
  table.add_choice("precision", &precision, {"auto", "bf16", "f32"},
                   "of convolutions and matrix products; auto: bf16 where the "
                   "processor has instructions for it, and on cuda");
  table.add("channels_last", &channels_last,
            "keep the channels of a pixel side by side");
  table.add("threads", &threads, 0, 1024,
            "threads; 0: OMP_NUM_THREADS, or one a processor");
  table.add("seed", &seed, 0, 9e15, "of everything random");
  table.add("batch", &batch, 1, 65536, "pictures a step and process");
  table.add("workers", &workers, 1, 256, "threads that prepare pictures");
  table.add("oversample", &oversample, 0, 1,
            "how much more often faces with rare parts are shown");
  table.add("augment", &augment, "vary the pictures");
  table.add_choice("optim_name", &optimizer.kind, {"adam", "ranger"},
                   "optimiser");
  table.add("learning_rate", &optimizer.lr, 0, 10, "of the optimiser");
  table.add("beta1", &optimizer.beta1, 0, 0.9999, "of the optimiser");
  table.add("beta2", &optimizer.beta2, 0, 0.99999, "of the optimiser");
  table.add("weight_decay", &optimizer.weight_decay, 0, 10, "of the optimiser");
  table.add("lr_end", &lr_end, 0, 1, "the last learning rate over the first");
  table.add("lr_warmup", &lr_warmup, 0, 1e9, "steps over which the rate rises");
  table.add("clip", &clip, 0, 1e6,
            "greatest norm of the gradients; 0: no limit");
  table.add("ema_images", &ema_images, 0, 1e9,
            "pictures after which the average of the weights has forgotten "
            "half");
}

Context::Context(const TrainingSettings& settings, int64_t steps,
                 std::shared_ptr<Processes> processes)
    : settings_(settings),
      steps_(steps),
      processes_(std::move(processes)),
      device_(torch::kCPU) {
  if (settings.device == "cuda") {
    if (!torch::cuda::is_available()) {
      fail("device is cuda, but this libtorch sees no such device");
    }
    device_ = torch::Device(torch::kCUDA, processes_->local_rank());
  }
  // libtorch alone would start with one thread on some machines.
  if (settings.threads > 0) {
    torch::set_num_threads(settings.threads);
  } else if (std::getenv("OMP_NUM_THREADS") == nullptr) {
    torch::set_num_threads(omp_get_num_procs());
  }
  torch::manual_seed(static_cast<uint64_t>(settings.seed));
  precision_ =
      choose_precision(settings.precision, device_.is_cuda(), bf16_support());
  if (settings.precision != "auto") return;
  // All processes compute alike, whatever machines they are on.
  torch::Tensor without = torch::full({1}, precision_.bf16 ? 0 : 1);
  processes_->sum(without);
  if (precision_.bf16 && without.item<int64_t>() > 0) {
    precision_ = {false,
                  "precision: f32, since another process' processor has no "
                  "instructions for bf16"};
  }
}

StageMeans Context::means() const {
  return {precision_.bf16 ? "bf16" : "f32", precision_.note};
}

int64_t Context::images() const {
  return int64_t{settings_.batch} * processes_->world();
}

LoaderOptions Context::loader_options() const {
  LoaderOptions options;
  options.batch = settings_.batch;
  options.seed = static_cast<uint64_t>(settings_.seed);
  options.workers = settings_.workers;
  options.rank = processes_->rank();
  options.world = processes_->world();
  options.train = settings_.augment;
  options.oversample = settings_.oversample;
  return options;
}

double Context::rate(int64_t step) const {
  const double first = settings_.optimizer.lr;
  if (step < settings_.lr_warmup) {
    return first * static_cast<double>(step + 1) /
           static_cast<double>(settings_.lr_warmup);
  }
  const double done = steps_ > 0
                          ? std::min(1.0, static_cast<double>(step) /
                                              static_cast<double>(steps_))
                          : 0.0;
  const double fall = 0.5 * (1.0 + std::cos(M_PI * done));
  return first * (settings_.lr_end + (1.0 - settings_.lr_end) * fall);
}

void Context::take_step(Optimizer& optimizer,
                        const std::vector<torch::Tensor>& parameters,
                        int64_t step, StepLosses& losses, const char* name,
                        double factor) const {
  processes_->average_gradients(parameters);
  if (settings_.clip > 0) {
    losses.add(name, clip_gradients(parameters, settings_.clip));
  }
  optimizer.set_lr(rate(step) * factor);
  optimizer.step();
}

double Context::ema_decay(int64_t step) const {
  if (settings_.ema_images == 0) return 0.0;
  const double seen = static_cast<double>((step + 1) * images());
  const double half_life =
      std::min(static_cast<double>(settings_.ema_images), seen * 0.05);
  return std::pow(0.5, static_cast<double>(images()) / half_life);
}

uint64_t Context::seed(int64_t step, int purpose) const {
  return static_cast<uint64_t>(settings_.seed) * 0x9E3779B97F4A7C15U +
         static_cast<uint64_t>(step) * 64 + static_cast<uint64_t>(purpose);
}

at::Generator Context::generator(int64_t step, int purpose) const {
  at::Generator random =
      device_.is_cpu() ? at::detail::createCPUGenerator()
                       : at::globalContext().defaultGenerator(device_).clone();
  random.set_current_seed(seed(step, purpose));
  return random;
}

SynthesisOptions Context::synthesis(int64_t step, int purpose) const {
  SynthesisOptions options;
  options.random = generator(step, purpose);
  options.rank = processes_->rank();
  options.world = processes_->world();
  return options;
}

torch::Tensor Context::images_to_device(const torch::Tensor& images) const {
  return images.to(device_).contiguous(settings_.channels_last
                                           ? at::MemoryFormat::ChannelsLast
                                           : at::MemoryFormat::Contiguous);
}

void Context::adopt(torch::nn::Module& module) const {
  module.to(device_);
  if (settings_.channels_last) {
    for (torch::Tensor& parameter : module.parameters()) {
      if (parameter.dim() == 4) {
        parameter.set_data(
            parameter.data().contiguous(at::MemoryFormat::ChannelsLast));
      }
    }
  }
  set_processes(module, processes_);
  processes_->broadcast_module(module);
}

Autocast::Autocast(bool enabled, torch::Device device)
    : enabled_(enabled), device_(device.type()) {
  if (!enabled_) return;
  at::autocast::increment_nesting();
  set_autocast(device_, true);
}

Autocast::~Autocast() {
  if (!enabled_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  set_autocast(device_, false);
}

void PathSettings::declare(OptionTable& table) {
  table.add("path_regularize", &options.weight, 0, 1e6,
            "path length penalty of the generator");
  table.add("g_reg_every", &options.every, 1, 1e6, "steps between two of them");
}

void ModelSettings::declare(OptionTable& table) {
  table.add("output_size", &size, 8, 2048, "side of the model's pictures");
  table.add("encoder_side", &encoder_side, 32, 1024,
            "side at which the encoders read the photo");
  table.add("sketch_fold", &sketch_fold, 1, 8,
            "the drawing is read at encoder_side times this");
  table.add("style_width", &style_width, 1, 4096, "numbers of a style code");
  table.add("break_layer", &split, 1, 17,
            "style codes below it follow the drawing, the others the photo");
  table.add("structure_maps", &structure_maps,
            "the generator also reads the maps of the drawing's encoder");
  table.add("faithfulness", &faithfulness,
            "the drawing's encoders are told how closely it is to be followed, "
            "and learn it from rough drawings");
  table.add("sharpening", &sharpening, 0, kMaxSharpening,
            "how much the full picture's finest details are enlarged at its "
            "end");
  table.add("n_mlp", &mapping_layers, 1, 64, "layers of the mapping network");
  table.add("encoder_widths", &encoder_widths,
            "channels of the encoders' four groups");
  table.add("encoder_units", &encoder_units,
            "residual units of the encoders' four groups");
  table.add("channels", &channels,
            "channels of the generator at 4 px, 8 px, ...");
  table.add("discriminator_channels", &discriminator_channels,
            "the same of the discriminator");
}

FaceConfig ModelSettings::face_config() const {
  FaceConfig config;
  config.split = split;
  config.add_latent_avg = true;
  config.keep_strokes = true;
  config.sketch_fold = sketch_fold;
  config.structure_maps = structure_maps;
  config.faithfulness = faithfulness;
  config.generator.style_width = style_width;
  config.generator.mapping_layers = mapping_layers;
  config.generator.channels = channels;
  config.generator.sharpening = sharpening;
  if (config.generator.size() != size) {
    fail(
        "'channels' has {} numbers, which makes pictures of {} px, but "
        "'output_size' is {}",
        channels.size(), config.generator.size(), size);
  }
  if (encoder_widths.size() != 4 || encoder_units.size() != 4) {
    fail("'encoder_widths' and 'encoder_units' need 4 numbers, got {} and {}",
         encoder_widths.size(), encoder_units.size());
  }
  for (int i = 0; i < 3; ++i) {
    if (encoder_widths[i] == encoder_widths[i + 1]) {
      fail(
          "'encoder_widths' has {} twice in a row: where a group ends is told "
          "by its width",
          encoder_widths[i]);
    }
  }
  BodyConfig body;
  std::copy_n(encoder_widths.begin(), 4, body.widths.begin());
  std::copy_n(encoder_units.begin(), 4, body.units.begin());
  body.reduction = 4;
  config.sketch_coarse.body = body;
  config.sketch_coarse.inputs =
      kStrokeClasses * sketch_fold * sketch_fold + (faithfulness ? 1 : 0);
  config.sketch_coarse.side = encoder_side;
  config.sketch_coarse.first = 0;
  config.sketch_coarse.last = 1;
  config.sketch_fine = config.sketch_coarse;
  config.sketch_fine.last = split;
  config.face_fine = config.sketch_coarse;
  config.face_fine.inputs = 3;
  config.face_fine.first = split;
  config.face_fine.last = config.generator.styles();
  return config;
}

const std::vector<int>& ModelSettings::critic_channels() const {
  if (discriminator_channels.size() != channels.size()) {
    fail("'discriminator_channels' has {} numbers, expected {} as 'channels'",
         discriminator_channels.size(), channels.size());
  }
  return discriminator_channels;
}

FaceConfig cut_to_size(const FaceConfig& config, int size) {
  FaceConfig cut = config;
  while (cut.generator.channels.size() > 1 && cut.generator.size() > size) {
    cut.generator.channels.pop_back();
  }
  if (cut.generator.size() != size || cut.generator.styles() <= cut.split) {
    fail("a model of {} px with split index {} cannot be cut to {} px",
         config.generator.size(), config.split, size);
  }
  cut.face_fine.last = cut.generator.styles();
  return cut;
}

}  // namespace limner::train
