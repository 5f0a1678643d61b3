#include "model/ir_se.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "nn/elementwise.h"
#include "nn/isa.h"
#include "nn/linear.h"
#include "util/error.h"

namespace limner {
namespace {

// Multiplies the kernels of each output channel by its scale.
void scale_outputs(std::vector<float>& weights,
                   const std::vector<float>& scale) {
  const size_t each = weights.size() / scale.size();
  for (size_t o = 0; o < scale.size(); ++o) {
    for (size_t i = o * each; i < (o + 1) * each; ++i) weights[i] *= scale[o];
  }
}

// A convolution without bias and the BatchNorm that follows, as one; then
// PReLU, unless slopes is null.
Conv load_conv_norm(const TensorMap& tensors, const ConvLayout& conv,
                    const NormLayout& norm, int stride, int side,
                    const LayerPolicy& policy, const float* slopes = nullptr) {
  auto weights = load_values(tensors, conv.weight);
  const Affine after = load_batch_norm(tensors, norm.name, norm.channels);
  scale_outputs(weights, after.a);
  ConvOptions options = conv_options(
      policy, conv.name, tensors.at(conv.weight.name).type, conv.in);
  options.slopes = slopes;
  const int pad = conv.kernel / 2;
  return {{conv.in, conv.out, conv.kernel, stride, pad, side, side},
          weights.data(),
          after.b.data(),
          options};
}

struct Unit {
  std::vector<float> norm_a, norm_b;  // padded
  Conv first;                         // with the PReLU
  Conv second;
  std::optional<Conv> shortcut;  // none: subsampling
  Linear squeeze, excite;
  int stride;
};

// A 1x1 convolution of a single pixel.
Linear load_pointwise(const TensorMap& tensors, const ConvLayout& conv) {
  return {conv.out, conv.in, load_values(tensors, conv.weight), 1.0F, {}};
}

Unit load_unit(const TensorMap& tensors, const UnitLayout& layout, int side,
               const LayerPolicy& policy) {
  const int in = layout.in;
  const int out = layout.out;
  const Affine norm = load_batch_norm(tensors, layout.norm.name, in);
  const auto first = load_values(tensors, layout.first.weight);
  const auto slope = load_values(tensors, layout.slopes);
  ConvOptions options = conv_options(
      policy, layout.first.name, tensors.at(layout.first.weight.name).type, in);
  options.slopes = slope.data();
  Unit unit{
      pad_channels(norm.a.data(), in),
      pad_channels(norm.b.data(), in),
      Conv({in, out, 3, 1, 1, side, side}, first.data(), nullptr, options),
      load_conv_norm(tensors, layout.second, layout.second_norm, layout.stride,
                     side, policy),
      std::nullopt,
      load_pointwise(tensors, layout.squeeze),
      load_pointwise(tensors, layout.excite),
      layout.stride};
  if (!layout.shortcut.name.empty()) {
    unit.shortcut =
        load_conv_norm(tensors, layout.shortcut, layout.shortcut_norm,
                       layout.stride, side, policy);
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

struct IrSeBody::Layers {
  std::optional<Conv> input;
  std::optional<SpotConv> spots;  // in its place
  std::vector<Unit> units;
  int inputs = 0;
  // By group: the index of the last unit, and the map that it makes.
  std::array<int, 4> last{}, channels{}, side{};
};

IrSeBody::IrSeBody(const TensorMap& tensors, const BodyLayout& layout, int side,
                   const LayerPolicy& policy, BodyInput input)
    : layers_(std::make_unique<Layers>()) {
  Layers& net = *layers_;
  net.inputs = layout.input.in;
  const auto slopes = load_values(tensors, layout.input_slopes);
  if (input == BodyInput::kSpots) {
    auto weights = load_values(tensors, layout.input.weight);
    const Affine after = load_batch_norm(tensors, layout.input_norm.name,
                                         layout.input_norm.channels);
    scale_outputs(weights, after.a);
    net.spots.emplace(layout.input.in, layout.input.out, weights.data(),
                      after.b.data(), slopes.data());
  } else {
    net.input = load_conv_norm(tensors, layout.input, layout.input_norm, 1,
                               side, policy, slopes.data());
  }
  for (size_t group = 0; group < layout.groups.size(); ++group) {
    for (const UnitLayout& unit : layout.groups[group]) {
      net.units.push_back(load_unit(tensors, unit, side, policy));
      side /= unit.stride;
    }
    net.last[group] = static_cast<int>(net.units.size()) - 1;
    net.channels[group] = layout.groups[group].back().out;
    net.side[group] = side;
  }
}

IrSeBody::~IrSeBody() = default;
IrSeBody::IrSeBody(IrSeBody&&) noexcept = default;
IrSeBody& IrSeBody::operator=(IrSeBody&&) noexcept = default;

int IrSeBody::inputs() const { return layers_->inputs; }
int IrSeBody::channels(int group) const { return layers_->channels.at(group); }
int IrSeBody::side(int group) const { return layers_->side.at(group); }

FeatureMap IrSeBody::enter(const FeatureMap& x, Workspace& workspace) const {
  if (!layers_->input) fail("these weights were loaded to read drawings alone");
  return layers_->input->run(x, workspace);
}

FeatureMap IrSeBody::enter(const SpotMap& x, Workspace& workspace) const {
  if (!layers_->spots) fail("these weights were loaded to read photos alone");
  return layers_->spots->run(x, workspace);
}

BodyMaps IrSeBody::run(FeatureMap entered, const std::array<bool, 5>& wanted,
                       Workspace& workspace, const Tap& tap) const {
  const Layers& net = *layers_;
  const auto show = [&](const std::string& name, const FeatureMap& map) {
    if (tap) tap(name, to_planar(map));
  };

  FeatureMap map = std::move(entered);
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
