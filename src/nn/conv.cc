// Everything that depends on oneDNN's interface is here and in isa.cc; what its
// versions say differently is in onednn.cc.
#include "nn/conv.h"

#include <algorithm>
#include <cstring>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "nn/isa.h"
#include "nn/onednn.h"
#include "nn/phase_winograd.h"
#include "nn/small_conv.h"
#include "nn/winograd.h"
#include "util/error.h"

namespace limner {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream& stream() {
  static thread_local dnnl::stream queue(cpu());
  return queue;
}

Tag blocked_tag() { return channel_block() == 16 ? Tag::nChw16c : Tag::nChw8c; }

memory::desc map_desc(int channels, int height, int width,
                      memory::data_type type = memory::data_type::f32) {
  return {{1, channels, height, width}, type, blocked_tag()};
}

size_t round_up(size_t bytes) { return (bytes + 63) / 64 * 64; }

// A primitive with its packed weights.
struct Layer final : PackedConv {
  dnnl::primitive primitive;
  dnnl::reorder narrow;  // input to bfloat16, where `source` is that
  bool narrows = false;
  dnnl::reorder block;  // result to channel blocks, where it comes by pixels
  bool blocks = false;
  memory::desc source, destination, scratchpad;
  memory weights, bias;
  bool has_bias = false;

