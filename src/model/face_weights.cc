#include "model/face_weights.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "model/read_layout.h"
#include "model/state_dict.h"
#include "util/error.h"

namespace limner {
namespace {

// Finer drawings than this tell nothing more.
constexpr int kMaxSketchFold = 8;
constexpr int kMaxMappingLayers = 64;
constexpr int kMaxLabels = 255;

// The options that a file carries, whichever way: `opts` of the published
// training program, or the "limner" metadata of a converted file.
class Options {
 public:
  explicit Options(const Checkpoint& checkpoint)
      : source_(checkpoint.tensors.source) {
    const nlohmann::json& values = checkpoint.values();
    if (const auto own = values.find("limner");
        own != values.end() && own->is_string()) {
      converted_ = true;
      values_ = nlohmann::json::parse(own->get<std::string>(), nullptr,
                                      /*allow_exceptions=*/false);
      if (!values_.is_object()) {
        fail("{}: the metadata entry 'limner' is not a JSON object", source_);
      }
    } else if (const auto opts = values.find("opts");
               opts != values.end() && opts->is_object()) {
      values_ = *opts;
    }
  }

  // The option that the published program calls `published`, limner `own`.
  template <typename T>
  T get(const char* published, const char* own, T fallback) const {
    const char* key = converted_ ? own : published;
    const auto found = values_.find(key);
    if (found == values_.end() || found->is_null()) return fallback;
    bool fits = found->is_number_integer();
    const char* wanted = "a whole number";
    if constexpr (std::is_same_v<T, bool>) {
      fits = found->is_boolean();
      wanted = "true or false";
    } else if constexpr (std::is_same_v<T, double>) {
      fits = found->is_number();
      wanted = "a number";
    }
    if (!fits) {
      fail("{}: option '{}' is {}, expected {}", source_, key,
           printable(found->dump(), 40), wanted);
    }
    return found->get<T>();
  }
  // One that limner alone has.
  template <typename T>
  T get(const char* own, T fallback) const {
    return get(own, own, fallback);
  }

 private:
  std::string source_;
  nlohmann::json values_ = nlohmann::json::object();
  bool converted_ = false;
};

GeneratorConfig read_generator(const TensorMap& tensors,
                               const Options& options) {
  GeneratorConfig config = read_generator_config(tensors, kGenerator);
  const int size = options.get("output_size", "size", config.size());
  if (size != config.size()) {
    fail("{}: the options say {} px, but the weights make {} px",
         tensors.source, size, config.size());
  }
  config.mapping_layers =
      options.get("n_mlp", "mapping_layers", GeneratorConfig().mapping_layers);
  if (config.mapping_layers < 1 || config.mapping_layers > kMaxMappingLayers) {
    fail("{}: {} mapping layers are out of range, expected 1 to {}",
         tensors.source, config.mapping_layers, kMaxMappingLayers);
  }
  config.sharpening = options.get("sharpening", config.sharpening);
  if (!(config.sharpening >= 0 && config.sharpening <= kMaxSharpening)) {
    fail("{}: sharpening {} is out of range, expected 0 to {}", tensors.source,
         config.sharpening, kMaxSharpening);
  }
  return config;
}

// How the sketch encoders read a drawing, and what they read.
void read_drawing(const TensorMap& tensors, const Options& options,
                  FaceConfig& face) {
  face.keep_strokes = options.get("keep_strokes", false);
  face.faithfulness = options.get("faithfulness", false);
  face.sketch_fold = options.get("sketch_fold", 1);
  if (face.sketch_fold < 1 || face.sketch_fold > kMaxSketchFold) {
    fail("{}: sketch_fold {} is out of range, expected 1 to {}", tensors.source,
         face.sketch_fold, kMaxSketchFold);
  }
  face.sketch_coarse = read_encoder_config(tensors, kSketchCoarse, 0, 1);
  face.sketch_fine = read_encoder_config(tensors, kSketchFine, 0, face.split);
  face.sketch_coarse.plane = face.faithfulness;
  face.sketch_fine.plane = face.faithfulness;
  const int channels = face.sketch_coarse.inputs - (face.faithfulness ? 1 : 0);
  if (channels % (face.sketch_fold * face.sketch_fold) != 0) {
    fail(
        "{}: the sketch encoder reads {} channels of strokes, which "
        "sketch_fold {} cannot divide",
        tensors.source, channels, face.sketch_fold);
  }
  if (face.labels() < 1 || face.labels() > kMaxLabels) {
    fail("{}: the sketch encoder reads {} classes, expected 1 to {}",
         tensors.source, face.labels(), kMaxLabels);
  }
}

FaceConfig read_face_config(const TensorMap& tensors, const Options& options) {
  FaceConfig face;
  face.generator = read_generator(tensors, options);
  const int styles = face.generator.styles();
  face.split = options.get("break_layer", "split", FaceConfig().split);
  if (face.split < 1 || face.split >= styles) {
    fail("{}: split index {} is out of range, expected 1 to {}", tensors.source,
         face.split, styles - 1);
  }
  read_drawing(tensors, options, face);
  tensors.at(std::string(kFaceFine) + "input_layer.0.weight", {-1, 3, 3, 3});
  face.face_fine = read_encoder_config(tensors, kFaceFine, face.split, styles);
  check_config(face, tensors.source);
  face.add_latent_avg =
      options.get("start_from_latent_avg", "add_latent_avg", true);
  const std::string structure = kStructure;
  const auto first = tensors.tensors.lower_bound(structure);
  face.structure_maps =
      first != tensors.tensors.end() &&
      first->first.compare(0, structure.size(), structure) == 0;
  face.look_components = read_look_components(tensors, styles - face.split,
                                              face.generator.style_width);
  return face;
}

}  // namespace

std::vector<std::string> FaceWeights::names() const {
  std::vector<std::string> names;
  for (const TensorLayout& tensor : tensors_of(layout)) {
    if (tensors.has(tensor.name)) names.push_back(tensor.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

FaceWeights read_face_weights(const Checkpoint& checkpoint) {
  FaceWeights weights;
  weights.tensors = model_tensors(checkpoint);
  weights.face = read_face_config(weights.tensors, Options(checkpoint));
  weights.layout = face_layout(weights.face);
  weights.config = model_config(weights.face);
  // A file may do without a mean code, or hold one row for all styles.
  weights.config.parameters = 0;
  for (const std::string& name : weights.names()) {
    weights.config.parameters += weights.tensors.at(name).count();
  }
  return weights;
}

}  // namespace limner
