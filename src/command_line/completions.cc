#include "command_line/completions.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "command_line/help.h"

namespace limner::command_line {
namespace {

// "-o", "--out"; with the opposite of a switch that has one.
std::vector<std::string> flags_of(const Option& option) {
  std::vector<std::string> flags;
  size_t begin = 0;
  while (begin < option.names.size()) {
    const size_t end =
        std::min(option.names.find(',', begin), option.names.size());
    flags.push_back(option.names.substr(begin, end - begin));
    begin = end + 1;
  }
  if (option.has_opposite()) flags.push_back(opposite(option));
  return flags;
}

std::vector<const Option*> shown_flags(const Command& command) {
  std::vector<const Option*> shown;
  for (const Option& option : command.options) {
    if (!option.hidden && !option.positional()) shown.push_back(&option);
  }
  return shown;
}

std::vector<const Command*> shown_commands(const Program& program) {
  std::vector<const Command*> shown;
  for (const Command& command : program.commands) {
    if (!command.hidden) shown.push_back(&command);
  }
  return shown;
}

bool takes_value(const Option& option) {
  return option.kind() != Kind::kSwitch && !option.value_optional;
}

// A few words of a help text, for the menu of a shell.
std::string brief(const std::string& help) {
  std::string text = help.substr(0, help.find_first_of(";:.("));
  constexpr size_t kMax = 70;
  if (text.size() > kMax) {
    text.resize(text.rfind(' ', kMax));
    text += " ...";
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

// Text within single quotes; `quote` stands for one.
std::string quoted(const std::string& text, const std::string& quote) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += quote;
    } else {
      out += c;
    }
  }
  return out;
}

// What zsh takes for its own in the text of an argument.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : quoted(text, "'\\''")) {
    if (c == '[' || c == ']' || c == ':') out += '\\';
    out += c;
  }
  return out;
}

// "-name" as a name of a function
std::string identifier(std::string text) {
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

std::string zsh_values(const Option& option) {
  if (!takes_value(option)) return "";
  const std::string value = zsh_text(option.value);
  if (!option.choices.empty()) {
    return fmt::format(":{}:({})", value, fmt::join(option.choices, " "));
  }
  return fmt::format(":{}:{}", value,
                     option.kind() == Kind::kPath ? "_files" : "");
}

std::string zsh_argument(const Option& option) {
  const std::vector<std::string> flags = flags_of(option);
  std::string out = "        ";
  if (flags.size() > 1) {
    out += fmt::format("'({})'{{{}}}", fmt::join(flags, " "),
                       fmt::join(flags, ","));
  } else {
    out += flags.front();
  }
  return out + fmt::format("'[{}]{}' \\\n", zsh_text(brief(option.help)),
                           zsh_values(option));
}

std::string fish_option(const Program& program, const Command& command,
                        const Option& option) {
  std::string out;
  for (const std::string& flag : flags_of(option)) {
    out += flag.size() == 2 ? fmt::format(" -s {}", flag.substr(1))
                            : fmt::format(" -l {}", flag.substr(2));
  }
  if (takes_value(option)) {
    out += " -r";
    if (!option.choices.empty()) {
      out += fmt::format(" -f -a '{}'", fmt::join(option.choices, " "));
    } else {
      out += option.kind() == Kind::kPath ? " -F" : " -f";
    }
  }
  return fmt::format(
      "complete -c {} -n '__fish_seen_subcommand_from {}'{} -d '{}'\n",
      program.name, command.name, out, quoted(brief(option.help), "\\'"));
}

}  // namespace

std::string bash_completions(const Program& program) {
  std::vector<std::string> names;
  std::string values, options;
  for (const Command* command : shown_commands(program)) {
    names.push_back(command->name);
    std::vector<std::string> all;
    for (const Option* option : shown_flags(*command)) {
      const std::vector<std::string> flags = flags_of(*option);
      all.insert(all.end(), flags.begin(), flags.end());
      if (!takes_value(*option)) continue;
      std::vector<std::string> cases;
      for (const std::string& flag : flags) {
        cases.push_back(fmt::format("\"{} {}\"", command->name, flag));
      }
      const std::string words =
          !option->choices.empty()
              ? fmt::format("-W \"{}\"", fmt::join(option->choices, " "))
          : option->kind() == Kind::kPath ? "-f"
                                          : "-W \"\"";
      values +=
          fmt::format("    {}) wanted=({}) ;;\n", fmt::join(cases, "|"), words);
    }
    all.emplace_back("--help");
    options += fmt::format("      {}) wanted=(-W \"{}\") ;;\n", command->name,
                           fmt::join(all, " "));
  }
  return fmt::format(
      R"(# Completions of {0} for bash.
_{1}() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}"
  local previous="${{COMP_WORDS[COMP_CWORD - 1]}}"
  local command="${{COMP_WORDS[1]}}"
  local wanted=()
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W "{2} --help --version" -- "$current")
    return
  fi
  case "$command $previous" in
{3}  esac
  if [[ ${{#wanted[@]}} == 0 && "$current" == -* ]]; then
    case "$command" in
{4}    esac
  elif [[ ${{#wanted[@]}} == 0 ]]; then
    wanted=(-f)
  fi
  mapfile -t COMPREPLY < <(compgen "${{wanted[@]}}" -- "$current")
}}
complete -o filenames -F _{1} {0}
)",
      program.name, identifier(program.name), fmt::join(names, " "), values,
      options);
}

std::string zsh_completions(const Program& program) {
  std::string commands, cases;
  for (const Command* command : shown_commands(program)) {
    commands += fmt::format("    '{}:{}'\n", command->name,
                            zsh_text(brief(command->summary)));
    cases += fmt::format("    {})\n      _arguments -S \\\n", command->name);
    for (const Option* option : shown_flags(*command)) {
      cases += zsh_argument(*option);
    }
    cases += "        '(-h --help)'{-h,--help}'[print help]' \\\n";
    cases += "        '*:file:_files'\n      ;;\n";
  }
  return fmt::format(
      R"(#compdef {0}
# Completions of {0} for zsh.
_{1}() {{
  local -a commands
  commands=(
{2}  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  shift words
  ((CURRENT--))
  case "$words[1]" in
{3}  esac
}}
_{1} "$@"
)",
      program.name, identifier(program.name), commands, cases);
}

std::string fish_completions(const Program& program) {
  std::string out =
      fmt::format("# Completions of {} for fish.\n", program.name);
  for (const Command* command : shown_commands(program)) {
    out += fmt::format(
        "complete -c {} -n __fish_use_subcommand -f -a {} -d '{}'\n",
        program.name, command->name, quoted(brief(command->summary), "\\'"));
  }
  for (const Command* command : shown_commands(program)) {
    for (const Option* option : shown_flags(*command)) {
      out += fish_option(program, *command, *option);
    }
  }
  return out;
}

}  // namespace limner::command_line
