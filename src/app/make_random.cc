// limner make-random: a model of random weights, for tests and demos.
#include <memory>

#include "app/commands.h"
#include "app/console.h"
#include "app/inventory.h"
#include "app/outputs.h"
#include "pipeline/random_model.h"
#include "util/error.h"

namespace limner::app {
namespace {

struct Settings {
  std::filesystem::path out;
  int64_t size = 256;
  int64_t divisor = 16;
  int64_t seed = 1;
  std::string type = "f32";
  bool quiet = false;
};

int make_random(const Settings& settings) {
  if (settings.out.extension() != ".safetensors") {
    fail("{}: the output must end in .safetensors", settings.out.string());
  }
  RandomModelOptions options;
  options.size = static_cast<int>(settings.size);
  options.width_divisor = static_cast<int>(settings.divisor);
  options.seed = static_cast<uint64_t>(settings.seed);
  options.type = settings.type == "bf16" ? DType::kBF16 : DType::kF32;
  Outputs outputs;
  outputs.plan(settings.out);
  outputs.prepare(settings.out);
  const std::string digest = write_random_model(settings.out, options);
  if (!settings.quiet) {
    const auto bytes =
        static_cast<uint64_t>(std::filesystem::file_size(settings.out));
    say("{}: random weights, pictures of {} px are noise, {}\nsha256 {}\n",
        shown(settings.out), settings.size, bytes_text(bytes), digest);
  }
  return 0;
}

}  // namespace

Command make_random_command() {
  auto settings = std::make_shared<Settings>();
  Command command;
  command.name = "make-random";
  command.summary = "Writes a model of random weights for tests and demos";
  command.details = {
      "The file has the official names and, with --width-divisor 1 --size "
      "1024, the official shapes. Its pictures are noise.",
      "  limner make-random noise.safetensors --size 64",
  };
  command.options = {
      needed(path("OUT", "", &settings->out,
                  "the file to write, ending in .safetensors")),
      powers_of_two(whole("--size", "SIDE", &settings->size, 16, 1024,
                          "side of the pictures")),
      powers_of_two(whole("--width-divisor", "N", &settings->divisor, 1, 16,
                          "widths of the official model are divided by this")),
      whole("--seed", "N", &settings->seed, 0, kMaxSeed,
            "seed of the weights; the same options give the same file"),
      choice("--type", &settings->type, {"f32", "bf16"},
             "how matrices and convolutions are stored"),
      flag("--quiet", &settings->quiet, "print nothing but errors"),
  };
  command.run = [settings] { return make_random(*settings); };
  return command;
}

}  // namespace limner::app
