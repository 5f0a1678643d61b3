// Random models: the layout of the official network (three IR-SE 50 encoders
// and a StyleGAN2 generator) written out as names, shapes and spreads.
#include "pipeline/random_model.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "model/looks.h"
#include "util/error.h"
#include "util/random.h"
#include "weights/safetensors.h"

namespace limner {
namespace {

constexpr int kLabels = 22;
constexpr int kColours = 3;
constexpr int kInputSide = 256;
constexpr int kStyleWidth = 512;
constexpr int kMappingLayers = 8;
// Style heads read c3 (16 px) below the first index, p2 (32 px) below the
// second and p1 (64 px) from there on.
constexpr int kCoarseHeads = 3;
constexpr int kMiddleHeads = 7;

bool is_power_of_two(int value) {
  return value > 0 && (value & (value - 1)) == 0;
}

int log2_of(int value) {
  int bits = 0;
  while ((1 << (bits + 1)) <= value) ++bits;
  return bits;
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

class Layout {
 public:
  explicit Layout(const RandomModelOptions& options)
      : size_(options.size),
        divisor_(options.width_divisor),
        width_(kStyleWidth / options.width_divisor),
        // Small models would be left with one channel by the official 16.
        reduction_(options.width_divisor >= 4 ? 4 : 16),
        styles_(2 * log2_of(options.size) - 2),
        split_(std::min(8, styles_ - 2)),
        drawing_(kLabels + (options.faithfulness ? 1 : 0)) {}

  int styles() const { return styles_; }
  int split() const { return split_; }

  std::vector<RandomTensor> build() {
    encoder("encoder_sketch_coarse.", drawing_, 0, 1, 0.2);
    encoder("encoder_sketch_fine.", drawing_, 0, split_, 0.12);
    encoder("encoder_face_fine.", kColours, split_, styles_, 0.12);
    mapping();
    synthesis();
    add("latent_avg", {styles_, width_}, 0.15, 0.27);
    return std::move(tensors_);
  }

 private:
  void add(const std::string& name, Shape shape, double mean,
           double deviation) {
    tensors_.push_back({name, std::move(shape), mean, deviation, false});
  }
  void add_kernel(const std::string& name) {
    tensors_.push_back({name, {4, 4}, 0.0, 0.0, true});
  }

  // weight ~ 1 +- 0.23, bias ~ 0 +- 0.2 and the statistics given.
  void batch_norm(const std::string& prefix, int channels, double weight,
                  double mean, double mean_deviation, double variance) {
    add(prefix + "weight", {channels}, weight, 0.22 * weight);
    add(prefix + "bias", {channels}, 0.0, 0.2 * weight);
    add(prefix + "running_mean", {channels}, mean, mean_deviation);
    // Uniform in 0.6..1.4 of `variance`: never near zero.
    add(prefix + "running_var", {channels}, variance,
        0.4 / std::sqrt(3.0) * variance);
  }

  // One IR-SE unit; `variance` is that of its input, by batch norm's books.
  void unit(const std::string& prefix, int in, int out, double variance) {
    if (in != out) {
      add(prefix + "shortcut_layer.0.weight", {out, in, 1, 1}, 0.0,
          std::sqrt(1.0 / in));
      batch_norm(prefix + "shortcut_layer.1.", out, 1.0, 0.0, 0.3, variance);
    }
    const std::string residual = prefix + "res_layer.";
    batch_norm(residual + "0.", in, 1.0, 0.1, 0.25, variance);
    add(residual + "1.weight", {out, in, 3, 3}, 0.0, he(9 * in));
    add(residual + "2.weight", {out}, 0.28, 0.13);
    add(residual + "3.weight", {out, out, 3, 3}, 0.0, he(9 * out));
    batch_norm(residual + "4.", out, 0.7, 0.0, 0.6, 2.15);
    const int squeezed = std::max(1, out / reduction_);
    add(residual + "5.fc1.weight", {squeezed, out, 1, 1}, 0.0, he(out));
    add(residual + "5.fc2.weight", {out, squeezed, 1, 1}, 0.0,
        2.1 * he(squeezed));
  }

  // A head: stride-2 convolutions from 16, 32 or 64 px down to 1, then an
  // equalized linear layer. Factors over He's rule: the first convolution
  // reads large, correlated maps, the last ones lose taps to the padding.
  void style_head(const std::string& prefix, int index,
                  double linear_deviation) {
    const int convs = index < kCoarseHeads ? 4 : (index < kMiddleHeads ? 5 : 6);
    for (int i = 0; i < convs; ++i) {
      const std::string conv = prefix + "convs." + std::to_string(2 * i) + ".";
      double factor = 1.18;
      if (i == 0) factor = index < kCoarseHeads ? 0.54 : 0.33;
      if (i == convs - 2) factor = 1.37;
      if (i == convs - 1) factor = 1.72;
      add(conv + "weight", {width_, width_, 3, 3}, 0.0,
          factor * he(9 * width_));
      add(conv + "bias", {width_}, 0.0, i == convs - 1 ? 0.7 : 0.5);
    }
    add(prefix + "linear.weight", {width_, width_}, 0.0, linear_deviation);
    add(prefix + "linear.bias", {width_}, 0.0, 0.1 * linear_deviation);
  }

  // An encoder with the heads [first, last).
  void encoder(const std::string& prefix, int inputs, int first, int last,
               double linear_deviation) {
    const int base = 64 / divisor_;
    // Sketches are mostly empty, photos are not.
    const bool sketch = inputs != kColours;
    add(prefix + "input_layer.0.weight", {base, inputs, 3, 3}, 0.0,
        he(9 * inputs));
    batch_norm(prefix + "input_layer.1.", base, 1.0, 0.0, sketch ? 0.014 : 0.3,
               sketch ? 0.005 : 0.74);
    add(prefix + "input_layer.2.weight", {base}, 0.28, 0.13);

    const int units[] = {3, 4, 14, 3};
    int channels = base;
    int index = 0;
    double variance = 0.6;
    for (int group = 0; group < 4; ++group) {
      const int out = base << group;
      for (int i = 0; i < units[group]; ++i) {
        unit(prefix + "body." + std::to_string(index++) + ".", channels, out,
             variance);
        // A normalised shortcut starts afresh; residuals add up.
        variance = channels != out ? 1.26 : variance + 0.13;
        channels = out;
      }
    }
    for (int head = first; head < last; ++head) {
      style_head(prefix + "styles." + std::to_string(head) + ".", head,
                 linear_deviation);
    }
    if (last > kCoarseHeads) lateral(prefix + "latlayer1.", 4 * base);
    if (last > kMiddleHeads) lateral(prefix + "latlayer2.", 2 * base);
  }

  void lateral(const std::string& prefix, int in) {
    add(prefix + "weight", {width_, in, 1, 1}, 0.0, std::sqrt(1.0 / in));
    add(prefix + "bias", {width_}, 0.0, 0.1);
  }

  // lr_mul 0.01: stored weights are 100 times larger than they act.
  void mapping() {
    for (int i = 1; i <= kMappingLayers; ++i) {
      const std::string layer = "decoder.style." + std::to_string(i) + ".";
      const double scale = i == kMappingLayers ? 0.5 : 1.0;
      add(layer + "weight", {width_, width_}, 0.0, 100.0 * scale);
      add(layer + "bias", {width_}, 0.0, 10.0 * scale);
    }
  }

  int channels_at(int side) const {
    return std::min(512, 512 * 64 / side) / divisor_;
  }

  void modulation(const std::string& prefix, int in) {
    add(prefix + "modulation.weight", {in, width_}, 0.0, 0.5);
    add(prefix + "modulation.bias", {in}, 1.0, 0.2);
  }

  void styled_conv(const std::string& prefix, int in, int out, bool up) {
    add(prefix + "conv.weight", {1, out, in, 3, 3}, 0.0, 1.0);
    if (up) add_kernel(prefix + "conv.blur.kernel");
    modulation(prefix + "conv.", in);
    add(prefix + "noise.weight", {1}, 0.1, 0.05);
    add(prefix + "activate.bias", {out}, 0.0, 0.2);
  }

  void to_rgb(const std::string& prefix, int in, bool up) {
    add(prefix + "bias", {1, 3, 1, 1}, 0.0, 0.06);
    if (up) add_kernel(prefix + "upsample.kernel");
    add(prefix + "conv.weight", {1, 3, in, 1, 1}, 0.0, kRgbDeviation);
    modulation(prefix + "conv.", in);
  }

  void synthesis() {
    int channels = channels_at(4);
    add("decoder.input.input", {1, channels, 4, 4}, 0.0, 1.0);
    styled_conv("decoder.conv1.", channels, channels, false);
    to_rgb("decoder.to_rgb1.", channels, false);
    add("decoder.noises.noise_0", {1, 1, 4, 4}, 0.0, 1.0);
    int i = 0;
    for (int side = 8; side <= size_; side *= 2, ++i) {
      const int out = channels_at(side);
      const std::string first = std::to_string(2 * i);
      const std::string second = std::to_string(2 * i + 1);
      styled_conv("decoder.convs." + first + ".", channels, out, true);
      styled_conv("decoder.convs." + second + ".", out, out, false);
      to_rgb("decoder.to_rgbs." + std::to_string(i) + ".", out, true);
      for (const int noise : {2 * i + 1, 2 * i + 2}) {
        add("decoder.noises.noise_" + std::to_string(noise), {1, 1, side, side},
            0.0, 1.0);
      }
      channels = out;
    }
  }

  // Leaves the sum of up to nine RGB layers mostly inside [-1, 1], and visible.
  static constexpr double kRgbDeviation = 0.3;

  int size_;
  int divisor_;
  int width_;
  int reduction_;
  int styles_;
  int split_;
  int drawing_;  // channels
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

std::vector<RandomTensor> random_model_layout(
    const RandomModelOptions& options) {
  check(options);
  return Layout(options).build();
}

ModelConfig random_model_config(const RandomModelOptions& options) {
  check(options);
  const Layout layout(options);
  ModelConfig config;
  config.size = options.size;
  config.styles = layout.styles();
  config.style_width = kStyleWidth / options.width_divisor;
  config.split = layout.split();
  config.labels = kLabels;
  config.input_side = kInputSide;
  config.add_latent_avg = true;
  config.faithfulness = options.faithfulness;
  for (const RandomTensor& tensor : random_model_layout(options)) {
    config.parameters += count_of(tensor.shape);
  }
  return config;
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
  for (const RandomTensor& tensor : random_model_layout(options)) {
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
