#include "train/stages/faces.h"

#include <algorithm>
#include <string>

#include "model/state_dict.h"
#include "sketch/classes.h"
#include "train/modules/weights_io.h"
#include "util/error.h"
#include "weights/checkpoint.h"

namespace limner::train {
namespace {

constexpr double kFirstCodes = 0.1;
constexpr double kFirstColours = 0.1;
constexpr double kFirstVerdict = 0.1;

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

// The sketch encoders' first weights `from`, without the plane of faithfulness
// or with weights of 0 for it, if that is all that keeps them from fitting
// `wanted`; undefined otherwise.
torch::Tensor with_other_plane(const std::string& name,
                               const torch::Tensor& from,
                               const torch::Tensor& wanted) {
  if (!contains(name, "encoder_sketch_") ||
      !contains(name, ".input_layer.0.weight") || from.dim() != 4) {
    return {};
  }
  const int64_t channels = std::min(from.size(1), wanted.size(1));
  if (std::max(from.size(1), wanted.size(1)) != channels + 1) return {};
  const torch::Tensor strokes = from.slice(1, 0, channels);
  torch::Tensor fitted = torch::zeros(wanted.sizes(), from.options());
  if (fitted.slice(1, 0, channels).sizes() != strokes.sizes()) return {};
  fitted.slice(1, 0, channels).copy_(strokes);
  return fitted;
}

// Copies tensors that `find` gives (undefined: there is none); returns how
// many.
template <typename Find>
int copy_found(torch::nn::Module& module, const Find& find) {
  const torch::NoGradGuard no_grad;
  int copied = 0;
  const auto copy = [&](const std::string& name, torch::Tensor target) {
    torch::Tensor source = find(name);
    if (source.defined() && source.sizes() != target.sizes()) {
      source = with_other_plane(name, source, target);
    }
    if (!source.defined() || source.sizes() != target.sizes()) return;
    target.copy_(source);
    ++copied;
  };
  for (const auto& item : module.named_parameters()) {
    copy(item.key(), item.value());
  }
  for (const auto& item : module.named_buffers())
    copy(item.key(), item.value());
  return copied;
}

int copy_fitting(torch::nn::Module& module, const torch::nn::Module& from) {
  const auto parameters = from.named_parameters();
  const auto buffers = from.named_buffers();
  return copy_found(module, [&](const std::string& name) {
    if (const torch::Tensor* found = parameters.find(name)) return *found;
    if (const torch::Tensor* found = buffers.find(name)) return *found;
    return torch::Tensor();
  });
}

int copy_fitting(torch::nn::Module& module, const TensorMap& from,
                 const std::string& prefix) {
  return copy_found(module, [&](const std::string& name) {
    return from.has(prefix + name) ? to_torch(from.at(prefix + name))
                                   : torch::Tensor();
  });
}

// Calls copy(weights) with those of a file; it returns how many fitted.
template <typename Copy>
void take_over(const std::filesystem::path& file, const Copy& copy) {
  const Checkpoint checkpoint = read_checkpoint(file);
  if (copy(model_tensors(checkpoint)) > 0) return;
  fail("{}: none of its weights has a name and shape of this model",
       file.string());
}

}  // namespace

torch::Tensor stroke_planes(const torch::Tensor& sketch, int fold,
                            const torch::Tensor& faithfulness) {
  // [b, fold * fold, h / fold, w / fold]: pixel k of a cell is one of
  // channels k, area + k, 2 area + k, ..., a class each.
  const torch::Tensor classes =
      torch::pixel_unshuffle(sketch.unsqueeze(1).to(torch::kInt64), fold);
  const int64_t area = classes.size(1);
  const torch::Tensor pixel =
      torch::arange(area, classes.options()).view({1, area, 1, 1});
  const torch::Tensor channel = (classes - 1).clamp_min(0) * area + pixel;
  const int64_t strokes = kStrokeClasses * area;
  const bool plane = faithfulness.defined();
  torch::Tensor planes =
      torch::zeros({classes.size(0), strokes + (plane ? 1 : 0), classes.size(2),
                    classes.size(3)},
                   classes.options()
                       .dtype(torch::kFloat32)
                       .memory_format(at::MemoryFormat::ChannelsLast))
          .scatter_(1, channel, classes.clamp_max(1).to(torch::kFloat32));
  if (plane) {
    planes.select(1, strokes)
        .copy_((1 - faithfulness.to(planes.options())).view({-1, 1, 1}));
  }
  return planes;
}

torch::Tensor encoder_input(const FaceConfig& config,
                            const torch::Tensor& sketch,
                            const torch::Tensor& faithfulness) {
  if (!config.faithfulness) return stroke_planes(sketch, config.sketch_fold);
  return stroke_planes(
      sketch, config.sketch_fold,
      faithfulness.defined() ? faithfulness : torch::ones({sketch.size(0)}));
}

void set_trainable(torch::nn::Module& module, bool trainable) {
  for (torch::Tensor& weight : module.parameters()) {
    weight.requires_grad_(trainable);
  }
}

void soften_first_steps(FaceModelImpl& model) {
  const torch::NoGradGuard no_grad;
  for (const auto& item : model.named_parameters()) {
    const std::string& name = item.key();
    if (contains(name, ".styles.") && contains(name, ".linear.weight")) {
      item.value().mul_(kFirstCodes);
    }
  }
  soften_first_steps(*model.decoder);
}

void soften_first_steps(GeneratorImpl& generator) {
  const torch::NoGradGuard no_grad;
  for (const auto& item : generator.named_parameters()) {
    const std::string& name = item.key();
    if (contains(name, "to_rgb") && contains(name, ".conv.weight")) {
      item.value().mul_(kFirstColours);
    }
  }
}

void soften_first_steps(DiscriminatorImpl& critic) {
  const torch::NoGradGuard no_grad;
  for (const auto& item : critic.named_parameters()) {
    if (item.key() == "final_linear.1.weight") item.value().mul_(kFirstVerdict);
  }
}

void take_over_weights(FaceModelImpl& model, const FaceModelImpl& from) {
  copy_fitting(model, from);
  // One row a style: a smaller model has the first of them.
  const torch::NoGradGuard no_grad;
  const int64_t rows =
      std::min(model.latent_avg.size(0), from.latent_avg.size(0));
  model.latent_avg.slice(0, 0, rows).copy_(from.latent_avg.slice(0, 0, rows));
}

void take_over_weights(GeneratorImpl& generator, const GeneratorImpl& from) {
  copy_fitting(generator, from);
}

void take_over_weights(FaceModelImpl& model,
                       const std::filesystem::path& file) {
  take_over(file, [&](const TensorMap& whole) {
    const int copied = copy_fitting(model, whole, "");
    return copied > 0 ? copied : copy_fitting(*model.decoder, whole, "g_ema.");
  });
}

void take_over_weights(GeneratorImpl& generator,
                       const std::filesystem::path& file) {
  take_over(file, [&](const TensorMap& whole) {
    const int copied = copy_fitting(generator, whole, "g_ema.");
    return copied > 0 ? copied : copy_fitting(generator, whole, kGenerator);
  });
}

double shorten_paths(PathLength& path_length, GeneratorImpl& generator,
                     const torch::Tensor& codes,
                     const SynthesisOptions& options, Processes& processes,
                     const std::vector<torch::Tensor>& maps) {
  SynthesisOptions twice = options;
  twice.twice = true;
  const torch::Tensor pictures = generator.forward(codes, twice, maps);
  const torch::Tensor noise =
      torch::randn({pictures.size(0) * options.world, 3, pictures.size(2),
                    pictures.size(3)},
                   options.random, pictures.options())
          .slice(0, options.rank, torch::nullopt, options.world);
  path_length.penalty(pictures, codes, noise).backward();
  torch::Tensor mean = torch::tensor({path_length.mean()}, torch::kFloat64);
  processes.sum(mean);
  path_length.set_mean(mean.item<double>() / options.world);
  return path_length.mean();
}

int saved_side(const State& state) {
  const auto side = state.values.find("side");
  if (side == state.values.end() || !side->is_number_integer()) {
    fail("the checkpoint is another stage's: it has no size of pictures");
  }
  return side->get<int>();
}

void declare_losses(OptionTable& table, LossWeights& weights,
                    LossFiles& files) {
  const auto weight = [&](const char* name, double* value, const char* help) {
    table.add(name, value, 0, 1e6, help);
  };
  weight("l2_lambda", &weights.l2, "mean squared difference");
  weight("l2_lambda_crop", &weights.l2_crop, "the same around the face");
  weight("lpips_lambda", &weights.lpips, "LPIPS");
  weight("lpips_lambda_crop", &weights.lpips_crop, "the same around the face");
  weight("id_lambda", &weights.id, "identity by ArcFace");
  weight("mask_lambda", &weights.mask, "cross entropy of the parsed result");
  weight("mask_feat_lambda", &weights.mask_feat, "semantic feature matching");
  table.add("mask_feat_layer", &weights.mask_feat_layer, 1, 5,
            "features that it compares");
  weight("fac_lambda", &weights.fac, "features of facial attributes");
  weight("w_norm_lambda", &weights.w_norm, "distance of codes from the mean");
  weight("moco_lambda", &weights.moco, "likeness by MoCo v2");
  weight("perceptual_lambda", &weights.perceptual, "features of SqueezeNet");
  weight("perceptual_lambda_crop", &weights.perceptual_crop,
         "the same of brows to chin, enlarged twofold");
  table.add("lpips_weights", &files.lpips, "file of LPIPS v0.1 with AlexNet");
  table.add("ir_se50_weights", &files.ir_se50, "file of ArcFace's IR-SE 50");
  table.add("parser_weights", &files.parser, "file of a face parser");
  table.add("attribute_weights", &files.attributes, "file of Slim-CNN");
  table.add("moco_weights", &files.moco, "file of MoCo v2 with ResNet-50");
  table.add("squeezenet_weights", &files.squeezenet,
            "file of SqueezeNet 1.0 (.npz)");
}

}  // namespace limner::train
