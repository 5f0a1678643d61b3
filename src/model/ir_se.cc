#include "model/ir_se.h"

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
#include "util/error.h"

namespace limner {
namespace {

constexpr std::array<int, 4> kOfficialGroups = {3, 4, 14, 3};  // IR-SE 50
constexpr long long kMostUnits = 1000;

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

std::vector<float> gate_of(const Unit& unit, const FeatureMap& map) {
  std::vector<float> hidden = unit.squeeze.run(channel_means(map).data());
  leaky_relu(hidden, 0.0F, 1.0F);
  std::vector<float> gate = unit.excite.run(hidden.data());
  for (float& value : gate) value = 1.0F / (1.0F + std::exp(-value));
  return pad_channels(gate.data(), static_cast<int>(gate.size()));
}

}  // namespace

bool LayerPolicy::fast_for(const std::string& weight) const {
  if (!fast) return false;
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
  const bool narrow = policy.bf16 || stored == DType::kBF16;
  ConvOptions options;
  options.fast = policy.fast_for(weight);
  options.bf16 = options.fast && narrow && in >= kWide && computes_bf16();
  return options;
}

Affine load_batch_norm(const TensorMap& tensors, const std::string& name,
                       int channels, float epsilon) {
  const Shape shape = {channels};
  Affine norm{load_values(tensors, name + ".weight", shape),
              load_values(tensors, name + ".bias", shape)};
  const auto mean = load_values(tensors, name + ".running_mean", shape);
  const auto variance = load_values(tensors, name + ".running_var", shape);
  for (int c = 0; c < channels; ++c) {
    if (variance[c] < 0.0F) {
      fail("{}: {}.running_var has a negative value", tensors.source, name);
    }
    norm.a[c] /= std::sqrt(variance[c] + epsilon);
    norm.b[c] -= mean[c] * norm.a[c];
  }
  return norm;
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

struct IrSeBody::Layers {
  std::optional<Conv> input;
  std::vector<Unit> units;
  int inputs = 0;
  // By group: the index of the last unit, and the map that it makes.
  std::array<int, 4> last{}, channels{}, side{};
};

IrSeBody::IrSeBody(const TensorMap& tensors, const std::string& prefix,
                   int side, const LayerPolicy& policy)
    : layers_(std::make_unique<Layers>()) {
  Layers& net = *layers_;
  const Shape input =
      tensors.at(prefix + "input_layer.0.weight", {-1, -1, 3, 3}).shape;
  int channels = static_cast<int>(input[0]);
  net.inputs = static_cast<int>(input[1]);
  const auto slopes =
      load_values(tensors, prefix + "input_layer.2.weight", {channels});
  net.input = load_conv_norm(
      tensors, prefix + "input_layer.0", prefix + "input_layer.1",
      {net.inputs, channels, 3, 1, 1, side, side}, policy, slopes.data());

  const std::array<int, 4> groups = encoder_groups(tensors, prefix);
  for (size_t group = 0; group < groups.size(); ++group) {
    for (int i = 0; i < groups[group]; ++i) {
      const std::string name =
          fmt::format("{}body.{}", prefix, net.units.size());
      const Shape shape =
          tensors.at(name + ".res_layer.1.weight", {-1, channels, 3, 3}).shape;
      const int out = static_cast<int>(shape[0]);
      const int stride = i == 0 ? 2 : 1;
      net.units.push_back(
          load_unit(tensors, name, channels, out, stride, side, policy));
      channels = out;
      side /= stride;
    }
    net.last[group] = static_cast<int>(net.units.size()) - 1;
    net.channels[group] = channels;
    net.side[group] = side;
  }
}

IrSeBody::~IrSeBody() = default;
IrSeBody::IrSeBody(IrSeBody&&) noexcept = default;
IrSeBody& IrSeBody::operator=(IrSeBody&&) noexcept = default;

int IrSeBody::inputs() const { return layers_->inputs; }
int IrSeBody::channels(int group) const { return layers_->channels.at(group); }
int IrSeBody::side(int group) const { return layers_->side.at(group); }

BodyMaps IrSeBody::run(const FeatureMap& x, const std::array<bool, 5>& wanted,
                       Workspace& workspace, const Tap& tap) const {
  const Layers& net = *layers_;
  const auto show = [&](const std::string& name, const FeatureMap& map) {
    if (tap) tap(name, to_planar(map));
  };

  FeatureMap map = net.input->run(x, workspace);
  show("input_layer", map);

  FeatureMap normed =
      affine(map, net.units[0].norm_a, net.units[0].norm_b, workspace);
  BodyMaps maps;
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
    // The following unit's shortcut reads a map as `map`, so it changes hands
    // one unit later.
    const int before = static_cast<int>(i) - 1;
    for (size_t level = 0; level < 4; ++level) {
      const int made_by = level == 0 ? -1 : net.last[level - 1];
      if (before == made_by && wanted[level]) maps[level] = std::move(map);
    }
    map = std::move(result);
    show(fmt::format("body{}", i), map);
  }
  maps[4] = std::move(map);
  return maps;
}

}  // namespace limner
