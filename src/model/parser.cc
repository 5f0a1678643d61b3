#include "model/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "model/squeezenet.h"
#include "nn/conv.h"
#include "nn/elementwise.h"
#include "nn/isa.h"
#include "nn/pool.h"
#include "util/error.h"
#include "util/parallel.h"

namespace limner {
namespace {

constexpr float kBatchNormEpsilon = 1e-5F;
constexpr int kMaxLevels = 12;

// Weights of a convolution with its bias and the BatchNorm that follows.
struct Folded {
  std::vector<float> weights;  // [out, in, kernel, kernel]
  std::vector<float> bias;     // [out]
};

// The convolution has a bias of its own where its kernel is 3x3.
Folded load_folded(const TensorMap& tensors, const std::string& name, int out,
                   int in, int side = 3) {
  const Shape each = {out};
  Folded layer;
  layer.weights =
      load_values(tensors, name + ".0.weight", {out, in, side, side});
  layer.bias = side == 3 ? load_values(tensors, name + ".0.bias", each)
                         : std::vector<float>(out, 0.0F);
  const auto scale = load_values(tensors, name + ".1.weight", each);
  const auto shift = load_values(tensors, name + ".1.bias", each);
  const auto mean = load_values(tensors, name + ".1.running_mean", each);
  const auto variance = load_values(tensors, name + ".1.running_var", each);
  const size_t kernel = layer.weights.size() / out;
  for (int o = 0; o < out; ++o) {
    if (variance[o] < 0.0F) {
      fail("{}: {}.1.running_var has a negative value", tensors.source, name);
    }
    const float a = scale[o] / std::sqrt(variance[o] + kBatchNormEpsilon);
    for (size_t k = 0; k < kernel; ++k) layer.weights[o * kernel + k] *= a;
    layer.bias[o] = (layer.bias[o] - mean[o]) * a + shift[o];
  }
  return layer;
}

ConvOptions relu_options() {
  ConvOptions options;
  options.fast = true;
  options.leaky_slope = 0.0F;
  return options;
}

// Convolution, BatchNorm and ReLU.
Conv load_layer(const TensorMap& tensors, const std::string& name, int out,
                int in, int side) {
  const Folded layer = load_folded(tensors, name, out, in);
  return {{in, out, 3, 1, 1, side, side},
          layer.weights.data(),
          layer.bias.data(),
          relu_options()};
}

// Two of them: one level on the way down.
struct Level {
  Conv first, second;

  FeatureMap run(const FeatureMap& x, Workspace& workspace) const {
    return second.run(first.run(x, workspace), workspace);
  }
};

// One step of the way up. The two halves of the first layer's input come from
// different maps, so it is two convolutions into one.
struct Step {
  Conv enlarge;  // [in] -> [4 out]: every output pixel of 2x2 by itself
  Conv beside, below, second;
  std::vector<float> zeros;  // slopes of a ReLU, padded
  int channels;
};

Step load_step(const TensorMap& tensors, const std::string& name, int out,
               int in, int side) {
  // [in, out, 2, 2] -> [2, 2, out, in].
  const auto up = load_values(tensors, name + "up.weight", {in, out, 2, 2});
  const auto up_bias = load_values(tensors, name + "up.bias", {out});
  std::vector<float> enlarge(up.size());
  std::vector<float> enlarge_bias(static_cast<size_t>(4) * out);
  for (int p = 0; p < 4; ++p) {
    for (int o = 0; o < out; ++o) {
      enlarge_bias[p * out + o] = up_bias[o];
      for (int i = 0; i < in; ++i) {
        enlarge[(static_cast<size_t>(p) * out + o) * in + i] =
            up[(static_cast<size_t>(i) * out + o) * 4 + p];
      }
    }
  }
  const Folded both = load_folded(tensors, name + "conv.conv1", out, 2 * out);
  std::vector<float> beside, below;
  const size_t half = static_cast<size_t>(out) * 9;
  for (int o = 0; o < out; ++o) {
    const auto from = both.weights.begin() + static_cast<int64_t>(o * 2 * half);
    beside.insert(beside.end(), from, from + static_cast<int64_t>(half));
    below.insert(below.end(), from + static_cast<int64_t>(half),
                 from + static_cast<int64_t>(2 * half));
  }
  const ConvShape shape = {out, out, 3, 1, 1, side, side};
  ConvOptions first;
  first.fast = true;
  ConvOptions added = first;
  added.accumulate = true;
  return {Conv({in, 4 * out, 1, 1, 0, side / 2, side / 2}, enlarge.data(),
               enlarge_bias.data()),
          Conv(shape, beside.data(), both.bias.data(), first),
          Conv(shape, below.data(), nullptr, added),
          load_layer(tensors, name + "conv.conv2", out, out, side),
          pad_channels(std::vector<float>(out, 0.0F).data(), out),
          out};
}

// [4 C, h, w], phase by phase -> [C, 2h, 2w].
FeatureMap spread(const FeatureMap& phases, int channels,
                  Workspace& workspace) {
  const int lanes = channel_block();
  const int height = phases.height();
  const int width = phases.width();
  FeatureMap out = workspace.take(channels, 2 * height, 2 * width);
  // Where a phase begins within a block its channels fill two blocks in part.
  const auto value = [&](int channel, size_t pixel) {
    return phases.block(channel / lanes)[pixel * lanes + channel % lanes];
  };
  parallel_for(
      int64_t{1} * out.blocks() * 2 * height, 2 * width * lanes,
      [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
          const int block = static_cast<int>(row / (2 * height));
          const int y = static_cast<int>(row % (2 * height));
          float* to = out.block(block) + size_t{1} * y * 2 * width * lanes;
          for (int x = 0; x < 2 * width; ++x, to += lanes) {
            const int first = (y % 2 * 2 + x % 2) * channels + block * lanes;
            const size_t pixel = size_t{1} * (y / 2) * width + x / 2;
            if (channels % lanes == 0) {
              std::copy_n(phases.block(first / lanes) + pixel * lanes, lanes,
                          to);
              continue;
            }
            for (int lane = 0; lane < lanes; ++lane) {
              const bool used = block * lanes + lane < channels;
              to[lane] = used ? value(first + lane, pixel) : 0.0F;
            }
          }
        }
      });
  return out;
}

// Between planar [C, side, side] and [C fold^2, side/fold, side/fold]: calls
// visit(place in the one, place in the other) for every value.
template <typename Visit>
void for_folded(int channels, int side, int fold, const Visit& visit) {
  const int small = side / fold;
  size_t folded = 0;
  for (int c = 0; c < channels; ++c) {
    for (int phase = 0; phase < fold * fold; ++phase) {
      for (int y = phase / fold; y < side; y += fold) {
        const size_t row = (size_t{1} * c * side + y) * side + phase % fold;
        for (int x = 0; x < small; ++x) visit(row + x * fold, folded++);
      }
    }
  }
}

std::vector<float> fold_pixels(const std::vector<float>& planes, int channels,
                               int side, int fold) {
  std::vector<float> out(planes.size());
  for_folded(channels, side, fold,
             [&](size_t large, size_t small) { out[small] = planes[large]; });
  return out;
}

std::vector<float> unfold_pixels(const std::vector<float>& planes, int channels,
                                 int side, int fold) {
  std::vector<float> out(planes.size());
  for_folded(channels, side, fold,
             [&](size_t large, size_t small) { out[large] = planes[small]; });
  return out;
}

std::string name_of(size_t level) { return fmt::format("conv{}", level); }

}  // namespace

