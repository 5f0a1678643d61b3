#include "model/encoder.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "model/ir_se.h"
#include "nn/elementwise.h"
#include "nn/isa.h"
#include "nn/linear.h"

namespace limner {
namespace {

constexpr float kHeadSlope = 0.01F;

struct Head {
  int level;  // 0: from c3, 1: from p2, 2: from p1
  std::vector<Conv> convs;
  Linear linear;
};

// [.., 3, 3] -> [.., 2, 2].
std::vector<float> lower_right_taps(const std::vector<float>& weights) {
  std::vector<float> taps;
  taps.reserve(weights.size() / 9 * 4);
  for (size_t i = 0; i < weights.size(); i += 9) {
    for (const int tap : {4, 5, 7, 8}) taps.push_back(weights[i + tap]);
  }
  return taps;
}

// Reads a map of `side`. Without the first convolution when that one is
// computed together with those of other heads.
Head load_head(const TensorMap& tensors, const HeadLayout& layout, int side,
               bool with_first, const LayerPolicy& policy) {
  Head head{layout.level, {}, {}};
  for (const ConvLayout& conv : layout.convs) {
    const bool skipped = &conv == &layout.convs.front() && !with_first;
    const int from = side;
    side /= 2;
    if (skipped) continue;
    auto weights = load_values(tensors, conv.weight);
    const auto bias = load_values(tensors, conv.bias);
    ConvShape shape{conv.in, conv.out, conv.kernel, 2, 1, from, from};
    if (from == 2) {
      // The single output pixel meets padding in the first row and column of
      // the kernel: the other four taps are all that counts.
      weights = lower_right_taps(weights);
      shape.kernel = 2;
      shape.pad = 0;
    }
    ConvOptions options = conv_options(
        policy, conv.name, tensors.at(conv.weight.name).type, conv.in);
    options.leaky_slope = kHeadSlope;
    head.convs.emplace_back(shape, weights.data(), bias.data(), options);
  }
  const int width = layout.linear.in;
  const auto scale = 1.0F / std::sqrt(static_cast<float>(width));
  head.linear = Linear(layout.linear.out, width,
                       load_values(tensors, layout.linear.weight), scale,
                       load_values(tensors, layout.linear.bias));
  return head;
}

// The first convolutions of the heads from number `first` on, side by side.
Conv load_joined(const TensorMap& tensors, const std::vector<HeadLayout>& heads,
                 size_t first, int side) {
  std::vector<float> weights, biases;
  for (size_t i = first; i < heads.size(); ++i) {
    const ConvLayout& conv = heads[i].convs.front();
    const auto part = load_values(tensors, conv.weight);
    const auto bias = load_values(tensors, conv.bias);
    weights.insert(weights.end(), part.begin(), part.end());
    biases.insert(biases.end(), bias.begin(), bias.end());
  }
  // On small maps there are too few tiles to pay for four times the weights.
  constexpr int kSmallSide = 32;
  ConvOptions options;
  options.fast = true;
  options.algorithm = side <= kSmallSide ? ConvAlgorithm::kSmall
                                         : ConvAlgorithm::kPhaseWinograd;
  options.leaky_slope = kHeadSlope;
  const int width = heads[first].convs.front().in;
  const auto outputs = static_cast<int>(biases.size());
  return {{width, outputs, 3, 2, 1, side, side},
          weights.data(),
          biases.data(),
          options};
}

Conv load_lateral(const TensorMap& tensors, const ConvLayout& conv, int side) {
  const auto weights = load_values(tensors, conv.weight);
  const auto bias = load_values(tensors, conv.bias);
  ConvOptions options;
  options.accumulate = true;
  return {{conv.in, conv.out, 1, 1, 0, side, side},
          weights.data(),
          bias.data(),
          options};
}

}  // namespace

struct Encoder::Layers {
  EncoderConfig config;
  std::optional<IrSeBody> body;
  std::optional<Conv> lateral1, lateral2;  // from c2, from c1
  std::vector<Head> heads;
  // The first convolutions of all heads that read p1, as one.
  std::optional<Conv> first_of_p1;
};

Encoder::Encoder(const TensorMap& tensors, const EncoderLayout& layout,
                 const LayerPolicy& policy, BodyInput input)
    : layers_(std::make_unique<Layers>()) {
  Layers& net = *layers_;
  net.config = layout.config;
  net.body.emplace(tensors, layout.body, net.config.side, policy, input);
  const int side = net.body->side(3);

  // A PhaseWinograd pays where there are many outputs; it has no bfloat16.
  const auto joins = [&](const HeadLayout& head) {
    const ConvLayout& conv = head.convs.front();
    const ConvOptions options = conv_options(
        policy, conv.name, tensors.at(conv.weight.name).type, conv.in);
    return head.level == 2 && options.fast && !options.bf16 &&
           conv.in % channel_block() == 0;
  };
  size_t joined = layout.heads.size();
  while (joined > 0 && joins(layout.heads[joined - 1])) --joined;
  for (size_t i = 0; i < layout.heads.size(); ++i) {
    const HeadLayout& head = layout.heads[i];
    net.heads.push_back(
        load_head(tensors, head, side << head.level, i < joined, policy));
  }
  if (joined < layout.heads.size()) {
    net.first_of_p1 = load_joined(tensors, layout.heads, joined, side * 4);
  }
  if (!layout.lateral1.name.empty()) {
    net.lateral1 = load_lateral(tensors, layout.lateral1, side * 2);
  }
  if (!layout.lateral2.name.empty()) {
    net.lateral2 = load_lateral(tensors, layout.lateral2, side * 4);
  }
}

Encoder::~Encoder() = default;
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;

const EncoderConfig& Encoder::config() const { return layers_->config; }

std::vector<float> Encoder::run(const FeatureMap& x, Workspace& workspace,
                                const Tap& tap, BodyMaps* maps) const {
  return go_on(layers_->body->enter(x, workspace), workspace, tap, maps);
}

std::vector<float> Encoder::run(const SpotMap& x, Workspace& workspace,
                                const Tap& tap, BodyMaps* maps) const {
  return go_on(layers_->body->enter(x, workspace), workspace, tap, maps);
}

std::vector<float> Encoder::go_on(FeatureMap entered, Workspace& workspace,
                                  const Tap& tap, BodyMaps* maps) const {
  const Layers& net = *layers_;
  const auto show = [&](const std::string& name, const FeatureMap& map) {
    if (tap) tap(name, to_planar(map));
  };

  const bool all = maps != nullptr;
  BodyMaps body = net.body->run(std::move(entered),
                                {all, all, all || net.lateral2.has_value(),
                                 all || net.lateral1.has_value(), true},
                                workspace, tap);
  const FeatureMap& c1 = body[2];
  const FeatureMap& c2 = body[3];
  const FeatureMap& c3 = body[4];
  if (tap) {
    show("c3", c3);
    if (net.lateral2) show("c1", c1);
    if (net.lateral1) show("c2", c2);
  }

  FeatureMap p2, p1;
  if (net.lateral1) {
    p2 = upsample_bilinear(c3, c2.height(), c2.width(), workspace);
    net.lateral1->run(c2, p2, workspace);
    show("p2", p2);
  }
  if (net.lateral2) {
    p1 = upsample_bilinear(p2, c1.height(), c1.width(), workspace);
    net.lateral2->run(c1, p1, workspace);
    show("p1", p1);
  }

  const int width = net.config.style_width();
  FeatureMap joined;
  if (net.first_of_p1) joined = net.first_of_p1->run(p1, workspace);
  const size_t alone = net.first_of_p1
                           ? net.heads.size() - joined.channels() / width
                           : net.heads.size();
  std::vector<float> codes;
  codes.reserve(net.heads.size() * width);
  for (size_t j = 0; j < net.heads.size(); ++j) {
    const Head& head = net.heads[j];
    const std::array<const FeatureMap*, 3> sources = {&c3, &p2, &p1};
    const int style = net.config.first + static_cast<int>(j);
    auto conv = head.convs.begin();
    FeatureMap down =
        j < alone ? (conv++)->run(*sources[head.level], workspace)
                  : joined.slice(static_cast<int>(j - alone) * width, width);
    show(fmt::format("style{}_conv0", style), down);
    for (; conv != head.convs.end(); ++conv) down = conv->run(down, workspace);
    const std::vector<float> code = head.linear.run(down.data());
    if (tap) tap(fmt::format("style{}", style), code);
    codes.insert(codes.end(), code.begin(), code.end());
  }
  if (all) *maps = std::move(body);
  return codes;
}

}  // namespace limner
