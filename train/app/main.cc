// limner-train: one subcommand a stage of training.
#include <malloc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <new>
#include <vector>

#include "train/run/memory.h"
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

// What every command has on the command line: its settings, and where more of
// them come from.
class Command {
 public:
  virtual ~Command() = default;

  void add_to(CLI::App& program, const std::string& name,
              const std::string& help) {
    app_ = program.add_subcommand(name, help);
    app_->add_option("--config", config_,
                     "settings in a .toml or .json file; flags win over it");
    declare(table_);
    table_.add_flags(*app_);
  }

  bool chosen() const { return app_->parsed(); }

  void execute() {
    if (!config_.empty()) table_.read(read_config_file(config_), config_);
    table_.apply_flags();
    work(table_.to_json());
  }

 protected:
  virtual void declare(OptionTable& table) = 0;
  // settings: those in effect.
  virtual void work(const nlohmann::json& settings) = 0;

 private:
  CLI::App* app_ = nullptr;
  std::string config_;
  OptionTable table_;
};

template <typename TheStage, typename Settings>
class StageCommand : public Command {
 protected:
  void declare(OptionTable& table) override {
    run_.declare(table);
    settings_.declare(table);
  }
  void work(const nlohmann::json& settings) override {
    const std::shared_ptr<Processes> processes = Processes::from_environment();
    TheStage stage(settings_, run_.steps, processes);
    run(stage, run_, settings, *processes);
  }

 private:
  RunOptions run_;
  Settings settings_;
};

class LooksCommand : public Command {
 protected:
  void declare(OptionTable& table) override { settings_.declare(table); }
  void work(const nlohmann::json& /*settings*/) override {
    std::printf("%s\n", write_looks(settings_).c_str());
  }

 private:
  LookFileSettings settings_;
};

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

int run_program(int argc, char** argv) {
  CLI::App program("Trains limner's networks.", "limner-train");
  program.require_subcommand(1);
  std::vector<std::unique_ptr<Command>> commands;
  const auto add = [&](std::unique_ptr<Command> command, const char* name,
                       const char* help) {
    command->add_to(program, name, help);
    commands.push_back(std::move(command));
  };
  add(std::make_unique<StageCommand<ParserStage, ParserSettings>>(), "parser",
      "the network that tells the parts of a face");
  add(std::make_unique<StageCommand<LabelsStage, LabelsSettings>>(), "labels",
      "the network that tells what each stroke of a drawing is");
  add(std::make_unique<StageCommand<GeneratorStage, GeneratorSettings>>(),
      "generator", "StyleGAN2: random codes in, faces out");
  add(std::make_unique<StageCommand<EmbedStage, EmbedSettings>>(), "embed",
      "encoders for a given generator, the published way");
  add(std::make_unique<StageCommand<JointStage, JointSettings>>(), "joint",
      "encoders, generator and discriminator together, for small models");
  add(std::make_unique<LooksCommand>(), "looks",
      "looks at random as photos have them, into a model's file");
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // 0 for --help, 2 for a command line that makes no sense.
    return program.exit(error) == 0 ? 0 : 2;
  }
  for (const std::unique_ptr<Command>& command : commands) {
    if (command->chosen()) command->execute();
  }
  return 0;
}

}  // namespace
}  // namespace limner::train

int main(int argc, char** argv) {
  limner::train::keep_memory();
  limner::train::keep_tensor_memory();
  limner::train::shorten_waits(argv);
  try {
    return limner::train::run_program(argc, argv);
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
