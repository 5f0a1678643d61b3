#include "pipeline/random_model.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "model/layout.h"
#include "util/error.h"
#include "util/random.h"
#include "weights/safetensors.h"

namespace limner {
namespace {

bool is_power_of_two(int value) {
  return value > 0 && (value & (value - 1)) == 0;
}

void check(const RandomModelOptions& options) {
  if (!is_power_of_two(options.size) || options.size < 16 ||
      options.size > 1024) {
    fail(
        "the size of a random model must be a power of two from 16 to 1024, "
        "got {}",
        options.size);
  }
  if (!is_power_of_two(options.width_divisor) || options.width_divisor > 16) {
    fail("the width divisor must be 1, 2, 4, 8 or 16, got {}",
         options.width_divisor);
  }
  if (options.type != DType::kF32 && options.type != DType::kBF16) {
    fail("a random model is stored as float32 or bfloat16, got {}",
         name_of(options.type));
  }
}

// He's rule: keeps the variance of activations through a rectified layer.
double he(int64_t fan_in) {
  return std::sqrt(2.0 / static_cast<double>(fan_in));
}

FaceConfig config_of(const RandomModelOptions& options) {
  check(options);
  FaceConfig config = official_config(options.size, options.width_divisor);
  config.faithfulness = options.faithfulness;
  config.generator.sharpening = options.sharpening;
  for (EncoderConfig* encoder : {&config.sketch_coarse, &config.sketch_fine}) {
    encoder->plane = options.faithfulness;
    if (options.faithfulness) ++encoder->inputs;
  }
  return config;
}

// The spread of every tensor of a layout.
class Spreads {
 public:
  std::vector<RandomTensor> of(const FaceLayout& layout) {
    encoder(layout.sketch_coarse, true, 0.2);
    encoder(layout.sketch_fine, true, 0.12);
    encoder(layout.face_fine, false, 0.12);
    generator(layout.generator);
    add(layout.latent_avg, 0.15, 0.27);
    return std::move(tensors_);
  }

 private:
  void add(const TensorLayout& tensor, double mean, double deviation) {
    tensors_.push_back({tensor.name, tensor.shape, mean, deviation, false});
  }
  void add_kernel(const TensorLayout& tensor) {
    if (tensor.name.empty()) return;
    tensors_.push_back({tensor.name, tensor.shape, 0.0, 0.0, true});
  }

  // weight ~ 1 +- 0.23, bias ~ 0 +- 0.2 and the statistics given.
  void batch_norm(const NormLayout& norm, double weight, double mean,
                  double mean_deviation, double variance) {
    add(norm.weight, weight, 0.22 * weight);
    add(norm.bias, 0.0, 0.2 * weight);
    add(norm.mean, mean, mean_deviation);
    // Uniform in 0.6..1.4 of `variance`: never near zero.
    add(norm.variance, variance, 0.4 / std::sqrt(3.0) * variance);
  }

  // One IR-SE unit; `variance` is that of its input, by batch norm's books.
  void unit(const UnitLayout& unit, double variance) {
    if (!unit.shortcut.name.empty()) {
      add(unit.shortcut.weight, 0.0, std::sqrt(1.0 / unit.in));
      batch_norm(unit.shortcut_norm, 1.0, 0.0, 0.3, variance);
    }
    batch_norm(unit.norm, 1.0, 0.1, 0.25, variance);
    add(unit.first.weight, 0.0, he(9 * unit.in));
    add(unit.slopes, 0.28, 0.13);
    add(unit.second.weight, 0.0, he(9 * unit.out));
    batch_norm(unit.second_norm, 0.7, 0.0, 0.6, 2.15);
    add(unit.squeeze.weight, 0.0, he(unit.squeeze.in));
    add(unit.excite.weight, 0.0, 2.1 * he(unit.excite.in));
  }

  // Factors over He's rule: the first convolution reads large, correlated maps,
  // the last ones lose taps to the padding.
  void style_head(const HeadLayout& head, double linear_deviation) {
    const size_t convs = head.convs.size();
    for (size_t i = 0; i < convs; ++i) {
      const ConvLayout& conv = head.convs[i];
      double factor = 1.18;
      if (i == 0) factor = head.level == 0 ? 0.54 : 0.33;
      if (i == convs - 2) factor = 1.37;
      if (i == convs - 1) factor = 1.72;
      add(conv.weight, 0.0, factor * he(9 * conv.in));
      add(conv.bias, 0.0, i == convs - 1 ? 0.7 : 0.5);
    }
    add(head.linear.weight, 0.0, linear_deviation);
    add(head.linear.bias, 0.0, 0.1 * linear_deviation);
  }

