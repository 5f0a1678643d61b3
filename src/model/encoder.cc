#include "model/encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <utility>

#include "model/live.h"
#include "nn/elementwise.h"
#include "nn/isa.h"
#include "nn/linear.h"
#include "nn/phase_winograd.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr std::array<int, 4> kOfficialGroups = {3, 4, 14, 3};  // IR-SE 50
constexpr long long kMostUnits = 1000;
constexpr float kBatchNormEpsilon = 1e-5F;
constexpr float kHeadSlope = 0.01F;

// A BatchNorm in inference as y = a x + b.
struct Affine {
  std::vector<float> a, b;
};

Affine load_batch_norm(const TensorMap& tensors, const std::string& name,
                       int channels) {
  const Shape shape = {channels};
  Affine norm{load_values(tensors, name + ".weight", shape),
              load_values(tensors, name + ".bias", shape)};
  const auto mean = load_values(tensors, name + ".running_mean", shape);
  const auto variance = load_values(tensors, name + ".running_var", shape);
  for (int c = 0; c < channels; ++c) {
    if (variance[c] < 0.0F) {
      fail("{}: {}.running_var has a negative value", tensors.source, name);
    }
    norm.a[c] /= std::sqrt(variance[c] + kBatchNormEpsilon);
    norm.b[c] -= mean[c] * norm.a[c];
  }
  return norm;
}

// Multiplies the kernels of each output channel by its scale.
void scale_outputs(std::vector<float>& weights,
                   const std::vector<float>& scale) {
  const size_t each = weights.size() / scale.size();
  for (size_t i = 0; i < weights.size(); ++i) weights[i] *= scale[i / each];
}

// A convolution without bias and the BatchNorm that follows, as one; then
// PReLU, unless slopes is null.
Conv load_conv_norm(const TensorMap& tensors, const std::string& conv,
                    const std::string& norm, const ConvShape& shape,
                    const LayerPolicy& policy, const float* slopes = nullptr) {
  auto weights = load_values(tensors, conv + ".weight",
                             {shape.out, shape.in, shape.kernel, shape.kernel});
  const Affine after = load_batch_norm(tensors, norm, shape.out);
  scale_outputs(weights, after.a);
  ConvOptions options =
      conv_options(policy, conv, tensors.at(conv + ".weight").type, shape.in);
  options.slopes = slopes;
  return {shape, weights.data(), after.b.data(), options};
}

struct Unit {
  std::vector<float> norm_a, norm_b;  // padded
  Conv first;                         // with the PReLU
  Conv second;
  std::optional<Conv> shortcut;  // none: subsampling
  Linear squeeze, excite;
  int stride;
};

Unit load_unit(const TensorMap& tensors, const std::string& name, int in,
               int out, int stride, int side, const LayerPolicy& policy) {
  const std::string res = name + ".res_layer.";
  const Affine norm = load_batch_norm(tensors, res + "0", in);
  const auto first = load_values(tensors, res + "1.weight", {out, in, 3, 3});
  const auto slope = load_values(tensors, res + "2.weight", {out});
  const Shape se = tensors.at(res + "5.fc1.weight", {-1, out, 1, 1}).shape;
  const int squeezed = static_cast<int>(se[0]);
  ConvOptions options =
      conv_options(policy, res + "1", tensors.at(res + "1.weight").type, in);
  options.slopes = slope.data();
  Unit unit{
      pad_channels(norm.a.data(), in),
      pad_channels(norm.b.data(), in),
      Conv({in, out, 3, 1, 1, side, side}, first.data(), nullptr, options),
      load_conv_norm(tensors, res + "3", res + "4",
                     {out, out, 3, stride, 1, side, side}, policy),
      std::nullopt,
      Linear(squeezed, out,
             load_values(tensors, res + "5.fc1.weight", {squeezed, out, 1, 1}),
             1.0F, {}),
      Linear(out, squeezed,
             load_values(tensors, res + "5.fc2.weight", {out, squeezed, 1, 1}),
             1.0F, {}),
      stride};
  if (tensors.has(name + ".shortcut_layer.0.weight")) {
    unit.shortcut = load_conv_norm(tensors, name + ".shortcut_layer.0",
                                   name + ".shortcut_layer.1",
                                   {in, out, 1, stride, 0, side, side}, policy);
  } else if (in != out) {
    fail("{}: weight '{}.shortcut_layer.0.weight' is missing", tensors.source,
         name);
  }
  return unit;
}

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
PhaseWinograd load_joined(const TensorMap& tensors, const std::string& prefix,
                          int first, int last, int width, int side) {
  std::vector<float> weights, biases;
  for (int style = first; style < last; ++style) {
    const std::string conv = fmt::format("{}styles.{}.convs.0", prefix, style);
    const auto part =
        load_values(tensors, conv + ".weight", {width, width, 3, 3});
    const auto bias = load_values(tensors, conv + ".bias", {width});
    weights.insert(weights.end(), part.begin(), part.end());
    biases.insert(biases.end(), bias.begin(), bias.end());
  }
  return {PhaseWinograd::Kind::kStrided,
          width,
          width * (last - first),
          side,
          side,
          weights.data(),
          biases.data(),
          kHeadSlope};
}

