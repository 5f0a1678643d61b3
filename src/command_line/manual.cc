#include "command_line/manual.h"

#include <fmt/format.h>

#include <cctype>

#include "command_line/help.h"

namespace limner::command_line {
namespace {

// Text that troff prints as it is.
std::string troff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (out.empty() && (c == '.' || c == '\'')) {
      out += std::string("\\&") + c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  return text;
}

// "Makes faces" as manual pages name it: "makes faces"
std::string lower_first(std::string text) {
  if (text.size() > 1 && !std::isupper(text[1])) {
    text[0] = static_cast<char>(std::tolower(text[0]));
  }
  return text;
}

std::string title(const Program& program, const std::string& name) {
  return fmt::format(".TH {} 1 \"\" \"{}\" \"{}\"\n", troff(upper(name)),
                     troff(program.version), troff(program.name));
}

std::string name_section(const std::string& name, const std::string& summary) {
  return fmt::format(".SH NAME\n{} \\- {}\n", troff(name),
                     troff(lower_first(summary)));
}

std::string entry(const std::string& head, const std::string& text) {
  return fmt::format(".TP\n.B {}\n{}\n", troff(head), troff(text));
}

std::string description(const Command& command) {
  std::string out;
  bool in_example = false;
  for (const std::string& paragraph : command.details) {
    if (is_example(paragraph) != in_example) {
      out += in_example ? ".EE\n.RE\n" : ".PP\n.RS\n.EX\n";
      in_example = !in_example;
    } else if (!in_example) {
      out += ".PP\n";
    }
    out += troff(in_example ? paragraph.substr(2) : paragraph) + "\n";
  }
  return in_example ? out + ".EE\n.RE\n" : out;
}

std::string entries(const Command& command, bool positional) {
  std::string out;
  for (const Option& option : command.options) {
    if (option.hidden || option.positional() != positional) continue;
    out += entry(spelled(option), option.help + bounds(option));
  }
  return out;
}

std::string ending(const Program& program) {
  return fmt::format(
      ".SH EXIT STATUS\n0 for success, 1 for a problem with input, files, "
      "values or the machine, 2 for a command line that makes no sense.\n"
      ".SH SEE ALSO\n.BR {} (1)\n",
      troff(program.name));
}

}  // namespace

std::string man_page(const Program& program) {
  std::string out = title(program, program.name);
  out += name_section(program.name, program.about);
  out += fmt::format(".SH SYNOPSIS\n.B {}\nCOMMAND [options]\n",
                     troff(program.name));
  out += ".SH DESCRIPTION\n" + troff(program.about) + "\n.SH COMMANDS\n";
  for (const Command& command : program.commands) {
    if (command.hidden) continue;
    out += fmt::format(".TP\n.BR {} (1)\n{}\n",
                       troff(program.name + "-" + command.name),
                       troff(command.summary));
  }
  out += ".SH OPTIONS\n" + entry("-h, --help", "print help and exit");
  if (!program.version.empty()) {
    out += entry("--version", "print version and commit and exit");
  }
  return out + ending(program);
}

std::string man_page(const Program& program, const Command& command) {
  const std::string name = program.name + "-" + command.name;
  std::string out = title(program, name);
  out += name_section(name, command.summary);
  out += ".SH SYNOPSIS\n" + troff(usage(program, command)) + "\n";
  out += ".SH DESCRIPTION\n" + troff(command.summary) + ".\n" +
         description(command);
  const std::string arguments = entries(command, true);
  if (!arguments.empty()) out += ".SH ARGUMENTS\n" + arguments;
  out += ".SH OPTIONS\n" + entries(command, false) +
         entry("-h, --help", "print help and exit");
  return out + ending(program);
}

}  // namespace limner::command_line
