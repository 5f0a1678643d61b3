#include "train/modules/labeler.h"

#include <fmt/format.h>

#include <cmath>

#include "sketch/point_sequence.h"
#include "util/error.h"

namespace limner::train {
namespace {

namespace nn = torch::nn;

constexpr int kWindow = 5;  // slots that a window along a stroke sees
constexpr double kAway = -1e4;

nn::LayerNorm layer_norm(int width) {
  return nn::LayerNorm(nn::LayerNormOptions({width}));
}

// [B, L, C] -> [B, L, 5 C]: each slot with the two before and after it.
torch::Tensor windows(const torch::Tensor& x) {
  const torch::Tensor padded = torch::constant_pad_nd(x, {0, 0, 2, 2});
  std::vector<torch::Tensor> shifted;
  for (int k = 0; k < kWindow; ++k) {
    shifted.push_back(padded.narrow(1, k, x.size(1)));
  }
  return torch::cat(shifted, 2);
}

}  // namespace

LabelerConfig read_labeler_config(const TensorMap& tensors,
                                  const std::string& prefix, int heads) {
  LabelerConfig config;
  config.heads = heads;
  config.width = static_cast<int>(
      tensors.at(prefix + "embed.weight", {-1, kPointFeatures}).shape[0]);
  config.classes = static_cast<int>(
      tensors.at(prefix + "final.weight", {-1, config.width}).shape[0]);
  config.blocks = 0;
  const auto name = [&](const char* part) {
    return fmt::format("{}block{}.{}", prefix, config.blocks, part);
  };
  while (tensors.has(name("gather.weight"))) {
    config.token = static_cast<int>(
        tensors.at(name("gather.weight"), {-1, 2 * config.width}).shape[0]);
    ++config.blocks;
  }
  if (config.blocks == 0) {
    fail("{}: weights '{}' of a stroke labeler are missing", tensors.source,
         name("gather.weight"));
  }
  if (heads < 1 || config.token % heads != 0) {
    fail("{}: {} channels cannot be shared by {} heads", tensors.source,
         config.token, heads);
  }
  return config;
}

LabelerBlockImpl::LabelerBlockImpl(const LabelerConfig& config)
    : heads_(config.heads) {
  const int width = config.width;
  const int token = config.token;
  norm_ = register_module("norm", layer_norm(width));
  window_ = register_module("window", nn::Linear(kWindow * width, width));
  out_ = register_module("out", nn::Linear(width, width));
  gather_ = register_module("gather", nn::Linear(2 * width, token));
  attend_norm_ = register_module("attend_norm", layer_norm(token));
  query_ = register_module("query_key_value", nn::Linear(token, 3 * token));
  attended_ = register_module("attended", nn::Linear(token, token));
  mix_norm_ = register_module("mix_norm", layer_norm(token));
  widen_ = register_module("widen", nn::Linear(token, 2 * token));
  narrow_ = register_module("narrow", nn::Linear(2 * token, token));
  spread_norm_ = register_module("spread_norm", layer_norm(token));
  spread_ = register_module("spread", nn::Linear(token, width));
}

torch::Tensor LabelerBlockImpl::forward(const torch::Tensor& points,
                                        torch::Tensor& tokens,
                                        const torch::Tensor& used,
                                        const torch::Tensor& away) {
  const int64_t batch = points.size(0);
  const int64_t length = points.size(1);
  const int64_t groups = length / kSlotGroup;
  torch::Tensor x =
      points + out_(torch::relu(window_(windows(norm_(points) * used)))) * used;

  const torch::Tensor grouped = x.view({batch, groups, kSlotGroup, -1});
  const torch::Tensor there = used.view({batch, groups, kSlotGroup, 1});
  const torch::Tensor mean =
      grouped.sum(2) / there.sum(2).clamp_min(1.0);  // empty slots hold 0
  const torch::Tensor max =
      (grouped + (there - 1.0) * -kAway).amax(2) * there.amax(2);
  tokens = tokens + gather_(torch::cat({mean, max}, 2));

  const torch::Tensor three = query_(attend_norm_(tokens))
                                  .view({batch, groups, 3, heads_, -1})
                                  .permute({2, 0, 3, 1, 4});
  const torch::Tensor query = three[0];
  const torch::Tensor key = three[1];
  const torch::Tensor scores =
      torch::matmul(query, key.transpose(2, 3)) /
          std::sqrt(static_cast<double>(query.size(3))) +
      away;
  const torch::Tensor seen = torch::matmul(torch::softmax(scores, 3), three[2])
                                 .transpose(1, 2)
                                 .reshape({batch, groups, -1});
  tokens = tokens + attended_(seen);
  tokens = tokens + narrow_(torch::relu(widen_(mix_norm_(tokens))));

  const torch::Tensor news = spread_(spread_norm_(tokens));
  return (x.view({batch, groups, kSlotGroup, -1}) + news.unsqueeze(2))
             .view({batch, length, -1}) *
         used;
}

LabelerImpl::LabelerImpl(const LabelerConfig& config) : config_(config) {
  embed_ = register_module("embed", nn::Linear(kPointFeatures, config.width));
  for (int i = 0; i < config.blocks; ++i) {
    blocks_.push_back(
        register_module(fmt::format("block{}", i), LabelerBlock(config)));
  }
  norm_ = register_module("norm", layer_norm(config.width));
  hidden_ = register_module("hidden", nn::Linear(config.width, config.width));
  final_ = register_module("final", nn::Linear(config.width, config.classes));
}

torch::Tensor LabelerImpl::forward(const torch::Tensor& features,
                                   const torch::Tensor& used) {
  if (features.dim() != 3 || features.size(2) != kPointFeatures ||
      features.size(1) % kSlotGroup != 0 ||
      used.sizes() != features.sizes().slice(0, 2)) {
    fail(
        "a stroke labeler got features of shape {} with places {}, expected "
        "[B, L, {}] with [B, L], L a multiple of {}",
        to_string(features.sizes().vec()), to_string(used.sizes().vec()),
        kPointFeatures, kSlotGroup);
  }
  const torch::Tensor column = used.unsqueeze(2);
  const torch::Tensor away =
      ((used.view({used.size(0), -1, kSlotGroup}).amax(2) - 1.0) * -kAway)
          .unsqueeze(1)
          .unsqueeze(1);
  torch::Tensor x = embed_(features) * column;
  torch::Tensor tokens = torch::zeros(
      {x.size(0), x.size(1) / kSlotGroup, config_.token}, x.options());
  for (LabelerBlock& block : blocks_) {
    x = block(x, tokens, column, away);
  }
  return final_(torch::relu(hidden_(norm_(x))));
}

}  // namespace limner::train