  // Sketches are mostly empty, photos are not.
  void encoder(const EncoderLayout& encoder, bool sketch,
               double linear_deviation) {
    const BodyLayout& body = encoder.body;
    add(body.input.weight, 0.0, he(9 * body.input.in));
    batch_norm(body.input_norm, 1.0, 0.0, sketch ? 0.014 : 0.3,
               sketch ? 0.005 : 0.74);
    add(body.input_slopes, 0.28, 0.13);
    double variance = 0.6;
    for (const auto& group : body.groups) {
      for (const UnitLayout& one : group) {
        unit(one, variance);
        // A normalised shortcut starts afresh; residuals add up.
        variance = one.in != one.out ? 1.26 : variance + 0.13;
      }
    }
    for (const HeadLayout& head : encoder.heads) {
      style_head(head, linear_deviation);
    }
    lateral(encoder.lateral1);
    lateral(encoder.lateral2);
  }

  void lateral(const ConvLayout& conv) {
    if (conv.name.empty()) return;
    add(conv.weight, 0.0, std::sqrt(1.0 / conv.in));
    add(conv.bias, 0.0, 0.1);
  }

  void modulated(const ModulatedLayout& conv) {
    add(conv.modulation.weight, 0.0, 0.5);
    add(conv.modulation.bias, 1.0, 0.2);
  }

  void styled_conv(const StyledLayout& layer) {
    add(layer.conv.weight, 0.0, 1.0);
    add_kernel(layer.blur);
    modulated(layer.conv);
    add(layer.noise_weight, 0.1, 0.05);
    add(layer.bias, 0.0, 0.2);
  }

  void to_rgb(const ColourLayout& layer) {
    add(layer.bias, 0.0, 0.06);
    add_kernel(layer.upsample);
    add(layer.conv.weight, 0.0, kRgbDeviation);
    modulated(layer.conv);
  }

  void generator(const GeneratorLayout& layout) {
    // lr_mul 0.01: stored weights are 100 times larger than they act.
    for (const LinearLayout& layer : layout.mapping) {
      const double scale = &layer == &layout.mapping.back() ? 0.5 : 1.0;
      add(layer.weight, 0.0, 100.0 * scale);
      add(layer.bias, 0.0, 10.0 * scale);
    }
    add(layout.constant, 0.0, 1.0);
    // Resolution by resolution.
    for (size_t level = 0; level < layout.colours.size(); ++level) {
      const size_t last = 2 * level;
      const size_t first = level == 0 ? last : last - 1;
      for (size_t i = first; i <= last; ++i) styled_conv(layout.convs[i]);
      to_rgb(layout.colours[level]);
      for (size_t i = first; i <= last; ++i) {
        add(layout.convs[i].noise, 0.0, 1.0);
      }
    }
  }

  // Leaves the sum of up to nine RGB layers mostly inside [-1, 1], and visible.
  static constexpr double kRgbDeviation = 0.3;

  std::vector<RandomTensor> tensors_;
};

// The seed of a tensor's stream: FNV-1a of its name, so that a tensor does
// not depend on which others a model has.
uint64_t stream_of(const std::string& name) {
  uint64_t hash = 14695981039346656037ULL;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  return hash;
}

int64_t count_of(const Shape& shape) {
  int64_t count = 1;
  for (const int64_t side : shape) count *= side;
  return count;
}

std::vector<float> draw(const RandomTensor& tensor, uint64_t seed) {
  if (tensor.blur_kernel) {
    std::vector<float> kernel;
    for (const float y : {1.0F, 3.0F, 3.0F, 1.0F}) {
      for (const float x : {1.0F, 3.0F, 3.0F, 1.0F}) {
        kernel.push_back(x * y / 16.0F);
      }
    }
    return kernel;
  }
  std::vector<float> values(static_cast<size_t>(count_of(tensor.shape)));
  Random random(seed, stream_of(tensor.name));
  const double step = 2.0 * std::sqrt(3.0) * tensor.deviation;
  const double low = tensor.mean - 0.5 * step;
  for (float& value : values) {
    value = static_cast<float>(low + step * (random.next() * 0x1p-32));
  }
  return values;
}

}  // namespace

std::vector<RandomTensor> random_tensors(const RandomModelOptions& options) {
  return Spreads().of(face_layout(config_of(options)));
}

ModelConfig random_model_config(const RandomModelOptions& options) {
  return model_config(config_of(options));
}

DType stored_type(const std::string& name, const Shape& shape, DType wanted) {
  const std::string ending = ".weight";
  const bool is_weight =
      name.size() >= ending.size() &&
      name.compare(name.size() - ending.size(), ending.size(), ending) == 0;
  const bool is_large =
      (is_weight && shape.size() >= 2) || name == kLooksComponents;
  return is_large ? wanted : DType::kF32;
}

std::string write_random_model(const std::filesystem::path& path,
                               const RandomModelOptions& options) {
  std::vector<NamedTensor> tensors;
  for (const RandomTensor& tensor : random_tensors(options)) {
    tensors.push_back({tensor.name,
                       make_tensor(tensor.shape, draw(tensor, options.seed)),
                       stored_type(tensor.name, tensor.shape, options.type)});
  }
  nlohmann::json config = random_model_config(options).to_json();
  config["source"] = {{"random_seed", options.seed},
                      {"width_divisor", options.width_divisor}};
  return write_safetensors(path, tensors,
                           {{"format", "pt"}, {"limner", config.dump()}});
}

}  // namespace limner