struct Parser::Layers {
  int side = 0;
  int fold = 1;
  std::vector<Level> down;  // from the picture to the deepest
  std::vector<Step> up;     // from the deepest to the picture
  std::optional<Conv> final;
  // A second way down, whose maps are added to those of the levels.
  struct Joint {
    size_t map, level;
    Conv to;
  };
  std::optional<SqueezeNet> context;
  std::vector<Joint> joints;

  // Reads `fold` of the weights, and checks that the side has so many levels.
  void set_sizes(const TensorMap& tensors, const std::string& prefix,
                 size_t levels);
  // widths: of each level.
  void load_levels(const TensorMap& tensors, const std::string& prefix,
                   const std::vector<int>& widths);
  void load_context(const TensorMap& tensors, const std::string& prefix,
                    const std::vector<int>& widths);

  // The maps of all levels, from planar RGB [3, side, side] to the deepest.
  std::vector<FeatureMap> encode(const std::vector<float>& picture,
                                 Workspace& workspace) const {
    if (picture.size() != static_cast<size_t>(3) * side * side) {
      fail("a parser got {} numbers, expected [3, {}, {}]", picture.size(),
           side, side);
    }
    std::vector<FeatureMap> seen;
    if (context) seen = context->run(picture, workspace);
    const int small = side / fold;
    FeatureMap map = from_planar(fold_pixels(picture, 3, side, fold).data(),
                                 3 * fold * fold, small, small, workspace);
    std::vector<FeatureMap> maps;
    for (size_t i = 0; i < down.size(); ++i) {
      if (i > 0) map = max_pool(maps.back(), 2, 2, workspace);
      maps.push_back(down[i].run(map, workspace));
      for (const Joint& joint : joints) {
        if (joint.level != i) continue;
        joint.to.run(seen[joint.map], maps.back(), workspace);
      }
    }
    return maps;
  }
};

void Parser::Layers::set_sizes(const TensorMap& tensors,
                               const std::string& prefix, size_t levels) {
  const Shape first = tensors.at(prefix + "conv1.conv1.0.weight").shape;
  while (3 * fold * fold < first[1] && fold < 16) {
    ++fold;
  }
  if (first[1] != int64_t{3} * fold * fold) {
    fail(
        "{}: '{}conv1.conv1.0.weight' reads {} channels, expected 3, 12, 27 ..",
        tensors.source, prefix, first[1]);
  }
  const int step = fold << (levels - 1);
  if (side < step || side > 4096 || side % step != 0) {
    fail(
        "{}: a parser of {} levels cannot read pictures of {} px, expected a "
        "multiple of {}",
        tensors.source, levels, side, step);
  }
}

