// Everything that depends on oneDNN's interface (2.6 to 3.x differ) is here
// and in isa.cc.
#include "nn/conv.h"

#include <cstring>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "nn/elementwise.h"
#include "nn/isa.h"
#include "nn/phase_winograd.h"
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
struct Layer {
  dnnl::primitive primitive;
  dnnl::reorder narrow;  // input to bfloat16, where `source` is that
  bool narrows = false;
  memory::desc source, destination, scratchpad;
  memory weights, bias;
  bool has_bias = false;
  std::string implementation;

  void run(const FeatureMap& in, const FeatureMap& out,
           Workspace& workspace) const {
    const size_t pad_bytes = round_up(scratchpad.get_size());
    const size_t narrow_bytes = narrows ? source.get_size() : 0;
    char* scratch = nullptr;
    if (pad_bytes + narrow_bytes > 0) {
      scratch = static_cast<char*>(workspace.scratch(pad_bytes + narrow_bytes));
    }
    memory input(source, cpu(), in.data());
    if (narrows) {
      memory wide(map_desc(in.channels(), in.height(), in.width()), cpu(),
                  in.data());
      input.set_data_handle(scratch + pad_bytes);
      narrow.execute(stream(), wide, input);
    }
    std::unordered_map<int, memory> arguments = {
        {DNNL_ARG_SRC, input},
        {DNNL_ARG_DST, memory(destination, cpu(), out.data())},
        {DNNL_ARG_WEIGHTS, weights}};
    if (has_bias) arguments.emplace(DNNL_ARG_BIAS, bias);
    if (pad_bytes > 0) {
      arguments.emplace(DNNL_ARG_SCRATCHPAD,
                        memory(scratchpad, cpu(), scratch));
    }
    primitive.execute(stream(), arguments);
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

memory copy_bias(const memory::desc& desc, const float* values) {
  memory bias(desc, cpu());
  std::memcpy(bias.get_data_handle(), values, desc.get_size());
  return bias;
}

enum class Algorithm { kDirect, kLibraryWinograd, kWinograd, kPhaseWinograd };

// Which algorithm is fastest for a shape, of those that the options allow.
Algorithm choose(const ConvShape& shape, const ConvOptions& options) {
  const int outputs = shape.out_height() * shape.out_width();
  const bool narrows = options.bf16 && computes_bf16();
  if (!options.winograd || narrows || shape.kernel != 3 || shape.pad != 1) {
    return Algorithm::kDirect;
  }
  if (shape.stride == 1) {
    // On the smallest maps reading the weights is all that counts, and
    // oneDNN's F(2x2, 3x3) has the fewest of them.
    constexpr int kSmallest = 8 * 8;
    return outputs > kSmallest ? Algorithm::kWinograd
                               : Algorithm::kLibraryWinograd;
  }
  // With fewer outputs the products have too few rows to pay for reading four
  // times the weights.
  constexpr int kManyOutputs = 32 * 32;
  const bool phase = shape.stride == 2 && shape.pad_rows &&
                     shape.height % 2 == 0 && shape.width % 2 == 0 &&
                     !options.accumulate && outputs >= kManyOutputs;
  return phase ? Algorithm::kPhaseWinograd : Algorithm::kDirect;
}

}  // namespace

struct Conv::Packed {
  ConvShape shape;
  // In place of the layer:
  std::optional<PhaseWinograd> phase;
  std::optional<Winograd> winograd;
  Layer layer;
  std::vector<float> slopes;  // padded; after phase or layer, unless empty
};

Conv::Conv(const ConvShape& shape, const float* weights, const float* bias,
           const ConvOptions& options)
    : packed_(std::make_unique<Packed>()) {
  packed_->shape = shape;
  Layer& layer = packed_->layer;
  const Algorithm best = choose(shape, options);
  if (best == Algorithm::kWinograd) {
    packed_->winograd.emplace(shape, weights, bias, options);
    layer.implementation = "winograd";
    return;
  }
  if (options.slopes != nullptr) {
    packed_->slopes = pad_channels(options.slopes, shape.out);
  }
  if (best == Algorithm::kPhaseWinograd) {
    packed_->phase.emplace(PhaseWinograd::Kind::kStrided, shape.in, shape.out,
                           shape.height, shape.width, weights, bias,
                           options.leaky_slope);
    layer.implementation = "phase_winograd";
    return;
  }
  layer.narrows = options.bf16 && computes_bf16();
  const auto type =
      layer.narrows ? memory::data_type::bf16 : memory::data_type::f32;
  const auto wide = map_desc(shape.in, shape.height, shape.width);
  layer.source = map_desc(shape.in, shape.height, shape.width, type);
  if (layer.narrows) {
    layer.narrow = dnnl::reorder(
        dnnl::reorder::primitive_desc(cpu(), wide, cpu(), layer.source));
  }
  layer.destination =
      map_desc(shape.out, shape.out_height(), shape.out_width());
  const memory::dims dims = {shape.out, shape.in, shape.kernel, shape.kernel};
  const memory::desc wanted(dims, type, Tag::any);
  const memory::desc bias_desc({shape.out}, memory::data_type::f32, Tag::a);
  layer.has_bias = bias != nullptr;

  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  dnnl::post_ops after;
  if (options.accumulate) after.append_sum(1.0F);
  if (options.leaky_slope != 1.0F) {
    after.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu,
                         options.leaky_slope, 0.0F);
  }
  attributes.set_post_ops(after);

