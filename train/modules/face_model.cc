#include "train/modules/face_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "model/face_weights.h"
#include "train/modules/weights_io.h"
#include "util/error.h"

namespace limner::train {
namespace {

// "decoder." -> "decoder".
std::string module_name(const std::string& prefix) {
  return prefix.substr(0, prefix.size() - 1);
}

// Scales of the published encoders' outputs.
constexpr double kWScale = 60.0;
constexpr double kRowScale = 6.0;

// [styles, width]: a file may hold one row for all styles.
void load_latent_avg(const TensorMap& tensors, FaceModelImpl& model) {
  if (!model.face_config().add_latent_avg && !tensors.has(kLatentAvg)) return;
  const torch::Tensor stored = to_torch(tensors.at(kLatentAvg));
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

FaceModelImpl::FaceModelImpl(const FaceConfig& config) : config_(config) {
  config_.sketch_coarse.plane = config.faithfulness;
  config_.sketch_fine.plane = config.faithfulness;
  check_config(config);
  const int width = config.generator.style_width;
  const int styles = config.generator.styles();
  sketch_coarse = register_module(module_name(kSketchCoarse),
                                  Encoder(config_.sketch_coarse));
  sketch_fine =
      register_module(module_name(kSketchFine), Encoder(config_.sketch_fine));
  face_fine =
      register_module(module_name(kFaceFine), Encoder(config.face_fine));
  decoder =
      register_module(module_name(kGenerator), Generator(config.generator));
  if (config.structure_maps) {
    structure = register_module(
        module_name(kStructure),
        std::make_shared<torch::nn::Module>(module_name(kStructure)));
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
  latent_avg = register_buffer(kLatentAvg, torch::zeros({styles, width}));
}

ModelConfig FaceModelImpl::config() const { return model_config(config_); }

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
  FaceWeights weights = read_face_weights(read_checkpoint(path));
  weights.face.look_components = 0;  // looks are no module of the model
  const TensorMap& tensors = weights.tensors;
  FaceModel model(weights.face);
  load_weights(*model->sketch_coarse, tensors, kSketchCoarse);
  load_weights(*model->sketch_fine, tensors, kSketchFine);
  load_weights(*model->face_fine, tensors, kFaceFine);
  load_weights(*model->decoder, tensors, kGenerator);
  if (model->face_config().structure_maps) {
    load_weights(*model->structure, tensors, kStructure);
  }
  load_latent_avg(tensors, *model);
  return model;
}

std::string save_face_model(const FaceModel& model,
                            const std::filesystem::path& path,
                            const nlohmann::json& source,
                            const std::vector<NamedTensor>& looks) {
  FaceConfig config = model->face_config();
  std::vector<NamedTensor> tensors = named_tensors(*model, "");
  for (const NamedTensor& part : looks) {
    if (part.name == kLooksComponents) {
      config.look_components = static_cast<int>(part.tensor.shape.at(0));
    }
    tensors.push_back(part);
  }
  nlohmann::json info = model_config(config).to_json();
  info["source"] = source;
  return write_safetensors(path, tensors,
                           {{"format", "pt"}, {"limner", info.dump()}});
}

}  // namespace limner::train