void Parser::Layers::load_levels(const TensorMap& tensors,
                                 const std::string& prefix,
                                 const std::vector<int>& widths) {
  const size_t levels = widths.size();
  // Side by side: much of the time goes to making kernels, which is no loop.
  std::vector<std::optional<Level>> ways_down(levels);
  std::vector<std::optional<Step>> ways_up(levels - 1);
  std::vector<std::function<void()>> loading;
  for (size_t i = 0; i < levels; ++i) {
    loading.emplace_back([&, i] {
      const std::string name =
          prefix + (i + 1 < levels ? name_of(i + 1) : "center") + ".";
      const int in = i == 0 ? 3 * fold * fold : widths[i - 1];
      const int at = side / fold >> i;
      ways_down[i].emplace(
          Level{load_layer(tensors, name + "conv1", widths[i], in, at),
                load_layer(tensors, name + "conv2", widths[i], widths[i], at)});
    });
  }
  for (size_t i = levels - 1; i > 0; --i) {
    loading.emplace_back([&, i] {
      ways_up[levels - 1 - i].emplace(
          load_step(tensors, fmt::format("{}up_concat{}.", prefix, i),
                    widths[i - 1], widths[i], side / fold >> (i - 1)));
    });
  }
  run_tasks(loading);
  for (auto& level : ways_down) down.push_back(std::move(*level));
  for (auto& level : ways_up) up.push_back(std::move(*level));
  const int out = kClasses * fold * fold;
  const auto weights =
      load_values(tensors, prefix + "final.weight", {out, widths[0], 1, 1});
  const auto bias = load_values(tensors, prefix + "final.bias", {out});
  final.emplace(ConvShape{widths[0], out, 1, 1, 0, side / fold, side / fold},
                weights.data(), bias.data());
}

void Parser::Layers::load_context(const TensorMap& tensors,
                                  const std::string& prefix,
                                  const std::vector<int>& widths) {
  if (fold > 2) {
    fail("{}: a parser with a context network folds 1 or 2 pixels, got {}",
         tensors.source, fold);
  }
  context.emplace(tensors, prefix + "context.", side);
  ConvOptions added;
  added.accumulate = true;
  for (size_t map = 0; map < SqueezeNet::kChannels.size(); ++map) {
    // Its side is the picture's divided by 2^(map + 1).
    const size_t level = fold == 1 ? map + 1 : map;
    if (level >= widths.size()) break;
    const int from = SqueezeNet::kChannels[map];
    const int width = widths[level];
    const Folded to =
        load_folded(tensors, fmt::format("{}context_to{}", prefix, level + 1),
                    width, from, 1);
    const int level_side = side >> (map + 1);
    joints.push_back({map, level,
                      Conv({from, width, 1, 1, 0, level_side, level_side},
                           to.weights.data(), to.bias.data(), added)});
  }
}

Parser::Parser(const TensorMap& tensors, const std::string& prefix, int side)
    : layers_(new Layers) {
  layers_->side = side;
  std::vector<int> widths;
  const auto width_of = [&](const std::string& name) {
    return static_cast<int>(
        tensors.at(prefix + name + ".conv1.0.weight", {-1, -1, 3, 3}).shape[0]);
  };
  while (tensors.has(prefix + name_of(widths.size() + 1) + ".conv1.0.weight") &&
         widths.size() < kMaxLevels) {
    widths.push_back(width_of(name_of(widths.size() + 1)));
  }
  widths.push_back(width_of("center"));
  if (widths.size() < 2) {
    fail("{}: weight '{}conv1.conv1.0.weight' of a parser is missing",
         tensors.source, prefix);
  }
  layers_->set_sizes(tensors, prefix, widths.size());
  layers_->load_levels(tensors, prefix, widths);
  if (tensors.has(prefix + "context.conv1__w")) {
    layers_->load_context(tensors, prefix, widths);
  }
}

Parser::~Parser() = default;
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;

int Parser::side() const { return layers_->side; }

std::vector<float> Parser::run(const std::vector<float>& picture,
                               Workspace& workspace) const {
  std::vector<FeatureMap> skips = layers_->encode(picture, workspace);
  FeatureMap map = std::move(skips.back());
  skips.pop_back();
  for (const Step& step : layers_->up) {
    const FeatureMap below =
        spread(step.enlarge.run(map, workspace), step.channels, workspace);
    const FeatureMap sum = step.beside.run(skips.back(), workspace);
    step.below.run(below, sum, workspace);
    prelu(sum, step.zeros);
    skips.pop_back();
    map = step.second.run(sum, workspace);
  }
  const FeatureMap logits = layers_->final->run(map, workspace);
  return unfold_pixels(to_planar(logits), kClasses, layers_->side,
                       layers_->fold);
}

std::vector<float> Parser::features(const std::vector<float>& picture,
                                    Workspace& workspace) const {
  const FeatureMap map = std::move(layers_->encode(picture, workspace).back());
  std::vector<float> means = channel_means(map);
  means.resize(map.channels());
  return means;
}

}  // namespace limner