Conv load_lateral(const TensorMap& tensors, const std::string& name, int in,
                  int out, int side) {
  const auto weights = load_values(tensors, name + ".weight", {out, in, 1, 1});
  const auto bias = load_values(tensors, name + ".bias", {out});
  ConvOptions options;
  options.accumulate = true;
  return {{in, out, 1, 1, 0, side, side}, weights.data(), bias.data(), options};
}

std::vector<float> gate_of(const Unit& unit, const FeatureMap& map) {
  std::vector<float> hidden = unit.squeeze.run(channel_means(map).data());
  leaky_relu(hidden, 0.0F, 1.0F);
  std::vector<float> gate = unit.excite.run(hidden.data());
  for (float& value : gate) value = 1.0F / (1.0F + std::exp(-value));
  return pad_channels(gate.data(), static_cast<int>(gate.size()));
}

}  // namespace

bool LayerPolicy::winograd_for(const std::string& weight) const {
  if (!winograd) return false;
  for (const std::string& name : exact) {
    if (weight.compare(0, name.size(), name) == 0) return false;
  }
  return true;
}

ConvOptions conv_options(const LayerPolicy& policy, const std::string& weight,
                         DType stored, int in) {
  // Wide layers are most of the weights. A file that stores them in bfloat16
  // is meant to take half the memory.
  constexpr int kWide = 256;
  ConvOptions options;
  options.bf16 = stored == DType::kBF16 && in >= kWide;
  options.winograd = policy.winograd_for(weight);
  return options;
}

std::array<int, 4> encoder_groups(const TensorMap& tensors,
                                  const std::string& prefix) {
  const std::string body = prefix + "body.";
  int units = 0;
  for (auto it = tensors.tensors.lower_bound(body);
       it != tensors.tensors.end() &&
       it->first.compare(0, body.size(), body) == 0;
       ++it) {
    const long long unit =
        std::strtoll(it->first.c_str() + body.size(), nullptr, 10);
    units = std::max(units, static_cast<int>(std::min(unit, kMostUnits)) + 1);
  }
  std::vector<int> runs;  // units of one width after another
  int64_t width = 0;
  for (int unit = 0; unit < units; ++unit) {
    const std::string key = fmt::format("{}{}.res_layer.1.weight", body, unit);
    const Shape shape = tensors.at(key, {-1, -1, 3, 3}).shape;
    if (runs.empty() || shape[0] != width) runs.push_back(0);
    width = shape[0];
    ++runs.back();
  }
  std::array<int, 4> groups = kOfficialGroups;
  if (runs.size() == groups.size()) {
    std::copy(runs.begin(), runs.end(), groups.begin());
  } else if (units != std::accumulate(groups.begin(), groups.end(), 0)) {
    fail("{}: the {} units of '{}body' change their width {} times, expected 3",
         tensors.source, units, prefix,
         runs.empty() ? 0 : static_cast<int>(runs.size()) - 1);
  }
  return groups;
}

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
  int in, side, width, first;
  int c1, c2;  // the units whose outputs feed p1 and p2
  std::optional<Conv> input;
  std::vector<Unit> units;
  std::optional<Conv> lateral1, lateral2;  // from c2, from c1
  std::vector<Head> heads;
  // The first convolutions of all heads that read p1, as one.
  std::optional<PhaseWinograd> first_of_p1;
};

