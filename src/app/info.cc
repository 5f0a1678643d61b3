// limner info: what a weight file holds.
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/commands.h"
#include "app/console.h"
#include "app/inventory.h"
#include "model/face_weights.h"
#include "util/error.h"

namespace limner::app {
namespace {

struct Settings {
  std::filesystem::path model;
  bool json = false;
  bool tensors = false;
};

// What is known of a file: configuration and inventory only of a model.
struct Report {
  Checkpoint checkpoint;
  std::optional<ModelConfig> config;
  std::optional<Inventory> inventory;
  std::string why_not;  // why it is no model
};

Report look_at(const std::filesystem::path& path) {
  Report report;
  report.checkpoint = read_checkpoint(path);
  try {
    const FaceWeights weights = read_face_weights(report.checkpoint);
    report.config = weights.config;
    report.inventory = take_inventory(weights);
  } catch (const Error& error) {
    report.why_not = error.what();
  }
  return report;
}

// The options of the training program or of the conversion.
nlohmann::json options_of(const Checkpoint& checkpoint) {
  nlohmann::json values = checkpoint.values();
  // Metadata of safetensors is text; show nested JSON as such.
  if (const auto own = values.find("limner");
      own != values.end() && own->is_string()) {
    auto parsed = nlohmann::json::parse(own->get<std::string>(), nullptr,
                                        /*allow_exceptions=*/false);
    if (!parsed.is_discarded()) values["limner"] = std::move(parsed);
  }
  return values;
}

nlohmann::json to_json(const Amount& amount) {
  return {{"tensors", amount.tensors},
          {"numbers", amount.numbers},
          {"bytes", amount.bytes}};
}

nlohmann::json to_json(const Report& report, bool tensors) {
  nlohmann::json out = {
      {"file", report.checkpoint.tensors.source},
      {"container", report.checkpoint.container},
      {"file_bytes", report.checkpoint.file_bytes},
      {"tensors", report.checkpoint.tensors.tensors.size()},
      {"is_model", report.config.has_value()},
      {"values", options_of(report.checkpoint)},
  };
  if (report.config && report.inventory) {
    out["config"] = report.config->to_json();
    out["used"] = to_json(report.inventory->total.live);
    out["unused"] = to_json(report.inventory->total.dead);
    for (const auto& [name, group] : report.inventory->groups) {
      out["groups"][name] = {{"used", to_json(group.live)},
                             {"unused", to_json(group.dead)}};
    }
    for (const auto& [type, amount] : report.inventory->types) {
      out["types"][type] = to_json(amount);
    }
  } else {
    out["why_not"] = report.why_not;
  }
  if (tensors) {
    out["tensor_list"] = nlohmann::json::array();
    for (const auto& [name, tensor] : report.checkpoint.tensors.tensors) {
      out["tensor_list"].push_back({{"name", name},
                                    {"type", name_of(tensor.type)},
                                    {"shape", tensor.shape}});
    }
  }
  return out;
}

// A value on one line; text that is not UTF-8 does not stop the report.
std::string shown(const nlohmann::json& value) {
  return printable(
      value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void print_values(const nlohmann::json& values) {
  for (const auto& [key, value] : values.items()) {
    if (value.is_object()) {
      say("{}:\n", printable(key, 60));
      for (const auto& [name, entry] : value.items()) {
        say("  {:<26}{}\n", printable(name, 60), shown(entry));
      }
    } else {
      say("{:<28}{}\n", printable(key, 60), shown(value));
    }
  }
}

void print(const Report& report, bool tensors) {
  const Checkpoint& file = report.checkpoint;
  say("{}: {}, {}, {} tensors\n", file.tensors.source, file.container,
      bytes_text(file.file_bytes), file.tensors.tensors.size());
  if (report.config && report.inventory) {
    const ModelConfig& config = *report.config;
    say("pictures of {0} x {0}, {1} style codes of {2} (0 to {3} follow the "
        "drawing), {4} stroke classes at {5} px, mean code {6}\n",
        config.size, config.styles, config.style_width, config.split - 1,
        config.labels, config.input_side,
        config.add_latent_avg ? "added" : "not added");
    say("random looks from {}\n",
        config.look_components == 0
            ? std::string("the mapping network")
            : fmt::format("{} components of photos' looks",
                          config.look_components));
    if (config.sharpening > 0) {
      say("full pictures are sharpened by {}\n", config.sharpening);
    }
    say("{:.1f} million numbers are used\n\n",
        static_cast<double>(config.parameters) / 1e6);
    say("{}", inventory_text(*report.inventory));
    say("\ntypes:");
    for (const auto& [type, amount] : report.inventory->types) {
      say(" {} ({} tensors, {})", type, amount.tensors,
          bytes_text(amount.bytes));
    }
    say("\n");
  } else {
    say("no limner model: {}\n", printable(report.why_not));
  }
  const nlohmann::json values = options_of(file);
  if (!values.empty()) {
    say("\n");
    print_values(values);
  }
  if (!tensors) return;
  say("\n");
  for (const auto& [name, tensor] : file.tensors.tensors) {
    say("{:<60} {:<9} {}\n", name.empty() ? "(the tensor)" : printable(name),
        name_of(tensor.type), to_string(tensor.shape));
  }
}

}  // namespace

Command info_command() {
  auto settings = std::make_shared<Settings>();
  Command command;
  command.name = "info";
  command.summary = "Prints what a weight file holds";
  command.details = {
      "Reads PyTorch files (zip and legacy) and safetensors without running "
      "anything in them. Of a model it prints sizes, options and which weights "
      "take part in making a face; of any other file the tensors and values.",
      "  limner info model.pt",
      "  limner info latent.pt --json --tensors",
  };
  command.options = {
      needed(path("MODEL", "", &settings->model, "a weight file")),
      flag("--json", &settings->json, "print one JSON object"),
      flag("--tensors", &settings->tensors, "list every tensor"),
  };
  command.run = [settings] {
    const Report report = look_at(settings->model);
    if (settings->json) {
      // Names in a file need not be UTF-8, JSON must be.
      say("{}\n",
          to_json(report, settings->tensors)
              .dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    } else {
      print(report, settings->tensors);
    }
    return 0;
  };
  return command;
}

}  // namespace limner::app
