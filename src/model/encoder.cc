#include "model/encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <utility>

#include "model/ir_se.h"
#include "model/live.h"
#include "nn/elementwise.h"
#include "nn/isa.h"
#include "nn/linear.h"
#include "util/error.h"

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

// Without the first convolution when that one is computed together with those
// of other heads.
Head load_head(const TensorMap& tensors, const std::string& prefix, int style,
               int width, int deepest_side, bool with_first,
               const LayerPolicy& policy) {
  const int count = encoder_head_convs(tensors, prefix, style);
  const std::string name = fmt::format("{}styles.{}.", prefix, style);
  const int level = encoder_head_level(style);
  int side = deepest_side << level;
  if (side != 1 << count) {
    fail("{}: head '{}' has {} convolutions, but reads a map of side {}",
         tensors.source, name, count, side);
  }
  Head head{level, {}, {}};
  for (int i = 0; i < count; ++i, side /= 2) {
    if (i == 0 && !with_first) continue;
    const std::string conv = fmt::format("{}convs.{}", name, 2 * i);
    auto weights = load_values(tensors, conv + ".weight", {width, width, 3, 3});
    const auto bias = load_values(tensors, conv + ".bias", {width});
    ConvShape shape{width, width, 3, 2, 1, side, side};
    if (side == 2) {
      // The single output pixel meets padding in the first row and column of
      // the kernel: the other four taps are all that counts.
      weights = lower_right_taps(weights);
      shape.kernel = 2;
      shape.pad = 0;
    }
    ConvOptions options =
        conv_options(policy, conv, tensors.at(conv + ".weight").type, width);
    options.leaky_slope = kHeadSlope;
    head.convs.emplace_back(shape, weights.data(), bias.data(), options);
  }
  const auto scale = 1.0F / std::sqrt(static_cast<float>(width));
  head.linear =
      Linear(width, width,
             load_values(tensors, name + "linear.weight", {width, width}),
             scale, load_values(tensors, name + "linear.bias", {width}));
  return head;
}

// The first convolutions of the heads [first, last), side by side.
Conv load_joined(const TensorMap& tensors, const std::string& prefix, int first,
                 int last, int width, int side) {
  std::vector<float> weights, biases;
  for (int style = first; style < last; ++style) {
    const std::string conv = fmt::format("{}styles.{}.convs.0", prefix, style);
    const auto part =
        load_values(tensors, conv + ".weight", {width, width, 3, 3});
    const auto bias = load_values(tensors, conv + ".bias", {width});
    weights.insert(weights.end(), part.begin(), part.end());
    biases.insert(biases.end(), bias.begin(), bias.end());
  }
  ConvOptions options;
  options.algorithm = ConvAlgorithm::kPhaseWinograd;
  options.leaky_slope = kHeadSlope;
  return {{width, width * (last - first), 3, 2, 1, side, side},
          weights.data(),
          biases.data(),
          options};
}

Conv load_lateral(const TensorMap& tensors, const std::string& name, int in,
                  int out, int side) {
  const auto weights = load_values(tensors, name + ".weight", {out, in, 1, 1});
  const auto bias = load_values(tensors, name + ".bias", {out});
  ConvOptions options;
  options.accumulate = true;
  return {{in, out, 1, 1, 0, side, side}, weights.data(), bias.data(), options};
}

}  // namespace

int encoder_head_convs(const TensorMap& tensors, const std::string& prefix,
                       int style) {
  const std::string head = fmt::format("{}styles.{}.convs.", prefix, style);
  int count = 0;
  while (tensors.has(fmt::format("{}{}.weight", head, 2 * count))) ++count;
  if (count == 0)
    fail("{}: weight '{}0.weight' is missing", tensors.source, head);
  return count;
}

int encoder_head_level(int style) { return style < 3 ? 0 : style < 7 ? 1 : 2; }