  void run(const FeatureMap& in, const FeatureMap& out,
           Workspace& workspace) const override {
    const size_t pad_bytes = round_up(scratchpad.get_size());
    const size_t narrow_bytes = narrows ? round_up(source.get_size()) : 0;
    const size_t result_bytes = blocks ? destination.get_size() : 0;
    char* scratch = nullptr;
    if (pad_bytes + narrow_bytes + result_bytes > 0) {
      scratch = static_cast<char*>(
          workspace.scratch(pad_bytes + narrow_bytes + result_bytes));
    }
    memory input(source, cpu(), in.data());
    if (narrows) {
      memory wide(map_desc(in.channels(), in.height(), in.width()), cpu(),
                  in.data());
      input.set_data_handle(scratch + pad_bytes);
      narrow.execute(stream(), wide, input);
    }
    memory result(destination, cpu(),
                  blocks
                      ? static_cast<void*>(scratch + pad_bytes + narrow_bytes)
                      : out.data());
    std::unordered_map<int, memory> arguments = {{DNNL_ARG_SRC, input},
                                                 {DNNL_ARG_DST, result},
                                                 {DNNL_ARG_WEIGHTS, weights}};
    if (has_bias) arguments.emplace(DNNL_ARG_BIAS, bias);
    if (pad_bytes > 0) {
      arguments.emplace(DNNL_ARG_SCRATCHPAD,
                        memory(scratchpad, cpu(), scratch));
    }
    primitive.execute(stream(), arguments);
    if (blocks) {
      memory blocked(map_desc(out.channels(), out.height(), out.width()), cpu(),
                     out.data());
      block.execute(stream(), result, blocked);
    }
    stream().wait();
  }
};

// Copies plain weights into the layout that the primitive asked for.
memory pack(const memory::desc& plain, const float* values,
            const memory::desc& wanted) {
  memory from(plain, cpu(), const_cast<float*>(values));
  memory to(wanted, cpu());
  dnnl::reorder(from, to).execute(stream(), from, to);
  stream().wait();
  return to;
}

// The same weights with inputs of zeros up to a whole block of channels.
std::vector<float> pad_inputs(const ConvShape& shape, const float* weights) {
  const size_t taps = size_t{1} * shape.kernel * shape.kernel;
  const size_t each = shape.in * taps;
  const size_t wide = channel_block() * taps;
  std::vector<float> out(shape.out * wide);
  for (int o = 0; o < shape.out; ++o) {
    std::copy_n(weights + o * each, each,
                out.begin() + static_cast<int64_t>(o * wide));
  }
  return out;
}

memory copy_bias(const memory::desc& desc, const float* values) {
  memory bias(desc, cpu());
  std::memcpy(bias.get_data_handle(), values, desc.get_size());
  return bias;
}

// What goes in and comes out of a layer, and how it is changed around it.
void set_maps(const ConvShape& shape, const ConvOptions& options,
              memory::data_type type, Layer& layer) {
  const auto wide = map_desc(shape.in, shape.height, shape.width);
  const auto result =
      map_desc(shape.out, shape.out_height(), shape.out_width());
  layer.source = map_desc(shape.in, shape.height, shape.width, type);
  layer.destination = result;
  // oneDNN has matrix instructions (AMX) for maps that lie pixel by pixel.
  layer.blocks = layer.narrows && !options.accumulate && computes_tiles();
  if (layer.blocks) {
    layer.source = {{1, shape.in, shape.height, shape.width}, type, Tag::nhwc};
    layer.destination = {{1, shape.out, shape.out_height(), shape.out_width()},
                         memory::data_type::f32,
                         Tag::nhwc};
    layer.block = dnnl::reorder(
        dnnl::reorder::primitive_desc(cpu(), layer.destination, cpu(), result));
  }
  if (layer.narrows) {
    layer.narrow = dnnl::reorder(
        dnnl::reorder::primitive_desc(cpu(), wide, cpu(), layer.source));
  }
}

// By oneDNN; `winograd`: by its Winograd where it has one. `name` gets that of
// the primitive.
std::unique_ptr<PackedConv> layer_of(const ConvShape& shape,
                                     const float* weights, const float* bias,
                                     const ConvOptions& options, bool winograd,
                                     std::string& name) {
  auto owned = std::make_unique<Layer>();
  Layer& layer = *owned;
  layer.narrows = options.bf16 && computes_bf16();
  const auto type =
      layer.narrows ? memory::data_type::bf16 : memory::data_type::f32;
  set_maps(shape, options, type, layer);
  memory::dims dims = {shape.out, shape.in, shape.kernel, shape.kernel};
  std::vector<float> padded;  // in place of weights, unless empty
  const memory::desc wanted(dims, type, Tag::any);
  const memory::desc bias_desc({shape.out}, memory::data_type::f32, Tag::a);
  layer.has_bias = bias != nullptr;

  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  dnnl::post_ops after;
  if (options.accumulate) after.append_sum(1.0F);
  if (options.leaky_slope != 1.0F) {
    onednn::append_leaky_relu(after, options.leaky_slope);
  }
  attributes.set_post_ops(after);

  const memory::dims strides = {shape.stride, shape.stride};
  const memory::dims pads = {shape.row_pad(), shape.pad};
  const auto describe = [&](dnnl::algorithm algorithm,
                            const memory::desc& kernels) {
    return onednn::convolution({algorithm, layer.source, kernels,
                                layer.has_bias ? &bias_desc : nullptr,
                                layer.destination, strides, pads, attributes},
                               cpu());
  };
  dnnl::convolution_forward::primitive_desc chosen;
  bool found = false;
  if (winograd) {
    try {
      chosen = describe(dnnl::algorithm::convolution_winograd, wanted);
      found = true;
    } catch (const dnnl::error&) {
      // Not on this machine or not for this shape: direct below.
    }
  }
  try {
    if (!found) chosen = describe(dnnl::algorithm::convolution_direct, wanted);
    name = chosen.impl_info_str();
    if (shape.in < channel_block() && name.compare(0, 3, "ref") == 0) {
      // oneDNN has plain loops alone for a part of a block with AVX2. The lanes
      // beyond are zero.
      padded = pad_inputs(shape, weights);
      dims[1] = channel_block();
      layer.source = map_desc(channel_block(), shape.height, shape.width, type);
      chosen = describe(dnnl::algorithm::convolution_direct,
                        memory::desc(dims, type, Tag::any));
    }
    layer.primitive = dnnl::convolution_forward(chosen);
  } catch (const dnnl::error& error) {
    fail("oneDNN has no convolution {} -> {} at {}x{}: {}", shape.in, shape.out,
         shape.height, shape.width, error.what());
  }
  name = chosen.impl_info_str();
  layer.scratchpad = chosen.scratchpad_desc();
  layer.weights =
      pack({dims, memory::data_type::f32, Tag::oihw},
           padded.empty() ? weights : padded.data(), chosen.weights_desc());
  if (layer.has_bias) layer.bias = copy_bias(bias_desc, bias);
  return owned;
}

// Which algorithm is fastest for a shape, of those that the options allow.
ConvAlgorithm choose(const ConvShape& shape, const ConvOptions& options) {
  if (options.algorithm) return *options.algorithm;
  const int outputs = shape.out_height() * shape.out_width();
  if (!options.fast) return ConvAlgorithm::kDirect;
  // Found by `limner bench --roofline`. Ours fill two blocks of channels at a
  // time, and fetch weights ahead, which pays on large maps, and where weights
  // do not stay in the caches anyway.
  constexpr int kFewChannels = 16;
  constexpr int kCachedWeights = 96 * 96;
  constexpr int kSmallMap = 64 * 64;
  // With stride 1 Winograd's algorithm pays earlier.
  const int few_outputs = shape.stride == 1 ? 8 * 8 : 16 * 16;
  const int pairs = shape.in * shape.out;  // of channels
  if (outputs <= few_outputs && pairs > kCachedWeights && shape.kernel > 1) {
    return ConvAlgorithm::kSmall;
  }
  if (options.bf16 && computes_bf16()) return ConvAlgorithm::kDirect;
  if (shape.kernel != 3 || shape.pad != 1) return ConvAlgorithm::kDirect;
  if (shape.stride == 1) {
    // Of less than a block of channels oneDNN has no fast direct sums.
    if (shape.out <= kFewChannels && shape.in >= channel_block()) {
      return ConvAlgorithm::kDirect;
    }
    const bool cached =
        pairs <= kCachedWeights && shape.pad_rows && outputs <= kSmallMap;
    return cached ? ConvAlgorithm::kLibraryWinograd : ConvAlgorithm::kWinograd;
  }
  // With fewer outputs the products have too few rows to pay for reading four
  // times the weights.
  constexpr int kManyOutputs = 32 * 32;
  constexpr int kManyChannels = 64 * 64;
  const bool phase = shape.has_phases() && !options.accumulate &&
                     outputs >= kManyOutputs && pairs >= kManyChannels;
  return phase ? ConvAlgorithm::kPhaseWinograd : ConvAlgorithm::kDirect;
}

}  // namespace

