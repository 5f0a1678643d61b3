#include "train/modules/arcface.h"

#include <cmath>

#include "model/read_layout.h"
#include "train/modules/batch_norm.h"
#include "util/error.h"

namespace limner::train {
namespace {

namespace nn = torch::nn;

constexpr double kDropout = 0.6;  // in training only

}  // namespace

ArcFaceConfig read_arcface_config(const TensorMap& tensors) {
  ArcFaceConfig config;
  config.body = read_body_config(tensors, "");
  const Shape linear = tensors.at("output_layer.3.weight", {-1, -1}).shape;
  const int64_t pixels = linear[1] / config.body.widths[3];
  const auto deepest = std::lround(std::sqrt(static_cast<double>(pixels)));
  if (deepest * deepest * config.body.widths[3] != linear[1]) {
    fail(
        "{}: output_layer.3.weight reads {} numbers, expected a square times "
        "{} channels",
        tensors.source, linear[1], config.body.widths[3]);
  }
  config.side = static_cast<int>(deepest) * 16;
  config.width = static_cast<int>(linear[0]);
  return config;
}

ArcFaceImpl::ArcFaceImpl(const ArcFaceConfig& config) : config_(config) {
  if (config.side < 16 || config.side % 16 != 0) {
    fail("the face network reads a multiple of 16 px, got {}", config.side);
  }
  input_ = register_module("input_layer",
                           make_input_layer(3, config.body.widths[0]));
  body_ = register_module("body", IrSeBody(config.body));
  const int channels = config.body.widths[3];
  const int deepest = config.side / 16;
  output_ = register_module(
      "output_layer",
      nn::Sequential(BatchNorm2d(channels), nn::Dropout(kDropout),
                     nn::Flatten(),
                     nn::Linear(channels * deepest * deepest, config.width),
                     nn::BatchNorm1d(config.width)));
}

torch::Tensor ArcFaceImpl::forward(const torch::Tensor& x) {
  if (x.dim() != 4 || x.size(1) != 3 || x.size(2) != config_.side ||
      x.size(3) != config_.side) {
    fail("the face network got an input of shape {}, expected [B, 3, {}, {}]",
         to_string(x.sizes().vec()), config_.side, config_.side);
  }
  const torch::Tensor deepest = body_(input_->forward(x))[3];
  return nn::functional::normalize(
      output_->forward(deepest), nn::functional::NormalizeFuncOptions().dim(1));
}

}  // namespace limner::train
