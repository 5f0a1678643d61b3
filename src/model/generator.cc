#include "model/generator.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <utility>

#include "nn/conv.h"
#include "nn/elementwise.h"
#include "nn/isa.h"
#include "nn/linear.h"
#include "nn/styled.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr float kEpsilon = 1e-8F;
// Large maps are blurred, convolved and activated in bands of rows, which stay
// in the cache from one step to the next.
constexpr int kBandRows = 32;
constexpr int kBandedSide = 256;  // the smallest side that is

constexpr float kMappingRate = 0.01F;  // lr_mul of the mapping layers
const float kSqrt2 = std::sqrt(2.0F);

float inverse_root(int64_t fan_in) {
  return 1.0F / std::sqrt(static_cast<float>(fan_in));
}

Linear load_modulation(const TensorMap& tensors, const LinearLayout& layout) {
  return {layout.out, layout.in, load_values(tensors, layout.weight),
          inverse_root(layout.in), load_values(tensors, layout.bias)};
}

std::vector<float> padded(const std::vector<float>& values) {
  return pad_channels(values.data(), static_cast<int>(values.size()));
}

// A 4x4 filter as an outer product: [4] vertical, [4] horizontal.
std::array<float, 8> separate(const TensorMap& tensors,
                              const TensorLayout& filter) {
  const auto kernel = load_values(tensors, filter);
  float total = 0.0F;
  for (const float value : kernel) total += value;
  std::array<float, 8> parts{};
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) {
      parts[i] += kernel[i * 4 + j];
      parts[4 + j] += kernel[i * 4 + j] / total;
    }
  }
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) {
      const float error = parts[i] * parts[4 + j] - kernel[i * 4 + j];
      if (!(std::fabs(error) <= 1e-5F * std::fabs(total))) {
        fail("{}: filter '{}' is not separable", tensors.source, filter.name);
      }
    }
  }
  return parts;
}

// A modulated 3x3 convolution with what follows it.
struct StyledConv {
  int in, out, side;  // side of the result
  std::optional<Conv> conv;
  std::optional<Conv> band;  // `conv` for a band of rows, where that pays
  std::optional<TransposedConv> up;
  std::array<float, 8> blur{};
  Linear modulation;
  Linear energy;  // [out, in]: sum over the kernel of squared weights
  std::vector<float> bias, noise;
  float noise_weight;

  // [out] (padded): the factor that gives the result unit variance.
  std::vector<float> demodulation(const std::vector<float>& s) const {
    std::vector<float> squares(in);
    for (int i = 0; i < in; ++i) squares[i] = s[i] * s[i];
    std::vector<float> d = energy.run(squares.data());
    for (float& value : d) value = 1.0F / std::sqrt(value + kEpsilon);
    return padded(d);
  }
};

StyledConv load_styled(const TensorMap& tensors, const StyledLayout& layout,
                       const LayerPolicy& policy) {
  const ModulatedLayout& conv = layout.conv;
  const int side = layout.side;
  StyledConv layer{};
  layer.out = conv.out;
  layer.in = conv.in;
  layer.side = side;
  auto weights = load_values(tensors, conv.weight);
  const float scale = inverse_root(int64_t{9} * layer.in);
  std::vector<float> energy(static_cast<size_t>(layer.out) * layer.in);
  for (size_t i = 0; i < weights.size(); ++i) {
    weights[i] *= scale;
    energy[i / 9] += weights[i] * weights[i];
  }
  layer.energy = Linear(layer.out, layer.in, std::move(energy), 1.0F, {});
  if (!layout.blur.name.empty()) {
    layer.up.emplace(layer.in, layer.out, side / 2, side / 2, weights.data(),
                     policy.fast_for(conv.name));
    layer.blur = separate(tensors, layout.blur);
  } else {
    ConvOptions options;
    options.fast = policy.fast_for(conv.name);
    ConvShape whole{layer.in, layer.out, 3, 1, 1, side, side};
    layer.conv.emplace(whole, weights.data(), nullptr, options);
    if (side >= kBandedSide) {
      ConvShape band = whole;
      band.height = kBandRows + 2;
      band.pad_rows = false;
      layer.band.emplace(band, weights.data(), nullptr, options);
    }
  }
  layer.modulation = load_modulation(tensors, conv.modulation);
  layer.bias = padded(load_values(tensors, layout.bias));
  layer.noise = load_values(tensors, layout.noise);
  layer.noise_weight = load_values(tensors, layout.noise_weight)[0];
  return layer;
}

struct ToRgb {
  int in;
  std::vector<float> weights;  // [3, in], scaled
  std::vector<float> bias;     // [3]
  Linear modulation;
  std::array<float, 8> upsample{};

