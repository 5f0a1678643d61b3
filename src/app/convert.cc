// limner convert: a training checkpoint -> a compact file of live weights.
#include <array>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/console.h"
#include "app/inventory.h"
#include "app/outputs.h"
#include "model/face_weights.h"
#include "model/state_dict.h"
#include "pipeline/engine.h"
#include "pipeline/network_file.h"
#include "pipeline/random_model.h"
#include "pipeline/trait_file.h"
#include "util/error.h"
#include "weights/safetensors.h"

namespace limner::app {
namespace {

namespace fs = std::filesystem;

struct Settings {
  fs::path in;
  fs::path out;
  fs::path labeler, parser, shapes, traits;  // to be added
  std::string type = "f32";
  double sharpening = -1;  // below 0: as the model has it
  bool quiet = false;
};

// Loading checks that all weights are there, fit together and are finite. One
// part at a time takes the least memory.
void check_weights(const FaceWeights& weights) {
  for (int part = 0; part < 3; ++part) {
    EngineOptions options;
    options.precision = Precision::kExact;
    options.sketch_encoders = part == 0;
    options.photo_encoder = part == 1;
    options.renderer = part == 2;
    const Engine engine(weights, options);
  }
}

// The kind of a labeler's or parser's file; "" of others.
std::string network_kind(const Checkpoint& checkpoint) {
  for (const char* kind : kNetworkKinds) {
    if (!checkpoint.text(network_entry(kind)).empty()) return kind;
  }
  return "";
}

DType wanted_type(const Settings& settings) {
  return settings.type == "bf16" ? DType::kBF16 : DType::kF32;
}

// Adds all of a labeler or parser but its counters of batches. Numbers of 16
// bits, such as places of points, stay as they are.
void add_network(const Settings& settings, const NetworkFile& network,
                 const std::string& prefix, std::vector<NamedTensor>& kept) {
  for (const auto& [name, tensor] : network.tensors().tensors) {
    if (tensor.type == DType::kI64) continue;
    const DType type =
        tensor.type == DType::kF16
            ? DType::kF16
            : stored_type(name, tensor.shape, wanted_type(settings));
    kept.push_back({prefix + name, tensor, type});
  }
}

int convert_network(const Settings& settings, const Checkpoint& checkpoint,
                    const std::string& kind, Outputs& outputs) {
  if (!settings.labeler.empty() || !settings.parser.empty() ||
      !settings.shapes.empty() || !settings.traits.empty()) {
    fail("{}: networks are added to a face model, and this is none",
         settings.in.string());
  }
  if (settings.sharpening >= 0) {
    fail("{}: --sharpening is for a face model, and this is none",
         settings.in.string());
  }
  const NetworkFile network(checkpoint, kind);
  std::vector<NamedTensor> kept;
  add_network(settings, network, "", kept);
  outputs.prepare(settings.out);
  const std::string digest =
      write_safetensors(settings.out, kept,
                        {{"format", "pt"}, {network.entry(), network.text()}});
  if (settings.quiet) return 0;
  say("{}: {} ({} weights), from {}\nsha256 {}\n", shown(settings.out),
      bytes_text(static_cast<uint64_t>(fs::file_size(settings.out))),
      settings.type, bytes_text(checkpoint.file_bytes), digest);
  return 0;
}

int convert(const Settings& settings) {
  if (settings.out.extension() != ".safetensors") {
    fail("{}: the output must end in .safetensors", settings.out.string());
  }
  Outputs outputs;
  outputs.protect(settings.in);
  outputs.plan(settings.out);

  const Checkpoint checkpoint = read_checkpoint(settings.in);
  const std::string kind = network_kind(checkpoint);
  if (!kind.empty() && !has_generator(checkpoint)) {
    return convert_network(settings, checkpoint, kind, outputs);
  }
  const FaceWeights weights = read_face_weights(checkpoint);
  check_weights(weights);

  std::vector<NamedTensor> kept;
  for (const std::string& name : weights.names()) {
    const Tensor& tensor = weights.tensors.at(name);
    kept.push_back(
        {name, tensor, stored_type(name, tensor.shape, wanted_type(settings))});
  }
  std::map<std::string, std::string> metadata = {{"format", "pt"}};
  // Networks that the file has stay in it, unless others take their place.
  const std::array<fs::path, kNetworkKinds.size()> given = {
      settings.labeler, settings.parser, settings.shapes, settings.traits};
  for (size_t i = 0; i < given.size(); ++i) {
    const std::string added = kNetworkKinds[i];
    if (given[i].empty() && !has_network(checkpoint, added)) continue;
    if (!given[i].empty() && added == "traits") {
      // Those of another model would not do.
      read_look_traits(read_checkpoint(given[i]), weights.config);
    }
    const NetworkFile network =
        given[i].empty() ? NetworkFile(checkpoint, added)
                         : NetworkFile(read_checkpoint(given[i]), added);
    add_network(settings, network, network_prefix(added), kept);
    metadata[network.entry()] = network.text();
  }
  nlohmann::json info = weights.config.to_json();
  if (settings.sharpening >= 0) info["sharpening"] = settings.sharpening;
  info["source"] = {{"file", settings.in.filename().string()},
                    {"container", checkpoint.container},
                    {"bytes", checkpoint.file_bytes},
                    {"weights", settings.type}};
  outputs.prepare(settings.out);
  metadata["limner"] = info.dump();
  const std::string digest = write_safetensors(settings.out, kept, metadata);
  if (settings.quiet) return 0;

  const Inventory inventory = take_inventory(weights);
  say("{}", inventory_text(inventory));
  const auto written = static_cast<uint64_t>(fs::file_size(settings.out));
  say("{}: {} ({} weights), from {}\nsha256 {}\n", shown(settings.out),
      bytes_text(written), settings.type, bytes_text(checkpoint.file_bytes),
      digest);
  return 0;
}

}  // namespace

Command convert_command() {
  auto settings = std::make_shared<Settings>();
  Command command;
  command.name = "convert";
  command.summary = "Turns a checkpoint into a compact file of live weights";
  command.details = {
      "Keeps the weights that take part in making a face, under their official "
      "names, and puts the model's configuration into the metadata entry "
      "\"limner\". Prints what was kept and dropped, and the SHA-256 of the "
      "result. With bf16, matrices and convolutions take half the space; "
      "biases, statistics, slopes, noise and the means of codes stay f32. "
      "Random looks that the file holds stay in it. Labelers "
      "and parsers that limner-train wrote, and face shapes, are converted as "
      "a whole, or added to a face model's file.",
      "  limner convert model.pt model.safetensors --type bf16",
  };
  command.options = {
      needed(
          path("IN", "", &settings->in, "a checkpoint: .pt or .safetensors")),
      needed(path("OUT", "", &settings->out,
                  "the file to write, ending in .safetensors")),
      path("--add-labeler", "FILE", &settings->labeler,
           "put this stroke labeler into the file too"),
      path("--add-parser", "FILE", &settings->parser,
           "put this face parser into the file too"),
      path("--add-shapes", "FILE", &settings->shapes,
           "put these face shapes (see `limner shapes`) into the file too"),
      path("--add-traits", "FILE", &settings->traits,
           "put these traits of looks (see scripts/find_traits) into the file "
           "too"),
      choice("--type", &settings->type, {"f32", "bf16"},
             "how matrices and convolutions are stored"),
      defaulting(
          real("--sharpening", "A", &settings->sharpening, 0, kMaxSharpening,
               "sharpen the model's full pictures by this much (unsharp "
               "masking); 0: not at all"),
          "as in IN"),
      flag("--quiet", &settings->quiet, "print nothing but errors"),
  };
  command.run = [settings] { return convert(*settings); };
  return command;
}

}  // namespace limner::app
