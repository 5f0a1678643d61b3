#include "pipeline/engine.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "image/resize.h"
#include "model/encoder.h"
#include "model/face_weights.h"
#include "model/generator.h"
#include "model/looks.h"
#include "nn/isa.h"
#include "sketch/labels.h"
#include "sketch/rasterize.h"
#include "util/error.h"
#include "util/parallel.h"
#include "util/random.h"
#include "weights/checkpoint.h"

namespace limner {
namespace {

constexpr float kFineScale = 6.0F;  // the W+ encoders' outputs
constexpr float kWScale = 60.0F;    // the W encoder's output

// The published loader's photo size; the encoders read half of it.
constexpr int kPhotoOversize = 2;

// labels 0..config.labels of drawing_side() -> [drawing_channels, input_side,
// input_side] of zeros and ones; pixel (y, x) of class i of a fold is channel
// ((i - 1) * fold + y) * fold + x. A model with faithfulness has one channel
// more, 1 - faithfulness everywhere.
SpotMap sketch_input(const Image& labels, const ModelConfig& config,
                     float faithfulness) {
  const int fold = config.sketch_fold;
  SpotMap map;
  map.channels = config.drawing_channels();
  map.height = map.width = config.input_side;
  map.has_everywhere = config.faithfulness;
  map.everywhere = 1 - faithfulness;
  for (int y = 0; y < labels.height; ++y) {
    if (y % fold == 0) map.rows.push_back(static_cast<int>(map.spots.size()));
    for (int x = 0; x < labels.width; ++x) {
      const int label = labels.row(y)[x];
      if (label == 0) continue;
      map.spots.push_back(
          {x / fold, ((label - 1) * fold + y % fold) * fold + x % fold});
    }
  }
  map.rows.push_back(static_cast<int>(map.spots.size()));
  return map;
}

// RGB of twice the side -> [3, side, side] in [-1, 1], the mean of 2x2.
FeatureMap photo_input(const Image& photo, Workspace& workspace) {
  const int side = photo.width / kPhotoOversize;
  const auto value = [](uint8_t byte) {
    return (static_cast<float>(byte) / 255.0F - 0.5F) / 0.5F;
  };
  std::vector<float> planar(size_t{3} * side * side);
  for (int y = 0; y < side; ++y) {
    const uint8_t* upper = photo.row(2 * y);
    const uint8_t* lower = photo.row(2 * y + 1);
    for (int x = 0; x < side; ++x) {
      for (int c = 0; c < 3; ++c) {
        const int left = 6 * x + c;
        const float sum = value(upper[left]) + value(upper[left + 3]) +
                          value(lower[left]) + value(lower[left + 3]);
        planar[(static_cast<size_t>(c) * side + y) * side + x] = sum / 4.0F;
      }
    }
  }
  return from_planar(planar.data(), 3, side, side, workspace);
}

std::vector<float> scaled(std::vector<float> values, float scale) {
  for (float& value : values) value *= scale;
  return values;
}

CodeTable to_table(int rows, int width, std::vector<float> values) {
  CodeTable table;
  table.rows = rows;
  table.width = width;
  table.values = std::move(values);
  return table;
}

// [styles, width]: the mean code a row, whichever way it is stored.
CodeTable load_latent_avg(const FaceWeights& weights) {
  const ModelConfig& config = weights.config;
  CodeTable table(config.styles, config.style_width);
  if (!config.add_latent_avg) return table;
  const TensorLayout& layout = weights.layout.latent_avg;
  const Shape shape = weights.tensors.at(layout.name).shape;
  const bool one = shape == Shape{config.style_width} ||
                   shape == Shape{1, config.style_width};
  const std::vector<float> values =
      load_values(weights.tensors, layout.name, one ? shape : layout.shape);
  for (int row = 0; row < config.styles; ++row) {
    std::copy_n(values.begin() + (one ? 0 : row * config.style_width),
                config.style_width, table.row(row));
  }
  return table;
}

}  // namespace

struct Engine::Parts {
  ModelConfig config;
  LayerPolicy policy;
  CodeTable latent_avg;
  std::optional<Mapping> mapping;
  std::optional<Encoder> coarse, fine, photo;
  std::optional<Structure> structure;
  std::optional<RandomLooks> looks;
  std::optional<Synthesis> synthesis;

