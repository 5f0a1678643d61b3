#include "train/stages/look_file.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "model/face_weights.h"
#include "model/looks.h"
#include "train/modules/face_model.h"
#include "train/stages/looks.h"
#include "util/error.h"
#include "weights/checkpoint.h"
#include "weights/safetensors.h"

namespace limner::train {
namespace {

namespace fs = std::filesystem;

void check_files(const LookFileSettings& settings) {
  for (const auto& [name, path] :
       {std::pair("model", settings.model), std::pair("out", settings.out),
        std::pair("data", settings.training.data)}) {
    if (path.empty()) fail("looks: no '{}' given", name);
  }
  if (settings.out.extension() != ".safetensors") {
    fail("{}: the output must end in .safetensors", settings.out.string());
  }
  std::error_code missing;
  if (fs::equivalent(settings.model, settings.out, missing)) {
    fail("{}: the output would take the place of the model",
         settings.out.string());
  }
}

// The file's text entries, its configuration as it is with the looks.
std::map<std::string, std::string> metadata_of(const Checkpoint& checkpoint) {
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : checkpoint.values().items()) {
    metadata[key] = value.get<std::string>();
  }
  const auto own = metadata.find("limner");
  if (own != metadata.end()) {
    nlohmann::json info = nlohmann::json::parse(own->second);
    info.update(read_face_weights(checkpoint).config.to_json());
    own->second = info.dump();
  }
  return metadata;
}

}  // namespace

void LookFileSettings::declare(OptionTable& table) {
  table.add("data", &training.data,
            "folder of faces: manifest.csv, images/ and masks/, or "
            "CelebAMask-HQ as downloaded");
  table.add("model", &model, "a model that limner-train made (.safetensors)");
  table.add("out", &out, "the file to write, ending in .safetensors");
  table.add("components", &components, 1, kMaxLookComponents,
            "components to keep");
  table.add("photos", &photos, 2, 1e6,
            "training photos to find them from, spread over all");
  table.add_choice("device", &training.device, {"cpu", "cuda"},
                   "where to compute");
  table.add("threads", &training.threads, 0, 1024,
            "threads; 0: OMP_NUM_THREADS, or one a processor");
  table.add("workers", &training.workers, 1, 256,
            "threads that prepare pictures");
}

std::string write_looks(const LookFileSettings& settings) {
  check_files(settings);
  Checkpoint checkpoint = read_checkpoint(settings.model);
  if (checkpoint.container != "safetensors") {
    fail("{}: is a {} file, expected .safetensors (see `limner convert`)",
         settings.model.string(), checkpoint.container);
  }
  for (const char* name : {kLooksMean, kLooksComponents}) {
    checkpoint.tensors.tensors.erase(name);
  }
  const Context context(settings.training, 0, Processes::alone());
  const std::unique_ptr<Dataset> faces =
      open_dataset(settings.training.data, "train");
  FaceModel model = load_face_model(settings.model);
  context.adopt(*model);
  model->eval();
  const ModelConfig config = model->config();
  std::vector<torch::Tensor> codes;
  visit_photos(*faces, config.input_side, settings.photos,
               settings.training.workers, [&](const torch::Tensor& photos) {
                 codes.push_back(codes_of_photos(
                     *model, photos, config.styles - config.split, context));
               });
  const torch::Tensor all = torch::cat(codes);
  const LookSpread spread = spread_of(all, settings.components);

  std::vector<NamedTensor> tensors;
  for (const auto& [name, tensor] : checkpoint.tensors.tensors) {
    tensors.push_back({name, tensor, tensor.type});
  }
  // As the file's other large tensors.
  const DType type =
      checkpoint.tensors.at("decoder.conv1.conv.weight").type == DType::kBF16
          ? DType::kBF16
          : DType::kF32;
  for (const NamedTensor& part : look_tensors(spread, type)) {
    tensors.push_back(part);
    checkpoint.tensors.tensors[part.name] = part.tensor;
  }
  const std::string digest =
      write_safetensors(settings.out, tensors, metadata_of(checkpoint));
  return fmt::format(
      "{}: looks of {} photos, {} components that hold {:.1f} % of their "
      "variance\nsha256 {}",
      settings.out.string(), all.size(0), spread.components.size(0),
      100.0 * spread.share, digest);
}

}  // namespace limner::train
