// The program: its commands, its help, and what becomes of errors.
#include <csignal>
#include <filesystem>
#include <memory>
#include <new>

#include "app/commands.h"
#include "app/console.h"
#include "app/version.h"
#include "command_line/completions.h"
#include "command_line/help.h"
#include "command_line/manual.h"
#include "command_line/parse.h"
#include "util/error.h"
#include "util/files.h"
#include "util/parallel.h"

namespace limner::app {
namespace {

using command_line::Program;

Program program();

// What stands above the commands in docs/command-line.md.
const std::string kReference =
    "# The command line\n\n"
    "<!-- Made by `limner help --markdown`; do not edit by hand. -->\n\n"
    "Every command prints its options with `--help`. Exit codes: 0 for\n"
    "success, 1 for a problem with input, files, values or the machine, 2\n"
    "for a command line that makes no sense (unknown or missing options).\n"
    "Errors are one line on standard error that begins with `limner: `.\n"
    "Files are written under a temporary name and renamed when complete, so\n"
    "an interrupted or failed run leaves no half-written file.\n\n";

// `limner help [COMMAND]`; with --markdown the whole reference, with
// --documents what a package installs.
struct HelpState {
  std::string command;
  bool as_markdown = false;
  std::filesystem::path documents;
};

// Manual pages and completions, named as they are installed.
void write_documents(const Program& all, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const auto write = [&](const std::string& name, const std::string& text) {
    write_file(folder / name, text);
  };
  write("limner.1", man_page(all));
  for (const Command& command : all.commands) {
    if (command.hidden) continue;
    write("limner-" + command.name + ".1", man_page(all, command));
  }
  write("limner.bash", bash_completions(all));
  write("_limner", zsh_completions(all));
  write("limner.fish", fish_completions(all));
}

Command help_command(std::shared_ptr<HelpState> state) {
  Command command;
  command.name = "help";
  command.summary = "Prints this help, or that of a command";
  command.hidden = true;
  command.options = {
      text("COMMAND", "", &state->command, "the command to explain"),
      flag("--markdown", &state->as_markdown,
           "print the reference of all commands"),
      path("--documents", "FOLDER", &state->documents,
           "write manual pages and shell completions")};
  command.run = [state] {
    const Program all = program();
    if (!state->documents.empty()) {
      write_documents(all, state->documents);
      return 0;
    }
    if (state->as_markdown) {
      say("{}", kReference + markdown(all));
      return 0;
    }
    if (state->command.empty()) {
      say("{}", overview(all));
      return 0;
    }
    for (const Command& candidate : all.commands) {
      if (candidate.name == state->command && !candidate.hidden) {
        say("{}", help_text(all, candidate));
        return 0;
      }
    }
    throw UsageError(fmt::format("there is no command \"{}\"",
                                 printable(state->command, 40)));
  };
  return command;
}

Program program() {
  Program all;
  all.name = "limner";
  all.about =
      "Turns a drawing of a face into a photograph of one: the drawing decides "
      "the structure, a photo (or a random draw) decides the looks.";
  all.version = version_text();
  all.commands = all_commands();
  all.commands.push_back(help_command(std::make_shared<HelpState>()));
  return all;
}

}  // namespace

std::vector<Command> all_commands() {
  return {generate_command(),  label_command(),      sketch_command(),
          parse_command(),     align_command(),      eval_command(),
          inference_command(), mix_command(),        convert_command(),
          info_command(),      bench_command(),      serve_command(),
          shapes_command(),    make_random_command()};
}

int run_program(int argc, const char* const* argv) {
  remove_temporaries_on_signals();
  // A reader that goes away (`limner info M | head`) must not end a long run:
  // results go to files. Writing to the pipe then fails and is let go.
  std::signal(SIGPIPE, SIG_IGN);
  int code = 1;
  try {
    code = command_line::run_command_line(
        program(), argc, argv, [](const std::string& text) { say_text(text); });
  } catch (const UsageError& error) {
    complain("{}", error.what());
    code = 2;
  } catch (const Error& error) {
    complain("{}", printable(error.what(), 1000));
  } catch (const std::bad_alloc&) {
    complain("out of memory: close other programs or use a smaller model");
  } catch (const std::exception& error) {
    complain("{}", printable(error.what(), 1000));
  }
  const std::string problem = finish_output();
  if (!problem.empty()) {
    complain("standard output: {}", problem);
    if (code == 0) code = 1;
  }
  return code;
}

}  // namespace limner::app