  // [3][in padded]: the modulated weights.
  std::vector<float> modulated(const std::vector<float>& s) const {
    std::vector<float> result;
    std::vector<float> row(in);
    for (int c = 0; c < 3; ++c) {
      for (int i = 0; i < in; ++i) row[i] = weights[c * in + i] * s[i];
      const std::vector<float> part = padded(row);
      result.insert(result.end(), part.begin(), part.end());
    }
    return result;
  }
};

ToRgb load_to_rgb(const TensorMap& tensors, const ColourLayout& layout) {
  ToRgb layer{};
  layer.in = layout.conv.in;
  layer.weights = load_values(tensors, layout.conv.weight);
  for (float& value : layer.weights) value *= inverse_root(layer.in);
  layer.bias = load_values(tensors, layout.bias);
  layer.modulation = load_modulation(tensors, layout.conv.modulation);
  if (!layout.upsample.name.empty()) {
    layer.upsample = separate(tensors, layout.upsample);
  }
  return layer;
}

}  // namespace

struct Mapping::Layers {
  int width;
  std::vector<Linear> linears;
};

Mapping::Mapping(const TensorMap& tensors, const GeneratorLayout& layout)
    : layers_(std::make_unique<Layers>()) {
  const int width = layout.config.style_width;
  layers_->width = width;
  for (const LinearLayout& layer : layout.mapping) {
    layers_->linears.emplace_back(
        width, width, load_values(tensors, layer.weight),
        kMappingRate * inverse_root(width), load_values(tensors, layer.bias),
        kMappingRate);
  }
}

Mapping::~Mapping() = default;
Mapping::Mapping(Mapping&&) noexcept = default;
Mapping& Mapping::operator=(Mapping&&) noexcept = default;

std::vector<float> Mapping::run(const float* z, const Tap& tap) const {
  std::vector<float> x(z, z + layers_->width);
  double squares = 0.0;
  for (const float value : x) squares += static_cast<double>(value) * value;
  const auto norm =
      static_cast<float>(1.0 / std::sqrt(squares / layers_->width + kEpsilon));
  for (float& value : x) value *= norm;
  if (tap) tap("pixelnorm", x);
  for (size_t i = 0; i < layers_->linears.size(); ++i) {
    x = layers_->linears[i].run(x.data());
    leaky_relu(x, 0.2F, kSqrt2);
    if (tap && i == 0) tap("fc1", x);
  }
  return x;
}

struct Synthesis::Layers {
  int width, channels;
  float sharpening;
  std::vector<float> constant;    // planar [channels, 4, 4]
  std::vector<StyledConv> convs;  // conv1, then two a resolution
  std::vector<ToRgb> to_rgbs;     // one a resolution
};

Synthesis::Synthesis(const TensorMap& tensors, const GeneratorLayout& layout,
                     const LayerPolicy& policy)
    : layers_(std::make_unique<Layers>()) {
  Layers& net = *layers_;
  net.channels = layout.config.channels.front();
  net.width = layout.config.style_width;
  net.sharpening = static_cast<float>(layout.config.sharpening);
  net.constant = load_values(tensors, layout.constant);
  for (const StyledLayout& conv : layout.convs) {
    net.convs.push_back(load_styled(tensors, conv, policy));
  }
  for (const ColourLayout& colours : layout.colours) {
    net.to_rgbs.push_back(load_to_rgb(tensors, colours));
  }
}

Synthesis::~Synthesis() = default;
Synthesis::Synthesis(Synthesis&&) noexcept = default;
Synthesis& Synthesis::operator=(Synthesis&&) noexcept = default;

int Synthesis::size() const { return layers_->convs.back().side; }

// What one convolution of a run needs beside its input.
struct Synthesis::Step {
  const StyledConv* conv;
  std::vector<float> demodulation, next_scale, rgb_weights;  // padded
  StyledTail tail;
};

std::unique_ptr<Synthesis::Step> Synthesis::prepare(
    const float* codes, size_t k, bool last, std::vector<float>& scale,
    std::vector<float>& rgb) const {
  // Convolution k reads code k, and so does the colour layer one before it:
  // conv1 0, to_rgb1 1, then resolution by resolution i, i + 1, i + 2.
  const Layers& net = *layers_;
  auto step = std::make_unique<Step>();
  const StyledConv& conv = net.convs[k];
  step->conv = &conv;
  step->demodulation = conv.demodulation(scale);
  StyledTail& tail = step->tail;
  tail.demodulation = &step->demodulation;
  tail.bias = &conv.bias;
  tail.noise = conv.noise.data();
  tail.noise_weight = conv.noise_weight;
  const float* next_code = codes + (k + 1) * net.width;
  if (!last) {
    scale = net.convs[k + 1].modulation.run(next_code);
    step->next_scale = padded(scale);
    tail.next_scale = &step->next_scale;
  }
  tail.keep = !last;
  if (k % 2 == 1) return step;

  // The last convolution at its resolution feeds the colours.
  const ToRgb& to_rgb = net.to_rgbs[k / 2];
  step->rgb_weights = to_rgb.modulated(to_rgb.modulation.run(next_code));
  if (k == 0) {
    rgb.resize(size_t{3} * 16);
    for (size_t i = 0; i < rgb.size(); ++i) rgb[i] = to_rgb.bias[i / 16];
  } else {
    rgb = upsample_skip(rgb, 3, conv.side / 2, conv.side / 2,
                        to_rgb.upsample.data(), to_rgb.bias.data());
  }
  tail.rgb_weights = &step->rgb_weights;
  tail.rgb = rgb.data();
  return step;
}

