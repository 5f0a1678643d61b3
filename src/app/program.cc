// Parses the command line with CLI11 and runs one command.
#include <CLI/CLI.hpp>
#include <csignal>
#include <memory>
#include <new>

#include "app/bundled.h"
#include "app/commands.h"
#include "app/console.h"
#include "app/help.h"
#include "app/version.h"
#include "util/error.h"
#include "util/files.h"
#include "util/parallel.h"

namespace limner::app {
namespace {

// `limner help [COMMAND]`; with --markdown the whole reference.
struct HelpState {
  std::string command;
  bool as_markdown = false;
};

Command help_command(std::shared_ptr<HelpState> state) {
  Command command;
  command.name = "help";
  command.summary = "Prints this help, or that of a command";
  command.hidden = true;
  Option name = path("COMMAND", "", nullptr, "the command to explain");
  name.target = &state->command;
  command.options = {name, flag("--markdown", &state->as_markdown,
                                "print the reference of all commands")};
  command.run = [state] {
    const std::vector<Command> commands = all_commands();
    if (state->as_markdown) {
      say("{}", markdown(commands));
      return 0;
    }
    if (state->command.empty()) {
      say("{}", overview(commands));
      return 0;
    }
    for (const Command& candidate : commands) {
      if (candidate.name == state->command) {
        say("{}", help_text(candidate));
        return 0;
      }
    }
    throw UsageError(fmt::format("there is no command \"{}\"",
                                 printable(state->command, 40)));
  };
  return command;
}

// Tells CLI11 about an option; our own code reads the value.
void declare(CLI::App& app, const Option& option) {
  CLI::Option* added = nullptr;
  if (std::holds_alternative<bool*>(option.target)) {
    added = app.add_flag_callback(option.names, [option] { option.set(""); });
  } else if (option.value_optional) {
    // A flag may have a value behind "=", but does not take the next argument.
    auto text = std::make_shared<std::string>();
    added = app.add_flag(option.names, *text);
    added->each(
        [option, text](const std::string& value) { option.set(value); });
  } else {
    added = app.add_option_function<std::string>(
        option.names, [option](const std::string& text) { option.set(text); });
  }
  if (!option.environment.empty()) added->envname(option.environment);
  if (option.required) added->required();
}

// Gives options that were left out the bundled file, where there is one.
void fill_in_bundled(const Command& command) {
  for (const Option& option : command.options) {
    if (!option.bundled) continue;
    auto* file = std::get<std::filesystem::path*>(option.target);
    if (file->empty()) *file = bundled_file();
  }
}

// CLI11's message as one line in our words.
std::string usage_message(const CLI::ParseError& error, const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  const std::vector<std::string> rest =
      chosen.empty() ? app.remaining() : chosen.front()->remaining();
  if (!rest.empty()) {
    const std::string& first = rest.front();
    const char* kind = first[0] == '-'  ? "option"
                       : chosen.empty() ? "command"
                                        : "argument";
    return fmt::format("unknown {} \"{}\"", kind, printable(first, 60));
  }
  if (chosen.empty()) return "no command given";
  return printable(error.what(), 160);
}

int usage_error(const std::string& message, const std::string& command) {
  complain("{} (try \"limner {}--help\")", message,
           command.empty() ? "" : command + " ");
  return 2;
}

int parse_and_run(int argc, const char* const* argv) {
  std::vector<Command> commands = all_commands();
  CLI::App app("limner");
  app.set_help_flag("-h,--help");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  app.formatter_fn(
      [&commands](const CLI::App*, const std::string&, CLI::AppFormatMode) {
        return overview(commands);
      });
  std::vector<Command> declared = commands;
  declared.push_back(help_command(std::make_shared<HelpState>()));
  const Command* chosen = nullptr;
  for (const Command& command : declared) {
    CLI::App* part = app.add_subcommand(command.name, command.summary);
    part->set_help_flag("-h,--help");
    part->formatter_fn(
        [&command](const CLI::App*, const std::string&, CLI::AppFormatMode) {
          return help_text(command);
        });
    for (const Option& option : command.options) declare(*part, option);
    part->final_callback([&chosen, &command] { chosen = &command; });
  }

  const auto active = [&app]() -> std::string {
    const auto parts = app.get_subcommands();
    return parts.empty() ? "" : parts.front()->get_name();
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto parts = app.get_subcommands();
    say("{}", parts.empty() ? app.help() : parts.front()->help());
    return 0;
  } catch (const CLI::CallForVersion&) {
    say("{}\n", version_text());
    return 0;
  } catch (const CLI::ParseError& error) {
    return usage_error(usage_message(error, app), active());
  }
  try {
    fill_in_bundled(*chosen);
    return chosen->run();
  } catch (const UsageError& error) {
    return usage_error(error.what(), chosen->name);
  }
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
    code = parse_and_run(argc, argv);
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
