#include "model/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "model/encoder.h"
#include "model/generator.h"
#include "model/live.h"
#include "model/looks.h"
#include "model/structure.h"
#include "util/error.h"

namespace limner {
namespace {

// Finer drawings than this tell nothing more.
constexpr int kMostSketchFold = 8;

// The options that a file carries, whichever way: `opts` of the published
// training program, or the "limner" metadata of a converted file.
struct Options {
  nlohmann::json values = nlohmann::json::object();
  bool converted = false;
};

Options find_options(const Checkpoint& checkpoint) {
  Options options;
  const nlohmann::json& values = checkpoint.values;
  if (!values.is_object()) return options;
  if (const auto own = values.find("limner");
      own != values.end() && own->is_string()) {
    options.converted = true;
    options.values = nlohmann::json::parse(own->get<std::string>(), nullptr,
                                           /*allow_exceptions=*/false);
    if (!options.values.is_object()) {
      fail("{}: the metadata entry 'limner' is not a JSON object",
           checkpoint.tensors.source);
    }
  } else if (const auto opts = values.find("opts");
             opts != values.end() && opts->is_object()) {
    options.values = *opts;
  }
  return options;
}

template <typename T>
T option(const Checkpoint& checkpoint, const Options& options,
         const char* published, const char* own, T fallback) {
  const char* key = options.converted ? own : published;
  const auto found = options.values.find(key);
  if (found == options.values.end() || found->is_null()) return fallback;
  const bool fits = std::is_same_v<T, bool> ? found->is_boolean()
                                            : found->is_number_integer();
  if (!fits) {
    fail("{}: option '{}' is {}, expected {}", checkpoint.tensors.source, key,
         printable(found->dump(), 40),
         std::is_same_v<T, bool> ? "true or false" : "a whole number");
  }
  return found->get<T>();
}

int read_split(const Checkpoint& checkpoint, const Options& options,
               int styles) {
  const int split = option(checkpoint, options, "break_layer", "split", int{8});
  if (split < 1 || split >= styles) {
    fail("{}: split index {} is out of range, expected 1 to {}",
         checkpoint.tensors.source, split, styles - 1);
  }
  return split;
}

bool ends_with(const std::string& text, const std::string& suffix) {
  return text.size() >= suffix.size() &&
         text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

// Adds the names that start with `prefix`, without what only training uses.
void add_all(const TensorMap& tensors, const std::string& prefix,
             std::vector<std::string>& live) {
  for (auto it = tensors.tensors.lower_bound(prefix);
       it != tensors.tensors.end() &&
       it->first.compare(0, prefix.size(), prefix) == 0;
       ++it) {
    if (!ends_with(it->first, "num_batches_tracked")) live.push_back(it->first);
  }
}

// Adds what styles [first, last) of an encoder need.
void add_encoder(const TensorMap& tensors, const std::string& prefix, int first,
                 int last, std::vector<std::string>& live) {
  add_all(tensors, prefix + "input_layer.", live);
  add_all(tensors, prefix + "body.", live);
  int deepest = 0;
  for (int style = first; style < last; ++style) {
    deepest = std::max(deepest, encoder_head_level(style));
    add_all(tensors, fmt::format("{}styles.{}.", prefix, style), live);
  }
  for (int level = 1; level <= deepest; ++level) {
    add_all(tensors, fmt::format("{}latlayer{}.", prefix, level), live);
  }
}

}  // namespace

nlohmann::json ModelConfig::to_json() const {
  return {{"size", size},
          {"styles", styles},
          {"style_width", style_width},
          {"split", split},
          {"labels", labels},
          {"input_side", input_side},
          {"mapping_layers", mapping_layers},
          {"add_latent_avg", add_latent_avg},
          {"keep_strokes", keep_strokes},
          {"sketch_fold", sketch_fold},
          {"structure_maps", structure_maps},
          {"faithfulness", faithfulness},
          {"look_components", look_components},
          {"parameters", parameters}};
}

ModelConfig read_config(const Checkpoint& checkpoint) {
  const TensorMap tensors = model_tensors(checkpoint);
  const Options options = find_options(checkpoint);
  ModelConfig config;
  const int resolutions = synthesis_resolutions(tensors);
  if (resolutions > 10) {
    fail("{}: {} resolutions in the decoder, expected at most 10 (2048 px)",
         tensors.source, resolutions);
  }
  config.size = 4 << (resolutions - 1);
  config.styles = 2 * resolutions;
  const Shape modulation =
      tensors.at("decoder.conv1.conv.modulation.weight", {-1, -1}).shape;
  config.style_width = static_cast<int>(modulation[1]);
  const std::string coarse = "encoder_sketch_coarse.";
  const std::string face = "encoder_face_fine.";
  config.sketch_fold =
      option(checkpoint, options, "sketch_fold", "sketch_fold", 1);
  if (config.sketch_fold < 1 || config.sketch_fold > kMostSketchFold) {
    fail("{}: sketch_fold {} is out of range, expected 1 to {}", tensors.source,
         config.sketch_fold, kMostSketchFold);
  }
  const int folded = config.sketch_fold * config.sketch_fold;
  config.faithfulness =
      option(checkpoint, options, "faithfulness", "faithfulness", false);
  const int64_t channels =
      tensors.at(coarse + "input_layer.0.weight", {-1, -1, 3, 3}).shape[1] -
      (config.faithfulness ? 1 : 0);
  if (channels % folded != 0) {
    fail(
        "{}: the sketch encoder reads {} channels of strokes, which "
        "sketch_fold {} cannot divide",
        tensors.source, channels, config.sketch_fold);
  }
  config.labels = static_cast<int>(channels / folded);
  if (config.labels < 1 || config.labels > 255) {
    fail("{}: the sketch encoder reads {} classes, expected 1 to 255",
         tensors.source, config.labels);
  }
  tensors.at(face + "input_layer.0.weight", {-1, 3, 3, 3});

  config.split = read_split(checkpoint, options, config.styles);
  config.input_side = encoder_input_side(tensors, coarse, 0);
  if (encoder_input_side(tensors, face, config.split) != config.input_side) {
    fail("{}: the sketch and photo encoders read different sizes",
         tensors.source);
  }
  const int size =
      option(checkpoint, options, "output_size", "size", config.size);
  if (size != config.size) {
    fail("{}: the options say {} px, but the weights make {} px",
         tensors.source, size, config.size);
  }
  config.mapping_layers = option(checkpoint, options, "n_mlp", "mapping_layers",
                                 config.mapping_layers);
  if (config.mapping_layers < 1 || config.mapping_layers > 64) {
    fail("{}: {} mapping layers are out of range, expected 1 to 64",
         tensors.source, config.mapping_layers);
  }
  config.add_latent_avg = option(checkpoint, options, "start_from_latent_avg",
                                 "add_latent_avg", true);
  config.keep_strokes =
      option(checkpoint, options, "keep_strokes", "keep_strokes", false);
  config.structure_maps = has_structure_maps(tensors);
  config.look_components = look_components(
      tensors, config.styles - config.split, config.style_width);
  for (const std::string& name : live_tensors(checkpoint)) {
    config.parameters += tensors.at(name).count();
  }
  return config;
}

std::vector<std::string> live_tensors(const Checkpoint& checkpoint) {
  const TensorMap tensors = model_tensors(checkpoint);
  const int styles = 2 * synthesis_resolutions(tensors);
  const int split = read_split(checkpoint, find_options(checkpoint), styles);
  std::vector<std::string> live;
  add_encoder(tensors, "encoder_sketch_coarse.", 0, 1, live);
  add_encoder(tensors, "encoder_sketch_fine.", 0, split, live);
  add_encoder(tensors, "encoder_face_fine.", split, styles, live);
  add_all(tensors, "decoder.", live);
  add_all(tensors, "structure.", live);
  for (const char* name : {"latent_avg", kLooksMean, kLooksComponents}) {
    if (tensors.has(name)) live.emplace_back(name);
  }
  std::sort(live.begin(), live.end());
  return live;
}

}  // namespace limner