  void need(bool present, const char* what) const {
    if (!present) fail("this engine was loaded without its {}", what);
  }
};

Engine::Engine(const std::filesystem::path& model, const EngineOptions& options)
    : Engine(read_face_weights(read_checkpoint(model)), options) {}

Engine::Engine(const FaceWeights& weights, const EngineOptions& options)
    : workspace_(std::make_unique<Workspace>()) {
  const auto loaded = std::make_shared<Parts>();
  Parts& parts = *loaded;
  const TensorMap& tensors = weights.tensors;
  const FaceLayout& layout = weights.layout;
  parts.config = weights.config;
  parts.policy.fast = options.precision != Precision::kExact;
  parts.policy.bf16 = options.precision == Precision::kBf16;
  parts.latent_avg = load_latent_avg(weights);
  parts.mapping.emplace(tensors, layout.generator);
  if (parts.config.look_components > 0) {
    parts.looks.emplace(tensors, layout.looks_mean, layout.looks_components);
  }
  // Each on a core of its own: much of the time goes to making kernels and to
  // the system, which are no loops. The longest come first.
  std::vector<std::function<void()>> loading;
  if (options.photo_encoder) {
    loading.emplace_back(
        [&] { parts.photo.emplace(tensors, layout.face_fine, parts.policy); });
  }
  if (options.sketch_encoders) {
    loading.emplace_back([&] {
      parts.fine.emplace(tensors, layout.sketch_fine, parts.policy,
                         BodyInput::kSpots);
    });
    loading.emplace_back([&] {
      parts.coarse.emplace(tensors, layout.sketch_coarse, parts.policy,
                           BodyInput::kSpots);
    });
  }
  if (options.renderer) {
    loading.emplace_back([&] {
      parts.synthesis.emplace(tensors, layout.generator, parts.policy);
    });
  }
  run_tasks(loading);
  if (options.sketch_encoders && parts.config.structure_maps) {
    parts.structure.emplace(tensors, layout.structure);
  }
  parts_ = loaded;
}

Engine::Engine(std::shared_ptr<const Parts> parts)
    : parts_(std::move(parts)), workspace_(std::make_unique<Workspace>()) {}

Engine Engine::sharing() const { return Engine(parts_); }

Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

const ModelConfig& Engine::config() const { return parts_->config; }

SketchCodes Engine::embed_sketch(const Image& labels, float faithfulness) {
  const Parts& parts = *parts_;
  const ModelConfig& config = parts.config;
  parts.need(parts.coarse.has_value(), "sketch encoders");
  check_labels(labels, config.labels, "the drawing");
  if (!(faithfulness >= 0 && faithfulness <= 1)) {
    fail("faithfulness is {}, expected 0 to 1", faithfulness);
  }
  const int side = config.drawing_side();
  const Image small = config.keep_strokes
                          ? reduce_labels(labels, side)
                          : resize(labels, side, side, Filter::kNearest);
  const SpotMap x = sketch_input(small, config, faithfulness);
  SketchCodes codes;
  const std::vector<float> c =
      scaled(parts.coarse->run(x, *workspace_), kWScale);
  codes.w = parts.mapping->run(c.data());
  BodyMaps maps;
  codes.fine =
      to_table(config.split, config.style_width,
               scaled(parts.fine->run(x, *workspace_, {},
                                      parts.structure ? &maps : nullptr),
                      kFineScale));
  if (parts.structure) {
    codes.maps = parts.structure->run(maps, *workspace_);
  }
  return codes;
}

AppearanceCodes Engine::embed_photo(const Image& photo) {
  const Parts& parts = *parts_;
  const ModelConfig& config = parts.config;
  parts.need(parts.photo.has_value(), "photo encoder");
  if (photo.channels != 3) {
    fail("a photo needs 3 channels (RGB), got {}", photo.channels);
  }
  const int side = config.input_side * kPhotoOversize;
  const FeatureMap y =
      photo_input(resize(photo, side, side, Filter::kBilinear), *workspace_);
  AppearanceCodes codes;
  codes.fine = to_table(config.styles - config.split, config.style_width,
                        scaled(parts.photo->run(y, *workspace_), kFineScale));
  codes.relative = true;
  return codes;
}

AppearanceCodes Engine::random_appearance(uint64_t seed) {
  const ModelConfig& config = parts_->config;
  AppearanceCodes codes;
  codes.fine = CodeTable(config.styles - config.split, config.style_width);
  codes.relative = parts_->looks.has_value();
  if (codes.relative) {
    codes.fine.values = parts_->looks->draw(seed);
    return codes;
  }
  const std::vector<float> w = mapped(seed);
  for (int row = 0; row < codes.fine.rows; ++row) {
    std::copy(w.begin(), w.end(), codes.fine.row(row));
  }
  return codes;
}

FaceCodes Engine::random_codes(const SketchCodes& sketch, uint64_t seed) {
  FaceCodes codes = combine(sketch, random_appearance(seed));
  const std::vector<float> w = mapped(seed);
  for (int row = 0; row < parts_->config.split; ++row) {
    std::copy(w.begin(), w.end(), codes.styles.row(row));
  }
  codes.maps.clear();
  return codes;
}

std::vector<float> Engine::mapped(uint64_t seed) const {
  return parts_->mapping->run(
      normal_values(seed, parts_->config.style_width).data());
}

FaceCodes Engine::combine(const SketchCodes& sketch,
                          const AppearanceCodes& appearance) const {
  const ModelConfig& config = parts_->config;
  const auto check = [&](const CodeTable& table, int rows, const char* what) {
    if (table.rows == rows && table.width == config.style_width) return;
    fail("{} codes are [{}, {}], but this model needs [{}, {}]", what,
         table.rows, table.width, rows, config.style_width);
  };
  check(sketch.fine, config.split, "sketch");
  check(appearance.fine, config.styles - config.split, "appearance");
  if (sketch.w.size() != static_cast<size_t>(config.style_width)) {
    fail("the sketch's w code has {} numbers, but this model needs {}",
         sketch.w.size(), config.style_width);
  }
  CodeTable codes(config.styles, config.style_width);
  for (int row = 0; row < config.styles; ++row) {
    const bool coarse = row < config.split;
    const float* offsets =
        coarse ? sketch.fine.row(row) : appearance.fine.row(row - config.split);
    const bool relative = coarse || appearance.relative;
    const float* mean = parts_->latent_avg.row(row);
    for (int i = 0; i < config.style_width; ++i) {
      codes.row(row)[i] =
          offsets[i] + (relative ? sketch.w[i] + mean[i] : 0.0F);
    }
  }
  return {codes, sketch.maps};
}

Image Engine::render(const FaceCodes& codes, int stop_at) {
  const std::vector<float> raw = render_raw(codes, stop_at);
  const int side = stop_at == 0 ? parts_->config.size : stop_at;
  const size_t area = static_cast<size_t>(side) * side;
  Image image(side, side, 3);
  for (size_t i = 0; i < area; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      // Truncated, not rounded: so the published code writes bytes.
      const float unit = (raw[c * area + i] + 1.0F) / 2.0F;
      image.pixels[i * 3 + c] =
          static_cast<uint8_t>(std::min(std::max(unit, 0.0F), 1.0F) * 255.0F);
    }
  }
  return image;
}

std::vector<float> Engine::render_raw(const FaceCodes& codes, int stop_at) {
  const Parts& parts = *parts_;
  const ModelConfig& config = parts.config;
  parts.need(parts.synthesis.has_value(), "renderer");
  const CodeTable& styles = codes.styles;
  if (styles.rows != config.styles || styles.width != config.style_width) {
    fail("codes are [{}, {}], but this model needs [{}, {}]", styles.rows,
         styles.width, config.styles, config.style_width);
  }
  const bool power = stop_at > 0 && (stop_at & (stop_at - 1)) == 0;
  if (stop_at != 0 && (!power || stop_at < 8 || stop_at > config.size)) {
    fail("cannot stop at {} px: expected a power of two from 8 to {}", stop_at,
         config.size);
  }
  return parts.synthesis->run(styles.values.data(), codes.maps, stop_at,
                              *workspace_);
}

}  // namespace limner
