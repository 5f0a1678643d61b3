// limner-train: one subcommand a stage of training.
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <new>

#include "command_line/parse.h"
#include "train/run/memory.h"
#include "train/run/options.h"
#include "train/run/run.h"
#include "train/stages/embed.h"
#include "train/stages/generator.h"
#include "train/stages/joint.h"
#include "train/stages/labels.h"
#include "train/stages/look_file.h"
#include "train/stages/parser.h"
#include "util/error.h"

namespace limner::train {
namespace {

using command_line::Command;
using command_line::Program;

// What a command has besides its settings: the file that more of them come
// from.
struct Given {
  std::filesystem::path config;
  OptionTable table;
};

// A command whose settings `given` holds; `work` takes those in effect.
Command command_of(const char* name, const char* summary,
                   std::shared_ptr<Given> given,
                   std::function<void(const nlohmann::json&)> work) {
  Command command;
  command.name = name;
  command.summary = summary;
  command.options = {command_line::path(
      "--config", "FILE", &given->config,
      "settings in a .toml or .json file; flags win over it")};
  const auto& settings = given->table.options();
  command.options.insert(command.options.end(), settings.begin(),
                         settings.end());
  command.read_settings = [given] {
    if (given->config.empty()) return;
    given->table.read(read_config_file(given->config), given->config.string());
  };
  command.run = [given, work = std::move(work)] {
    work(given->table.to_json());
    return 0;
  };
  return command;
}

template <typename TheStage, typename Settings>
Command stage_command(const char* name, const char* summary) {
  struct All : Given {
    RunOptions run;
    Settings stage;
  };
  auto all = std::make_shared<All>();
  all->run.declare(all->table);
  all->stage.declare(all->table);
  return command_of(name, summary, all, [all = all.get()](const auto& in_use) {
    const std::shared_ptr<Processes> processes = Processes::from_environment();
    TheStage stage(all->stage, all->run.steps, processes);
    run(stage, all->run, in_use, *processes);
  });
}

Command looks_command() {
  struct All : Given {
    LookFileSettings settings;
  };
  auto all = std::make_shared<All>();
  all->settings.declare(all->table);
  return command_of("looks",
                    "looks at random as photos have them, into a model's file",
                    all, [all = all.get()](const auto& /*in_use*/) {
                      std::printf("%s\n", write_looks(all->settings).c_str());
                    });
}

Program program() {
  Program all;
  all.name = "limner-train";
  all.about = "Trains limner's networks.";
  all.commands = {
      stage_command<ParserStage, ParserSettings>(
          "parser", "the network that tells the parts of a face"),
      stage_command<LabelsStage, LabelsSettings>(
          "labels", "the network that tells what each stroke of a drawing is"),
      stage_command<GeneratorStage, GeneratorSettings>(
          "generator", "StyleGAN2: random codes in, faces out"),
      stage_command<EmbedStage, EmbedSettings>(
          "embed", "encoders for a given generator, the published way"),
      stage_command<JointStage, JointSettings>(
          "joint",
          "encoders, generator and discriminator together, for small models"),
      looks_command()};
  return all;
}

// As keep_tensor_memory() for what is not in tensors, such as the work spaces
// of oneDNN: by default glibc hands large pieces back to the kernel each time.
void keep_memory() {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

// As in limner: threads that wait for each other spin for milliseconds by
// default, which hurts whenever another program wants the processor. The
// libraries read these settings as they are loaded, so the program starts
// itself again; a user's own settings stay.
void shorten_waits(char** argv) {
  if (std::getenv("GOMP_SPINCOUNT") != nullptr ||
      std::getenv("OMP_WAIT_POLICY") != nullptr) {
    return;
  }
  setenv("GOMP_SPINCOUNT", "20000", 1);
  setenv("OPENBLAS_THREAD_TIMEOUT", "10", 0);
  execv("/proc/self/exe", argv);
  // Still here: no /proc, so it runs as it is.
}

}  // namespace
}  // namespace limner::train

int main(int argc, char** argv) {
  limner::train::keep_memory();
  limner::train::keep_tensor_memory();
  limner::train::shorten_waits(argv);
  try {
    return limner::command_line::run_command_line(
        limner::train::program(), argc, argv,
        [](const std::string& text) { std::fputs(text.c_str(), stdout); });
  } catch (const limner::command_line::UsageError& error) {
    std::fprintf(stderr, "limner-train: %s\n", error.what());
    return 2;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "limner-train: out of memory\n");
  } catch (const c10::Error& error) {
    // libtorch's messages carry a stack; the first line says what happened.
    const std::string text = error.what_without_backtrace();
    std::fprintf(stderr, "limner-train: %s\n",
                 limner::printable(text.substr(0, text.find('\n'))).c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "limner-train: %s\n",
                 limner::printable(error.what(), 1000).c_str());
  }
  return 1;
}