int encoder_input_side(const TensorMap& tensors, const std::string& prefix,
                       int style) {
  const int count = encoder_head_convs(tensors, prefix, style);
  const int halvings = count - encoder_head_level(style);  // of c3 to one pixel
  if (halvings < 1 || halvings > 6) {
    fail("{}: {}styles.{} has {} convolutions, which fits no map of an encoder",
         tensors.source, prefix, style, count);
  }
  return 16 << halvings;
}

struct Encoder::Layers {
  int side, width, first;
  std::optional<IrSeBody> body;
  std::optional<Conv> lateral1, lateral2;  // from c2, from c1
  std::vector<Head> heads;
  // The first convolutions of all heads that read p1, as one.
  std::optional<Conv> first_of_p1;
};

Encoder::Encoder(const TensorMap& tensors, const std::string& prefix, int first,
                 int last, const LayerPolicy& policy)
    : layers_(std::make_unique<Layers>()) {
  Layers& net = *layers_;
  net.side = encoder_input_side(tensors, prefix, first);
  net.first = first;
  net.body.emplace(tensors, prefix, net.side, policy);
  net.width = net.body->channels(3);
  const int side = net.body->side(3);

  // A PhaseWinograd pays where there are many outputs; it has no bfloat16.
  int joined = last;
  const auto joins = [&](int style) {
    const std::string conv = fmt::format("{}styles.{}.convs.0", prefix, style);
    const ConvOptions options = conv_options(
        policy, conv, tensors.at(conv + ".weight").type, net.width);
    return encoder_head_level(style) == 2 && options.fast && !options.bf16 &&
           net.width % channel_block() == 0;
  };
  while (joined > first && joins(joined - 1)) --joined;
  for (int style = first; style < last; ++style) {
    net.heads.push_back(load_head(tensors, prefix, style, net.width, side,
                                  style < joined, policy));
  }
  if (joined < last) {
    net.first_of_p1 =
        load_joined(tensors, prefix, joined, last, net.width, side * 4);
  }
  const int deepest = encoder_head_level(last - 1);
  if (deepest >= 1) {
    net.lateral1 = load_lateral(tensors, prefix + "latlayer1",
                                net.body->channels(2), net.width, side * 2);
  }
  if (deepest >= 2) {
    net.lateral2 = load_lateral(tensors, prefix + "latlayer2",
                                net.body->channels(1), net.width, side * 4);
  }
}

Encoder::~Encoder() = default;
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;

int Encoder::input_channels() const { return layers_->body->inputs(); }
int Encoder::input_side() const { return layers_->side; }
int Encoder::style_width() const { return layers_->width; }

int Encoder::map_channels(int level) const {
  return layers_->body->channels(std::max(0, level - 1));
}

std::vector<float> Encoder::run(const FeatureMap& x, Workspace& workspace,
                                const Tap& tap, BodyMaps* maps) const {
  const Layers& net = *layers_;
  const auto show = [&](const std::string& name, const FeatureMap& map) {
    if (tap) tap(name, to_planar(map));
  };

  const bool all = maps != nullptr;
  BodyMaps body = net.body->run(x,
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

  FeatureMap joined;
  if (net.first_of_p1) joined = net.first_of_p1->run(p1, workspace);
  const size_t alone = net.first_of_p1
                           ? net.heads.size() - joined.channels() / net.width
                           : net.heads.size();
  std::vector<float> codes;
  codes.reserve(net.heads.size() * net.width);
  for (size_t j = 0; j < net.heads.size(); ++j) {
    const Head& head = net.heads[j];
    const std::array<const FeatureMap*, 3> sources = {&c3, &p2, &p1};
    const int style = net.first + static_cast<int>(j);
    auto conv = head.convs.begin();
    FeatureMap down =
        j < alone
            ? (conv++)->run(*sources[head.level], workspace)
            : joined.slice(static_cast<int>(j - alone) * net.width, net.width);
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
