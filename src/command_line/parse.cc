#include "command_line/parse.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <utility>

#include "command_line/help.h"
#include "util/error.h"

namespace limner::command_line {
namespace {

// The texts of options, in the order of their declaration.
using Given = std::vector<std::pair<const Option*, std::string>>;

// Tells CLI11 about an option; our own code reads the value.
void declare(CLI::App& app, const Option& option, Given& given) {
  CLI::Option* added = nullptr;
  const Option* one = &option;
  if (option.kind() == Kind::kSwitch) {
    added = app.add_flag_callback(
        option.names, [one, &given] { given.emplace_back(one, "true"); });
    if (option.has_opposite()) {
      app.add_flag_callback(opposite(option), [one, &given] {
        given.emplace_back(one, "false");
      });
    }
  } else if (option.value_optional) {
    // A flag may have a value behind "=", but does not take the next argument.
    auto text = std::make_shared<std::string>();
    added = app.add_flag(option.names, *text);
    added->each([one, text, &given](const std::string& value) {
      given.emplace_back(one, value);
    });
  } else {
    added = app.add_option_function<std::string>(
        option.names, [one, &given](const std::string& text) {
          given.emplace_back(one, text);
        });
  }
  if (!option.environment.empty()) added->envname(option.environment);
  if (option.required) added->required();
}

void set_given(const Given& given, bool settings) {
  for (const auto& [option, text] : given) {
    if (option->setting.empty() != settings) option->set(text);
  }
}

void set_all(const Command& command, const Given& given) {
  set_given(given, false);
  if (command.read_settings) command.read_settings();
  set_given(given, true);
  for (const Option& option : command.options) {
    if (!option.standard) continue;
    auto* file = std::get<std::filesystem::path*>(option.target);
    if (file->empty()) *file = option.standard();
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

// With the command whose help tells more; "" for the program's.
[[noreturn]] void refuse(const Program& program, const std::string& command,
                         const std::string& message) {
  throw UsageError(fmt::format("{} (try \"{} {}--help\")", message,
                               program.name,
                               command.empty() ? "" : command + " "));
}

}  // namespace

int run_command_line(const Program& program, int argc, const char* const* argv,
                     const std::function<void(const std::string&)>& print) {
  CLI::App app(program.name);
  app.set_help_flag("-h,--help");
  if (!program.version.empty()) {
    app.set_version_flag("--version", program.version);
  }
  app.require_subcommand(1);
  Given given;
  for (const Command& command : program.commands) {
    CLI::App* part = app.add_subcommand(command.name, command.summary);
    part->set_help_flag("-h,--help");
    for (const Option& option : command.options) declare(*part, option, given);
  }
  const auto chosen = [&]() -> const Command* {
    const auto parts = app.get_subcommands();
    if (parts.empty()) return nullptr;
    const std::string name = parts.front()->get_name();
    return &*std::find_if(
        program.commands.begin(), program.commands.end(),
        [&](const Command& command) { return command.name == name; });
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const Command* command = chosen();
    print(command == nullptr ? overview(program)
                             : help_text(program, *command));
    return 0;
  } catch (const CLI::CallForVersion&) {
    print(program.version + "\n");
    return 0;
  } catch (const CLI::ParseError& error) {
    // A value out of range is told before what is missing.
    for (const auto& [option, text] : given) option->set(text);
    const Command* command = chosen();
    refuse(program, command == nullptr ? "" : command->name,
           usage_message(error, app));
  }
  const Command& command = *chosen();
  try {
    set_all(command, given);
    return command.run();
  } catch (const UsageError& error) {
    refuse(program, command.name, error.what());
  }
}

}  // namespace limner::command_line
