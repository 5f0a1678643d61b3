#include "train/losses/criteria.h"

#include <utility>
#include <vector>

#include "pipeline/network_file.h"
#include "train/modules/weights_io.h"
#include "util/error.h"
#include "weights/checkpoint.h"
#include "weights/npz.h"

namespace limner::train {
namespace {

// Reads the weight file of a loss, which opens a message about it.
TensorMap open(const std::filesystem::path& file, const char* flag,
               const char* network) {
  if (file.empty()) {
    fail("{} needs the weights of {}, but no file is given", flag, network);
  }
  if (file.extension() == ".npz") return read_npz(file);
  return read_checkpoint(file).tensors;
}

// Loads `net` and makes it a fixed function.
template <typename Holder>
Holder fixed(Holder net, const TensorMap& tensors) {
  load_weights(*net, tensors, "");
  net->eval();
  for (torch::Tensor& weight : net->parameters()) weight.requires_grad_(false);
  return net;
}

const torch::Tensor& need(const torch::Tensor& input, const char* what,
                          const char* flag) {
  if (!input.defined()) fail("{} has a weight, but got no {}", flag, what);
  return input;
}

}  // namespace

Unet load_parser(const std::filesystem::path& file) {
  const TensorMap tensors = without_container(
      open(file, "mask_lambda or mask_feat_lambda", "a face parser"),
      network_prefix("parser"));
  return fixed(Unet(read_unet_config(tensors, "")), tensors);
}

SqueezeNet load_squeezenet(const std::filesystem::path& file,
                           const char* setting, int border) {
  return fixed(SqueezeNet(border), open(file, setting, "SqueezeNet"));
}

Criteria::Criteria(const LossWeights& weights, const LossFiles& files)
    : weights_(weights) {
  if (weights.lpips > 0 || weights.lpips_crop > 0) {
    lpips_ = fixed(LpipsNet(), open(files.lpips, "lpips_lambda", "LPIPS"));
  }
  if (weights.id > 0) {
    const TensorMap tensors = open(files.ir_se50, "id_lambda", "ArcFace");
    face_ = fixed(ArcFace(read_arcface_config(tensors)), tensors);
  }
  if (weights.mask > 0 || weights.mask_feat > 0) {
    parser_ = load_parser(files.parser);
  }
  if (weights.fac > 0) {
    const TensorMap tensors = without_container(
        open(files.attributes, "fac_lambda", "an attribute network"),
        "model_state_dict.");
    attributes_ = fixed(SlimCnn(read_slim_cnn_config(tensors)), tensors);
  }
  if (weights.moco > 0) {
    // The file holds the whole training state, this network among it.
    moco_ = fixed(ResNet50(),
                  without_container(open(files.moco, "moco_lambda", "MoCo v2"),
                                    "state_dict.module.encoder_q."));
  }
  if (weights.perceptual > 0 || weights.perceptual_crop > 0) {
    squeezenet_ = load_squeezenet(files.squeezenet, "perceptual_lambda");
  }
}

void Criteria::to(torch::Device device) {
  if (lpips_) lpips_->to(device);
  if (face_) face_->to(device);
  if (parser_) parser_->to(device);
  if (attributes_) attributes_->to(device);
  if (moco_) moco_->to(device);
  if (squeezenet_) squeezenet_->to(device);
}

LossResult Criteria::operator()(const LossInputs& inputs) {
  LossResult losses;
  const torch::Tensor& result = need(inputs.result, "result", "a loss");
  losses.total = torch::zeros({}, result.options());
  const auto add = [&](const char* name, double weight, const auto& make_loss) {
    if (weight <= 0) return;
    const torch::Tensor loss = make_loss();
    losses.total = losses.total + loss * weight;
    losses.parts[name] = loss.detach();
  };
  const auto compare = [&](const char* name, double weight,
                           const auto& make_loss) {
    add(name, weight,
        [&] { return make_loss(result, need(inputs.target, "target", name)); });
  };
  using In = const torch::Tensor&;
  compare("l2", weights_.l2, l2_loss);
  compare("l2_crop", weights_.l2_crop,
          [](In x, In y) { return l2_loss(face_crop(x), face_crop(y)); });
  compare("lpips", weights_.lpips,
          [&](In x, In y) { return lpips_loss(lpips_, x, y); });
  compare("lpips_crop", weights_.lpips_crop, [&](In x, In y) {
    return lpips_loss(lpips_, face_crop(x), face_crop(y));
  });
  compare("id", weights_.id, [&](In x, In y) { return id_loss(face_, x, y); });
  add("mask", weights_.mask, [&] {
    return mask_loss(parser_, result, need(inputs.classes, "classes", "mask"));
  });
  compare("mask_feat", weights_.mask_feat, [&](In x, In y) {
    return mask_feature_loss(parser_, x, y, weights_.mask_feat_layer);
  });
  compare("fac", weights_.fac,
          [&](In x, In y) { return fac_loss(attributes_, x, y); });
  add("w_norm", weights_.w_norm, [&] {
    const torch::Tensor& codes = need(inputs.codes, "codes", "w_norm");
    return w_norm_loss(codes, need(inputs.latent_avg, "latent_avg", "w_norm"));
  });
  compare("moco", weights_.moco,
          [&](In x, In y) { return moco_loss(moco_, x, y); });
  compare("perceptual", weights_.perceptual,
          [&](In x, In y) { return perceptual_loss(squeezenet_, x, y); });
  compare("perceptual_crop", weights_.perceptual_crop, [&](In x, In y) {
    return perceptual_loss(squeezenet_, features_crop(x), features_crop(y));
  });
  return losses;
}

}  // namespace limner::train