std::vector<ConvAlgorithm> conv_algorithms(const ConvShape& shape) {
  std::vector<ConvAlgorithm> able = {ConvAlgorithm::kDirect};
  // Works with any map, but keeps all sums of a panel at once.
  constexpr int kMaxOutputs = 32 * 32;
  if (shape.out_height() * shape.out_width() <= kMaxOutputs) {
    able.push_back(ConvAlgorithm::kSmall);
  }
  if (shape.kernel != 3 || shape.pad != 1) return able;
  if (shape.stride == 1) {
    able.push_back(ConvAlgorithm::kLibraryWinograd);
    able.push_back(ConvAlgorithm::kWinograd);
  } else if (shape.has_phases()) {
    able.push_back(ConvAlgorithm::kPhaseWinograd);
  }
  return able;
}

std::vector<ConvAlgorithm> transposed_conv_algorithms() {
  return {ConvAlgorithm::kDirect, ConvAlgorithm::kPhaseWinograd};
}

Conv::Conv(const ConvShape& shape, const float* weights, const float* bias,
           const ConvOptions& options)
    : shape_(shape) {
  const ConvAlgorithm best = choose(shape, options);
  if (best == ConvAlgorithm::kWinograd) {
    packed_ = winograd_conv(shape, weights, bias, options);
    implementation_ = "winograd";
    return;
  }
  if (best == ConvAlgorithm::kSmall) {
    packed_ = small_conv(shape, weights, bias, options);
    implementation_ = "small";
    return;
  }
  if (options.slopes != nullptr) {
    slopes_ = pad_channels(options.slopes, shape.out);
  }
  if (best == ConvAlgorithm::kPhaseWinograd) {
    packed_ =
        phase_winograd(PhaseKind::kStrided, shape.in, shape.out, shape.height,
                       shape.width, weights, bias, options.leaky_slope);
    implementation_ = "phase_winograd";
    return;
  }
  packed_ = layer_of(shape, weights, bias, options,
                     best == ConvAlgorithm::kLibraryWinograd, implementation_);
}

TransposedConv::TransposedConv(int in, int out, int height, int width,
                               const float* weights, bool fast,
                               std::optional<ConvAlgorithm> algorithm)
    : shape_{in, out, 3, 2, 0, height, width} {
  // On small maps the ragged last tiles cost what the others save.
  constexpr int64_t kWorthwhileArea = 64 * 64;
  constexpr int64_t kWorthwhileWork = kWorthwhileArea * 64 * 64;
  const int64_t area = int64_t{1} * height * width;
  const bool worthwhile =
      fast && area >= kWorthwhileArea && area * in * out >= kWorthwhileWork;
  if (algorithm ? *algorithm == ConvAlgorithm::kPhaseWinograd : worthwhile) {
    packed_ = phase_winograd(PhaseKind::kTransposed, in, out, height, width,
                             weights, nullptr);
    implementation_ = "phase_winograd";
    return;
  }
  auto owned = std::make_unique<Layer>();
  Layer& layer = *owned;
  layer.source = map_desc(in, height, width);
  layer.destination = map_desc(out, 2 * height + 1, 2 * width + 1);
  const memory::dims dims = {out, in, 3, 3};
  const memory::desc wanted(dims, memory::data_type::f32, Tag::any);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const auto chosen =
      onednn::deconvolution({dnnl::algorithm::deconvolution_direct,
                             layer.source,
                             wanted,
                             nullptr,
                             layer.destination,
                             {2, 2},
                             {0, 0},
                             attributes},
                            cpu());
  layer.primitive = dnnl::deconvolution_forward(chosen);
  implementation_ = chosen.impl_info_str();
  layer.scratchpad = chosen.scratchpad_desc();
  layer.weights = pack({dims, memory::data_type::f32, Tag::oihw}, weights,
                       chosen.weights_desc());
  packed_ = std::move(owned);
}

}  // namespace limner