Encoder::Encoder(const TensorMap& tensors, const std::string& prefix, int first,
                 int last, const LayerPolicy& policy)
    : layers_(std::make_unique<Layers>()) {
  Layers& net = *layers_;
  const Shape input =
      tensors.at(prefix + "input_layer.0.weight", {-1, -1, 3, 3}).shape;
  int channels = static_cast<int>(input[0]);
  net.in = static_cast<int>(input[1]);
  net.side = encoder_input_side(tensors, prefix, first);
  net.first = first;
  int side = net.side;
  const auto slopes =
      load_values(tensors, prefix + "input_layer.2.weight", {channels});
  net.input = load_conv_norm(
      tensors, prefix + "input_layer.0", prefix + "input_layer.1",
      {net.in, channels, 3, 1, 1, side, side}, policy, slopes.data());

  int c1_channels = 0;
  int c2_channels = 0;
  const std::array<int, 4> groups = encoder_groups(tensors, prefix);
  net.c1 = groups[0] + groups[1] - 1;
  net.c2 = net.c1 + groups[2];
  for (const int group : groups) {
    for (int i = 0; i < group; ++i) {
      const auto index = static_cast<int>(net.units.size());
      const std::string name = fmt::format("{}body.{}", prefix, index);
      const Shape shape =
          tensors.at(name + ".res_layer.1.weight", {-1, channels, 3, 3}).shape;
      const int out = static_cast<int>(shape[0]);
      const int stride = i == 0 ? 2 : 1;
      net.units.push_back(
          load_unit(tensors, name, channels, out, stride, side, policy));
      channels = out;
      side /= stride;
      if (index == net.c1) c1_channels = channels;
      if (index == net.c2) c2_channels = channels;
    }
  }
  net.width = channels;

  // A PhaseWinograd pays where there are many outputs; it has no bfloat16.
  int joined = last;
  const auto joins = [&](int style) {
    const std::string conv = fmt::format("{}styles.{}.convs.0", prefix, style);
    return encoder_head_level(style) == 2 && policy.winograd_for(conv) &&
           net.width % channel_block() == 0 &&
           tensors.at(conv + ".weight").type != DType::kBF16;
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
    net.lateral1 = load_lateral(tensors, prefix + "latlayer1", c2_channels,
                                net.width, side * 2);
  }
  if (deepest >= 2) {
    net.lateral2 = load_lateral(tensors, prefix + "latlayer2", c1_channels,
                                net.width, side * 4);
  }
}

Encoder::~Encoder() = default;
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;

int Encoder::input_channels() const { return layers_->in; }
int Encoder::input_side() const { return layers_->side; }
int Encoder::style_width() const { return layers_->width; }

std::vector<float> Encoder::run(const FeatureMap& x, Workspace& workspace,
                                const Tap& tap) const {
  const Layers& net = *layers_;
  const auto show = [&](const std::string& name, const FeatureMap& map) {
    if (tap) tap(name, to_planar(map));
  };

  FeatureMap map = net.input->run(x, workspace);
  show("input_layer", map);

  FeatureMap normed =
      affine(map, net.units[0].norm_a, net.units[0].norm_b, workspace);
  FeatureMap c1, c2;
  for (size_t i = 0; i < net.units.size(); ++i) {
    const Unit& unit = net.units[i];
    FeatureMap hidden = unit.first.run(normed, workspace);
    FeatureMap result = unit.second.run(hidden, workspace);
    hidden = FeatureMap();
    const std::vector<float> gate = gate_of(unit, result);

    FeatureMap projected;
    if (unit.shortcut) projected = unit.shortcut->run(map, workspace);
    UnitTail tail;
    tail.gate = &gate;
    tail.shortcut = unit.shortcut ? &projected : &map;
    tail.step = unit.shortcut ? 1 : unit.stride;
    FeatureMap next;
    if (i + 1 < net.units.size()) {
      next = workspace.take(result.channels(), result.height(), result.width());
      tail.a = &net.units[i + 1].norm_a;
      tail.b = &net.units[i + 1].norm_b;
      tail.next = &next;
    }
    unit_tail(result, tail);
    normed = std::move(next);
    // c1 and c2 are kept for the pyramid; the following unit's shortcut reads
    // them as `map`, so they change hands one unit later.
    const int before = static_cast<int>(i) - 1;
    if (before == net.c1 && net.lateral2) c1 = std::move(map);
    if (before == net.c2 && net.lateral1) c2 = std::move(map);
    map = std::move(result);
    show(fmt::format("body{}", i), map);
  }
  const FeatureMap c3 = std::move(map);
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
  return codes;
}

}  // namespace limner