  const memory::dims strides = {shape.stride, shape.stride};
  const memory::dims pads = {shape.row_pad(), shape.pad};
  const auto describe = [&](dnnl::algorithm algorithm) {
    using Forward = dnnl::convolution_forward;
    const auto kind = dnnl::prop_kind::forward_inference;
    const auto desc =
        layer.has_bias
            ? Forward::desc(kind, algorithm, layer.source, wanted, bias_desc,
                            layer.destination, strides, pads, pads)
            : Forward::desc(kind, algorithm, layer.source, wanted,
                            layer.destination, strides, pads, pads);
    return Forward::primitive_desc(desc, attributes, cpu());
  };
  dnnl::convolution_forward::primitive_desc chosen;
  bool found = false;
  if (best == Algorithm::kLibraryWinograd) {
    try {
      chosen = describe(dnnl::algorithm::convolution_winograd);
      found = true;
    } catch (const dnnl::error&) {
      // Not on this machine or not for this shape: direct below.
    }
  }
  try {
    if (!found) chosen = describe(dnnl::algorithm::convolution_direct);
    layer.primitive = dnnl::convolution_forward(chosen);
  } catch (const dnnl::error& error) {
    fail("oneDNN has no convolution {} -> {} at {}x{}: {}", shape.in, shape.out,
         shape.height, shape.width, error.what());
  }
  layer.implementation = chosen.impl_info_str();
  layer.scratchpad = chosen.scratchpad_desc();
  layer.weights = pack({dims, memory::data_type::f32, Tag::oihw}, weights,
                       chosen.weights_desc());
  if (layer.has_bias) layer.bias = copy_bias(bias_desc, bias);
}

Conv::~Conv() = default;
Conv::Conv(Conv&&) noexcept = default;
Conv& Conv::operator=(Conv&&) noexcept = default;

const char* Conv::implementation() const {
  return packed_->layer.implementation.c_str();
}

void Conv::run(const FeatureMap& in, const FeatureMap& out,
               Workspace& workspace) const {
  if (packed_->winograd) {
    packed_->winograd->run(in, out, workspace);
  } else if (packed_->phase) {
    packed_->phase->run(in, out, workspace);
  } else {
    packed_->layer.run(in, out, workspace);
  }
  if (!packed_->slopes.empty()) prelu(out, packed_->slopes);
}

FeatureMap Conv::run(const FeatureMap& in, Workspace& workspace) const {
  const ConvShape& shape = packed_->shape;
  FeatureMap out =
      workspace.take(shape.out, shape.out_height(), shape.out_width());
  run(in, out, workspace);
  return out;
}

struct TransposedConv::Packed {
  int out, height, width;
  std::optional<PhaseWinograd> phase;  // in place of the layer
  Layer layer;
};

TransposedConv::TransposedConv(int in, int out, int height, int width,
                               const float* weights, bool winograd)
    : packed_(std::make_unique<Packed>()) {
  // On small maps the ragged last tiles cost what the others save.
  constexpr int kWorthwhileSide = 64;
  if (winograd && height >= kWorthwhileSide && width >= kWorthwhileSide) {
    packed_->phase.emplace(PhaseWinograd::Kind::kTransposed, in, out, height,
                           width, weights, nullptr);
    return;
  }
  packed_->out = out;
  packed_->height = 2 * height + 1;
  packed_->width = 2 * width + 1;
  Layer& layer = packed_->layer;
  layer.source = map_desc(in, height, width);
  layer.destination = map_desc(out, packed_->height, packed_->width);
  const memory::dims dims = {out, in, 3, 3};
  const memory::desc wanted(dims, memory::data_type::f32, Tag::any);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  using Forward = dnnl::deconvolution_forward;
  const Forward::desc desc(dnnl::prop_kind::forward_inference,
                           dnnl::algorithm::deconvolution_direct, layer.source,
                           wanted, layer.destination, memory::dims{2, 2},
                           memory::dims{0, 0}, memory::dims{0, 0});
  const Forward::primitive_desc chosen(desc, attributes, cpu());
  layer.primitive = Forward(chosen);
  layer.implementation = chosen.impl_info_str();
  layer.scratchpad = chosen.scratchpad_desc();
  layer.weights = pack({dims, memory::data_type::f32, Tag::oihw}, weights,
                       chosen.weights_desc());
}

TransposedConv::~TransposedConv() = default;
TransposedConv::TransposedConv(TransposedConv&&) noexcept = default;
TransposedConv& TransposedConv::operator=(TransposedConv&&) noexcept = default;

FeatureMap TransposedConv::run(const FeatureMap& in,
                               Workspace& workspace) const {
  if (packed_->phase) return packed_->phase->run(in, workspace);
  FeatureMap out =
      workspace.take(packed_->out, packed_->height, packed_->width);
  packed_->layer.run(in, out, workspace);
  return out;
}

}  // namespace limner
