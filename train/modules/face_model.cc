#include "train/modules/face_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/live.h"
#include "model/looks.h"
#include "model/structure.h"
#include "train/modules/weights_io.h"
#include "util/error.h"

namespace limner::train {
namespace {

// Scales of the published encoders' outputs.
constexpr double kWScale = 60.0;
constexpr double kRowScale = 6.0;

// [styles, width]: a file may hold one row for all styles.
void load_latent_avg(const TensorMap& tensors, FaceModelImpl& model) {
  if (!model.face_config().add_latent_avg && !tensors.has("latent_avg")) return;
  const torch::Tensor stored = to_torch(tensors.at("latent_avg"));
  const int64_t width = model.latent_avg.size(1);
  const bool one = stored.sizes() == at::IntArrayRef({width}) ||
                   stored.sizes() == at::IntArrayRef({1, width});
  if (!one && stored.sizes() != model.latent_avg.sizes()) {
    fail("{}: latent_avg has shape {}, expected {}", tensors.source,
         to_string(stored.sizes().vec()),
         to_string(model.latent_avg.sizes().vec()));
  }
  model.latent_avg.copy_(stored.expand_as(model.latent_avg));
}

}  // namespace

FaceConfig official_config(int size, int divisor) {
  const bool power = size >= 8 && (size & (size - 1)) == 0;
  const BodyConfig whole;
  if (!power || divisor < 1 || divisor > 16 || whole.widths[0] % divisor != 0) {
    fail(
        "no model of {} px and widths over {}: expected a power of two from 8 "
        "and a divisor of 1, 2, 4, 8 or 16",
        size, divisor);
  }
  FaceConfig config;
  config.generator.style_width /= divisor;
  config.generator.channels = official_channels(size, divisor);
  const int styles = config.generator.styles();
  config.split = std::min(8, styles - 2);
  BodyConfig body;
  for (int& width : body.widths) width /= divisor;
  // Small squeezes would be left with one channel by the official 16.
  if (divisor >= 4) body.reduction = 4;
  config.sketch_coarse.body = body;
  config.sketch_coarse.inputs = 22;
  config.sketch_coarse.last = 1;
  config.sketch_fine = config.sketch_coarse;
  config.sketch_fine.last = config.split;
  config.face_fine.body = body;
  config.face_fine.first = config.split;
  config.face_fine.last = styles;
  return config;
}

FaceConfig read_face_config(const Checkpoint& checkpoint) {
  const ModelConfig known = read_config(checkpoint);
  const TensorMap tensors = model_tensors(checkpoint);
  FaceConfig config;
  config.split = known.split;
  config.add_latent_avg = known.add_latent_avg;
  config.keep_strokes = known.keep_strokes;
  config.sketch_fold = known.sketch_fold;
  config.structure_maps = known.structure_maps;
  config.faithfulness = known.faithfulness;
  config.sketch_coarse =
      read_encoder_config(tensors, "encoder_sketch_coarse.", 0, 1);
  config.sketch_fine =
      read_encoder_config(tensors, "encoder_sketch_fine.", 0, known.split);
  config.face_fine = read_encoder_config(tensors, "encoder_face_fine.",
                                         known.split, known.styles);
  config.generator = read_generator_config(tensors, "decoder.");
  return config;
}

FaceModelImpl::FaceModelImpl(const FaceConfig& config) : config_(config) {
  config_.sketch_coarse.plane = config.faithfulness;
  config_.sketch_fine.plane = config.faithfulness;
  const int width = config.generator.style_width;
  const int styles = config.generator.styles();
  for (const EncoderConfig* encoder :
       {&config.sketch_coarse, &config.sketch_fine, &config.face_fine}) {
    if (encoder->style_width() != width) {
      fail("an encoder makes codes of width {}, but the generator reads {}",
           encoder->style_width(), width);
    }
    if (encoder->side != config.sketch_coarse.side) {
      fail("encoders read pictures of {} and {} px, expected one size",
           config.sketch_coarse.side, encoder->side);
    }
  }
  if (config.split < 1 || config.split >= styles) {
    fail("split index {} is out of range, expected 1 to {}", config.split,
         styles - 1);
  }
  if (config.sketch_coarse.first != 0 || config.sketch_coarse.last != 1 ||
      config.sketch_fine.first != 0 ||
      config.sketch_fine.last != config.split ||
      config.face_fine.first != config.split ||
      config.face_fine.last != styles ||
      config.sketch_fine.inputs != config.sketch_coarse.inputs) {
    fail("the encoders' styles and inputs do not fit a model of {} styles",
         styles);
  }
  sketch_coarse =
      register_module("encoder_sketch_coarse", Encoder(config_.sketch_coarse));
  sketch_fine =
      register_module("encoder_sketch_fine", Encoder(config_.sketch_fine));
  face_fine = register_module("encoder_face_fine", Encoder(config.face_fine));
  decoder = register_module("decoder", Generator(config.generator));
  if (config.structure_maps) {
    structure = register_module(
        "structure", std::make_shared<torch::nn::Module>("structure"));
    for (size_t i = 0; i < config.generator.channels.size(); ++i) {
      to_structure_.emplace_back(nullptr);
      const int level =
          structure_body_level(config.sketch_fine.side, static_cast<int>(i));
      if (level < 0) continue;
      to_structure_.back() = structure->register_module(
          fmt::format("{}", i), torch::nn::Conv2d(torch::nn::Conv2dOptions(
                                    config.sketch_fine.map_channels(level),
                                    config.generator.channels[i], 1)));
    }
  }
  latent_avg = register_buffer("latent_avg", torch::zeros({styles, width}));
}

ModelConfig FaceModelImpl::config() const {
  ModelConfig config;
  config.size = config_.generator.size();
  config.styles = config_.generator.styles();
  config.style_width = config_.generator.style_width;
  config.split = config_.split;
  config.sketch_fold = config_.sketch_fold;
  config.faithfulness = config_.faithfulness;
  config.labels =
      (config_.sketch_coarse.inputs - (config_.faithfulness ? 1 : 0)) /
      (config_.sketch_fold * config_.sketch_fold);
  config.mapping_layers = config_.generator.mapping_layers;
  config.input_side = config_.sketch_coarse.side;
  config.add_latent_avg = config_.add_latent_avg;
  config.keep_strokes = config_.keep_strokes;
  config.structure_maps = config_.structure_maps;
  for (const torch::Tensor& tensor : parameters()) {
    config.parameters += tensor.numel();
  }
  for (const torch::Tensor& tensor : buffers()) {
    // Integers are batch norm's counters, which inference does not read.
    if (tensor.is_floating_point()) config.parameters += tensor.numel();
  }
  return config;
}

torch::Tensor FaceModelImpl::sketch_w(const torch::Tensor& x) {
  return decoder->map(sketch_coarse(x).squeeze(1) * kWScale);
}

torch::Tensor FaceModelImpl::sketch_rows(const torch::Tensor& x,
                                         std::vector<torch::Tensor>* maps) {
  if (maps == nullptr) return sketch_fine(x) * kRowScale;
  std::array<torch::Tensor, 5> body;
  const torch::Tensor rows = sketch_fine(x, 0, &body) * kRowScale;
  maps->assign(to_structure_.size(), {});
  for (size_t i = 0; i < to_structure_.size(); ++i) {
    if (!to_structure_[i]) continue;
    const int level =
        structure_body_level(config_.sketch_fine.side, static_cast<int>(i));
    (*maps)[i] = to_structure_[i](body[static_cast<size_t>(level)]);
  }
  return rows;
}

torch::Tensor FaceModelImpl::photo_rows(const torch::Tensor& y, size_t rows) {
  return face_fine(y, rows) * kRowScale;
}

FaceCodes FaceModelImpl::codes(const torch::Tensor& x, const torch::Tensor& y) {
  return mixed_codes(x, y, latent_avg.new_empty({0, latent_avg.size(1)}));
}

FaceCodes FaceModelImpl::random_codes(const torch::Tensor& x,
                                      const torch::Tensor& z) {
  return mixed_codes(x, {}, z);
}

FaceCodes FaceModelImpl::mixed_codes(const torch::Tensor& x,
                                     const torch::Tensor& y,
                                     const torch::Tensor& z, int styles) {
  const int64_t split = config_.split;
  const int64_t rows =
      (styles == 0 ? config_.generator.styles() : styles) - split;
  const int64_t photos = y.defined() ? y.size(0) : 0;
  const torch::Tensor w = sketch_w(x).unsqueeze(1);
  torch::Tensor mean =
      config_.add_latent_avg ? latent_avg : torch::zeros_like(latent_avg);
  FaceCodes codes;
  const torch::Tensor coarse =
      sketch_rows(x, &codes.maps) + w + mean.slice(0, 0, split);
  std::vector<torch::Tensor> looks;
  if (photos > 0) {
    looks.push_back(photo_rows(y, static_cast<size_t>(rows)) +
                    w.slice(0, 0, photos) + mean.slice(0, split, split + rows));
  }
  if (z.size(0) > 0 && z.dim() == 3) {
    looks.push_back(z.slice(1, 0, rows) + w.slice(0, photos) +
                    mean.slice(0, split, split + rows));
  } else if (z.size(0) > 0) {
    looks.push_back(decoder->map(z).unsqueeze(1).expand({-1, rows, -1}));
  }
  codes.styles = torch::cat({coarse, torch::cat(looks)}, 1);
  return codes;
}

FaceModel load_face_model(const std::filesystem::path& path) {
  const Checkpoint checkpoint = read_checkpoint(path);
  const TensorMap tensors = model_tensors(checkpoint);
  FaceModel model(read_face_config(checkpoint));
  load_weights(*model->sketch_coarse, tensors, "encoder_sketch_coarse.");
  load_weights(*model->sketch_fine, tensors, "encoder_sketch_fine.");
  load_weights(*model->face_fine, tensors, "encoder_face_fine.");
  load_weights(*model->decoder, tensors, "decoder.");
  if (model->face_config().structure_maps) {
    load_weights(*model->structure, tensors, "structure.");
  }
  load_latent_avg(tensors, *model);
  return model;
}

std::string save_face_model(const FaceModel& model,
                            const std::filesystem::path& path,
                            const nlohmann::json& source,
                            const std::vector<NamedTensor>& looks) {
  ModelConfig config = model->config();
  std::vector<NamedTensor> tensors = named_tensors(*model, "");
  for (const NamedTensor& part : looks) {
    if (part.name == kLooksComponents) {
      config.look_components = static_cast<int>(part.tensor.shape.at(0));
    }
    config.parameters += part.tensor.count();
    tensors.push_back(part);
  }
  nlohmann::json info = config.to_json();
  info["source"] = source;
  return write_safetensors(path, tensors,
                           {{"format", "pt"}, {"limner", info.dump()}});
}

}  // namespace limner::train
