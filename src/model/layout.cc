#include "model/layout.h"

#include <fmt/format.h>

#include <utility>

#include "util/error.h"

namespace limner {

const char* const kSketchCoarse = "encoder_sketch_coarse.";
const char* const kSketchFine = "encoder_sketch_fine.";
const char* const kFaceFine = "encoder_face_fine.";
const char* const kGenerator = "decoder.";
const char* const kStructure = "structure.";
const char* const kLatentAvg = "latent_avg";
const char* const kLooksMean = "looks.mean";
const char* const kLooksComponents = "looks.components";

namespace {

constexpr int kOfficialLabels = 22;
constexpr int kOfficialSplit = 8;
// Styles below the first read c3, below the second p2, the others p1.
constexpr int kCoarseHeads = 3;
constexpr int kMiddleHeads = 7;

int log2_of(int value) {
  int bits = 0;
  while ((2 << bits) <= value) ++bits;
  return bits;
}

ConvLayout conv_layout(const std::string& name, int in, int out, int kernel,
                       bool bias) {
  ConvLayout conv{name, in, out, kernel, {}, {}};
  conv.weight = {name + ".weight", {out, in, kernel, kernel}};
  if (bias) conv.bias = {name + ".bias", {out}};
  return conv;
}

LinearLayout linear_layout(const std::string& name, int in, int out) {
  return {
      name, in, out, {name + ".weight", {out, in}}, {name + ".bias", {out}}};
}

NormLayout norm_layout(const std::string& name, int channels) {
  const Shape shape = {channels};
  return {name,
          channels,
          {name + ".weight", shape},
          {name + ".bias", shape},
          {name + ".running_mean", shape},
          {name + ".running_var", shape}};
}

UnitLayout unit_layout(const std::string& name, int in, int out, int stride,
                       int reduction) {
  UnitLayout unit;
  unit.in = in;
  unit.out = out;
  unit.stride = stride;
  if (in != out) {
    unit.shortcut = conv_layout(name + ".shortcut_layer.0", in, out, 1, false);
    unit.shortcut_norm = norm_layout(name + ".shortcut_layer.1", out);
  }
  const std::string residual = name + ".res_layer.";
  const int squeezed = std::max(1, out / reduction);
  unit.norm = norm_layout(residual + "0", in);
  unit.first = conv_layout(residual + "1", in, out, 3, false);
  unit.slopes = {residual + "2.weight", {out}};
  unit.second = conv_layout(residual + "3", out, out, 3, false);
  unit.second_norm = norm_layout(residual + "4", out);
  unit.squeeze = conv_layout(residual + "5.fc1", out, squeezed, 1, false);
  unit.excite = conv_layout(residual + "5.fc2", squeezed, out, 1, false);
  return unit;
}

HeadLayout head_layout(const std::string& name, int style, int width,
                       int coarse_side) {
  HeadLayout head;
  head.style = style;
  head.level = head_level(style);
  const int convs = log2_of(coarse_side) + head.level;
  for (int i = 0; i < convs; ++i) {
    // Every other number is an activation's.
    head.convs.push_back(conv_layout(fmt::format("{}.convs.{}", name, 2 * i),
                                     width, width, 3, true));
  }
  head.linear = linear_layout(name + ".linear", width, width);
  return head;
}

ModulatedLayout modulated_layout(const std::string& name, int in, int out,
                                 int kernel, int width) {
  return {name,
          in,
          out,
          {name + ".weight", {1, out, in, kernel, kernel}},
          linear_layout(name + ".modulation", width, in)};
}

// Appends what there is.
struct Collector {
  std::vector<TensorLayout> all;