// Blur and both tails of a resolution around its second convolution, band by
// band. wide: the upsampling convolution's result [C, side + 1, side + 1].
FeatureMap Synthesis::run_bands(const FeatureMap& wide, const Step& first,
                                const Step& second, Workspace& workspace) {
  const StyledConv& conv = *second.conv;
  const int side = conv.side;
  FeatureMap out;
  if (second.tail.keep) out = workspace.take(conv.out, side, side);
  const FeatureMap in = workspace.take(conv.in, kBandRows + 2, side);
  const FeatureMap y = workspace.take(conv.out, kBandRows, side);
  for (int row = 0; row < side; row += kBandRows) {
    blur_styled_tail(wide, first.conv->blur.data(), first.tail, row - 1, in);
    conv.band->run(in, y, workspace);
    styled_tail(y, second.tail, {row, side}, second.tail.keep ? &out : nullptr);
  }
  return out;
}

std::vector<float> Synthesis::run(const float* codes,
                                  const std::vector<StructureMap>& maps,
                                  int stop_at, Workspace& workspace,
                                  const Tap& tap) const {
  const Layers& net = *layers_;
  // By resolution; what convolution 2i reads gets structure[i] added.
  std::vector<const StructureMap*> structure(net.to_rgbs.size(), nullptr);
  for (const StructureMap& map : maps) {
    const auto level = static_cast<size_t>(map.level);
    if (level >= structure.size() || map.side != net.convs[2 * level].side ||
        map.channels != net.convs[2 * level].in ||
        map.values.size() !=
            static_cast<size_t>(map.channels) * map.side * map.side) {
      fail(
          "a structure map of [{}, {}, {}] fits no map of this model's "
          "generator",
          map.channels, map.side, map.side);
    }
    structure[level] = &map;
  }
  const int last_side = stop_at == 0 ? size() : stop_at;
  const auto is_last = [&](size_t k) {
    return k % 2 == 0 && net.convs[k].side == last_side;
  };
  std::vector<float> scale = net.convs[0].modulation.run(codes);
  FeatureMap map =
      modulate(from_planar(net.constant.data(), net.channels, 4, 4, workspace),
               padded(scale), workspace);
  std::vector<float> rgb;
  for (size_t k = 0;; ++k) {
    const bool last = is_last(k);
    if (k % 2 == 0 && structure[k / 2] != nullptr) {
      const StructureMap& added = *structure[k / 2];
      add_scaled(map,
                 from_planar(added.values.data(), added.channels, added.side,
                             added.side, workspace),
                 padded(scale));
    }
    auto step = prepare(codes, k, last, scale, rgb);
    const StyledConv& conv = *step->conv;
    if (tap) {
      // Shown before it is modulated for the next layer.
      step->tail.next_scale = nullptr;
      step->tail.keep = true;
    }
    if (conv.up) {
      const FeatureMap wide = conv.up->run(map, workspace);
      if (net.convs[k + 1].band && structure[k / 2 + 1] == nullptr && !tap) {
        ++k;
        const auto second = prepare(codes, k, is_last(k), scale, rgb);
        map = run_bands(wide, *step, *second, workspace);
        if (is_last(k)) break;
        continue;
      }
      map = blur_styled_tail(wide, conv.blur.data(), step->tail, workspace);
    } else {
      map = conv.conv->run(map, workspace);
      styled_tail(map, step->tail);
    }
    if (tap) {
      tap(fmt::format("g.{}.conv{}", conv.side, k % 2 == 0 ? 1 : 0),
          to_planar(map));
      if (k % 2 == 0) tap(fmt::format("g.{}.rgb", conv.side), rgb);
      if (!last) map = modulate(map, step->next_scale, workspace);
    }
    if (last) break;
  }
  if (net.sharpening > 0 && last_side == size()) {
    sharpen(rgb, 3, last_side, last_side, net.sharpening);
  }
  return rgb;
}

}  // namespace limner