  void add(const TensorLayout& tensor) {
    if (!tensor.name.empty()) all.push_back(tensor);
  }
  void add(const ConvLayout& conv) {
    add(conv.weight);
    add(conv.bias);
  }
  void add(const LinearLayout& linear) {
    add(linear.weight);
    add(linear.bias);
  }
  void add(const NormLayout& norm) {
    add(norm.weight);
    add(norm.bias);
    add(norm.mean);
    add(norm.variance);
  }
  void add(const UnitLayout& unit) {
    add(unit.shortcut);
    add(unit.shortcut_norm);
    add(unit.norm);
    add(unit.first);
    add(unit.slopes);
    add(unit.second);
    add(unit.second_norm);
    add(unit.squeeze);
    add(unit.excite);
  }
  void add(const EncoderLayout& encoder) {
    add(encoder.body.input);
    add(encoder.body.input_norm);
    add(encoder.body.input_slopes);
    for (const auto& group : encoder.body.groups) {
      for (const UnitLayout& unit : group) add(unit);
    }
    for (const HeadLayout& head : encoder.heads) {
      for (const ConvLayout& conv : head.convs) add(conv);
      add(head.linear);
    }
    add(encoder.lateral1);
    add(encoder.lateral2);
  }
  void add(const ModulatedLayout& conv) {
    add(conv.weight);
    add(conv.modulation);
  }
  void add(const GeneratorLayout& generator) {
    for (const LinearLayout& layer : generator.mapping) add(layer);
    add(generator.constant);
    for (const StyledLayout& layer : generator.convs) {
      add(layer.conv);
      add(layer.blur);
      add(layer.noise_weight);
      add(layer.bias);
      add(layer.noise);
    }
    for (const ColourLayout& layer : generator.colours) {
      add(layer.bias);
      add(layer.upsample);
      add(layer.conv);
    }
  }
};

}  // namespace

int FaceConfig::labels() const {
  return (sketch_coarse.inputs - (faithfulness ? 1 : 0)) /
         (sketch_fold * sketch_fold);
}

std::vector<int> official_channels(int size, int divisor) {
  std::vector<int> channels;
  for (int side = 4; side <= size; side *= 2) {
    channels.push_back(std::min(512, 512 * 64 / side) / divisor);
  }
  return channels;
}

FaceConfig official_config(int size, int divisor) {
  const bool power = size >= 8 && (size & (size - 1)) == 0;
  const BodyConfig whole;
  if (!power || divisor < 1 || divisor > 16 || whole.widths[0] % divisor != 0) {
    fail(
        "no model of {} px and widths over {}: expected a power of two from 8 "
        "and a divisor of 1, 2, 4, 8 or 16",
        size, divisor);
  }
  FaceConfig config;
  config.generator.style_width /= divisor;
  config.generator.channels = official_channels(size, divisor);
  const int styles = config.generator.styles();
  config.split = std::min(kOfficialSplit, styles - 2);
  BodyConfig body;
  for (int& width : body.widths) width /= divisor;
  // Small squeezes would be left with one channel by the official 16.
  if (divisor >= 4) body.reduction = 4;
  config.sketch_coarse.body = body;
  config.sketch_coarse.inputs = kOfficialLabels;
  config.sketch_coarse.last = 1;
  config.sketch_fine = config.sketch_coarse;
  config.sketch_fine.last = config.split;
  config.face_fine.body = body;
  config.face_fine.first = config.split;
  config.face_fine.last = styles;
  return config;
}

void check_config(const FaceConfig& config, const std::string& source) {
  const std::string where = source.empty() ? "" : source + ": ";
  const int width = config.generator.style_width;
  const int styles = config.generator.styles();
  for (const EncoderConfig* encoder :
       {&config.sketch_coarse, &config.sketch_fine, &config.face_fine}) {
    if (encoder->style_width() != width) {
      fail("{}an encoder makes codes of width {}, but the generator reads {}",
           where, encoder->style_width(), width);
    }
    if (encoder->side != config.sketch_coarse.side) {
      fail("{}encoders read pictures of {} and {} px, expected one size", where,
           config.sketch_coarse.side, encoder->side);
    }
  }
  if (config.split < 1 || config.split >= styles) {
    fail("{}split index {} is out of range, expected 1 to {}", where,
         config.split, styles - 1);
  }
  if (config.sketch_coarse.first != 0 || config.sketch_coarse.last != 1 ||
      config.sketch_fine.first != 0 ||
      config.sketch_fine.last != config.split ||
      config.face_fine.first != config.split ||
      config.face_fine.last != styles ||
      config.sketch_fine.inputs != config.sketch_coarse.inputs) {
    fail("{}the encoders' styles and inputs do not fit a model of {} styles",
         where, styles);
  }
}

int head_level(int style) {
  if (style < kCoarseHeads) return 0;
  return style < kMiddleHeads ? 1 : 2;
}

int structure_body_level(int side, int level) {
  for (int body_level = 0; body_level < 5; ++body_level) {
    if (side >> body_level == 4 << level) return body_level;
  }
  return -1;
}

// Names and shapes ------------------------------------------------------------

BodyLayout body_layout(const BodyConfig& config, int inputs,
                       const std::string& prefix) {
  BodyLayout body;
  int in = config.widths[0];
  body.input = conv_layout(prefix + "input_layer.0", inputs, in, 3, false);
  body.input_norm = norm_layout(prefix + "input_layer.1", in);
  body.input_slopes = {prefix + "input_layer.2.weight", {in}};
  int number = 0;
  for (size_t group = 0; group < body.groups.size(); ++group) {
    const int out = config.widths[group];
    for (int i = 0; i < config.units[group]; ++i) {
      body.groups[group].push_back(
          unit_layout(fmt::format("{}body.{}", prefix, number++), in, out,
                      i == 0 ? 2 : 1, config.reduction));
      in = out;
    }
  }
  return body;
}

EncoderLayout encoder_layout(const EncoderConfig& config,
                             const std::string& prefix) {
  EncoderLayout encoder;
  encoder.config = config;
  encoder.body = body_layout(config.body, config.inputs, prefix);
  const int width = config.style_width();
  int finest = 0;
  for (int style = config.first; style < config.last; ++style) {
    encoder.heads.push_back(
        head_layout(fmt::format("{}styles.{}", prefix, style), style, width,
                    config.side / 16));
    finest = std::max(finest, encoder.heads.back().level);
  }
  if (finest >= 1) {
    encoder.lateral1 = conv_layout(prefix + "latlayer1", config.body.widths[2],
                                   width, 1, true);
  }
  if (finest >= 2) {
    encoder.lateral2 = conv_layout(prefix + "latlayer2", config.body.widths[1],
                                   width, 1, true);
  }
  return encoder;
}

GeneratorLayout generator_layout(const GeneratorConfig& config,
                                 const std::string& prefix) {
  GeneratorLayout generator;
  generator.config = config;
  const int width = config.style_width;
  for (int i = 1; i <= config.mapping_layers; ++i) {
    generator.mapping.push_back(
        linear_layout(fmt::format("{}style.{}", prefix, i), width, width));
  }
  int in = config.channels.at(0);
  generator.constant = {prefix + "input.input", {1, in, 4, 4}};
  const auto add_conv = [&](const std::string& name, int out, int side,
                            bool doubles) {
    StyledLayout layer;
    layer.side = side;
    layer.conv = modulated_layout(name + ".conv", in, out, 3, width);
    if (doubles) layer.blur = {name + ".conv.blur.kernel", {4, 4}};
    layer.noise_weight = {name + ".noise.weight", {1}};
    layer.bias = {name + ".activate.bias", {out}};
    layer.noise = {
        fmt::format("{}noises.noise_{}", prefix, generator.convs.size()),
        {1, 1, side, side}};
    generator.convs.push_back(layer);
    in = out;
  };
  const auto add_colours = [&](const std::string& name, bool doubles) {
    ColourLayout layer;
    layer.bias = {name + ".bias", {1, 3, 1, 1}};
    if (doubles) layer.upsample = {name + ".upsample.kernel", {4, 4}};
    layer.conv = modulated_layout(name + ".conv", in, 3, 1, width);
    generator.colours.push_back(layer);
  };
  add_conv(prefix + "conv1", in, 4, false);
  add_colours(prefix + "to_rgb1", false);
  for (size_t level = 1; level < config.channels.size(); ++level) {
    const int side = 4 << level;
    const int out = config.channels[level];
    add_conv(fmt::format("{}convs.{}", prefix, 2 * level - 2), out, side, true);
    add_conv(fmt::format("{}convs.{}", prefix, 2 * level - 1), out, side,
             false);
    add_colours(fmt::format("{}to_rgbs.{}", prefix, level - 1), true);
  }
  return generator;
}

FaceLayout face_layout(const FaceConfig& config) {
  FaceLayout face;
  face.sketch_coarse = encoder_layout(config.sketch_coarse, kSketchCoarse);
  face.sketch_fine = encoder_layout(config.sketch_fine, kSketchFine);
  face.face_fine = encoder_layout(config.face_fine, kFaceFine);
  face.generator = generator_layout(config.generator, kGenerator);
  const auto& channels = config.generator.channels;
  for (size_t i = 0; config.structure_maps && i < channels.size(); ++i) {
    const auto level = static_cast<int>(i);
    const int from = structure_body_level(config.sketch_fine.side, level);
    if (from < 0) continue;
    face.structure.push_back(
        {level, from,
         conv_layout(fmt::format("{}{}", kStructure, level),
                     config.sketch_fine.map_channels(from), channels[i], 1,
                     true)});
  }
  const int styles = config.generator.styles();
  const int width = config.generator.style_width;
  face.latent_avg = {kLatentAvg, {styles, width}};
  if (config.look_components > 0) {
    const int rows = styles - config.split;
    face.looks_mean = {kLooksMean, {rows, width}};
    face.looks_components = {kLooksComponents,
                             {config.look_components, rows, width}};
  }
  return face;
}

std::vector<TensorLayout> tensors_of(const FaceLayout& layout) {
  Collector collector;
  for (const EncoderLayout* encoder :
       {&layout.sketch_coarse, &layout.sketch_fine, &layout.face_fine}) {
    collector.add(*encoder);
  }
  collector.add(layout.generator);
  for (const StructureLayout& one : layout.structure) collector.add(one.conv);
  collector.add(layout.latent_avg);
  collector.add(layout.looks_mean);
  collector.add(layout.looks_components);
  return std::move(collector.all);
}

}  // namespace limner
