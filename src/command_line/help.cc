// Help for terminals (80 columns) and the reference in Markdown.
#include "command_line/help.h"

#include <fmt/format.h>

#include <algorithm>

namespace limner::command_line {
namespace {

constexpr size_t kColumns = 79;
constexpr size_t kHelpColumn = 26;

// Breaks `text` at spaces; every line but the first is indented.
std::string wrap(const std::string& text, size_t first_column, size_t indent) {
  std::string out;
  size_t column = first_column;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (column > indent && column + 1 + word.size() > kColumns) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (begin > 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    begin = end + 1;
  }
  return out;
}

std::string escaped(std::string text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

void append_rows(std::string& out, const Command& command, bool positional) {
  for (const Option& option : command.options) {
    if (option.hidden || option.positional() != positional) continue;
    std::string row = "  " + spelled(option);
    if (row.size() + 2 > kHelpColumn) {
      row += "\n" + std::string(kHelpColumn, ' ');
    } else {
      row.resize(kHelpColumn, ' ');
    }
    out += row + wrap(option.help + bounds(option), kHelpColumn, kHelpColumn) +
           "\n";
  }
}

std::string markdown_of(const Program& program, const Command& command) {
  std::string out = fmt::format("## {} {}\n\n{}\n\n", program.name,
                                command.name, command.summary);
  out += "```\n" + usage(program, command) + "\n```\n\n";
  bool in_example = false;
  for (const std::string& paragraph : command.details) {
    if (is_example(paragraph) != in_example) {
      out += in_example ? "```\n\n" : "```sh\n";
      in_example = !in_example;
    }
    out += in_example ? paragraph.substr(2) + "\n"
                      : wrap(paragraph, 0, 0) + "\n\n";
  }
  if (in_example) out += "```\n\n";
  out += "| option | range | default | what it does |\n|---|---|---|---|\n";
  for (const Option& option : command.options) {
    if (option.hidden) continue;
    out += fmt::format(
        "| `{}` | {} | {} | {} |\n", spelled(option),
        escaped(option.range_text()),
        option.required ? "required" : escaped(option.default_text()),
        escaped(option.help));
  }
  return out + "\n";
}

}  // namespace

// "-o, --out FILE", or "--show[=FILE]" where it may be left out
std::string spelled(const Option& option) {
  if (option.has_opposite()) return option.names + ", " + opposite(option);
  std::string names;
  for (const char c : option.names) {
    names += c;
    if (c == ',') names += ' ';
  }
  if (option.value.empty() || option.positional()) return names;
  return option.value_optional ? names + "[=" + option.value + "]"
                               : names + " " + option.value;
}

// "limner generate [options] DRAWING"
std::string usage(const Program& program, const Command& command) {
  std::string line = program.name + " " + command.name;
  const bool any =
      std::any_of(command.options.begin(), command.options.end(),
                  [](const Option& option) { return !option.positional(); });
  if (any) line += " [options]";
  for (const Option& option : command.options) {
    if (!option.positional() || option.hidden) continue;
    line += option.required ? " " + option.names : " [" + option.names + "]";
  }
  return line;
}

// Range and default, in brackets behind a help text.
std::string bounds(const Option& option) {
  std::vector<std::string> parts;
  if (option.required) parts.push_back("required");
  if (!option.range_text().empty()) parts.push_back(option.range_text());
  if (!option.default_text().empty()) {
    parts.push_back("default: " + option.default_text());
  }
  return parts.empty() || option.positional()
             ? ""
             : fmt::format(" ({})", fmt::join(parts, "; "));
}

bool is_example(const std::string& paragraph) {
  return paragraph.rfind("  ", 0) == 0;
}

std::string opposite(const Option& option) {
  return "--no-" + option.names.substr(2);
}

std::string overview(const Program& program) {
  std::string out =
      fmt::format("usage: {} COMMAND [options]\n\n{}\n\ncommands:\n",
                  program.name, wrap(program.about, 0, 0));
  for (const Command& command : program.commands) {
    if (command.hidden) continue;
    out += fmt::format("  {:<14}{}\n", command.name,
                       wrap(command.summary, 16, 16));
  }
  out +=
      fmt::format("\n{} COMMAND --help   options of a command\n", program.name);
  if (!program.version.empty()) {
    out +=
        fmt::format("{} --version        version and commit\n", program.name);
  }
  return out;
}

std::string help_text(const Program& program, const Command& command) {
  std::string out = "usage: " + usage(program, command) + "\n\n";
  out += wrap(command.summary, 0, 0) + "\n\n";
  bool in_example = false;
  for (const std::string& paragraph : command.details) {
    if (in_example && !is_example(paragraph)) out += "\n";
    in_example = is_example(paragraph);
    out += in_example ? paragraph + "\n" : wrap(paragraph, 0, 0) + "\n\n";
  }
  if (in_example) out += "\n";
  append_rows(out, command, true);
  out += "\noptions:\n";
  append_rows(out, command, false);
  return out + fmt::format("  {:<24}{}\n", "-h, --help", "print this help");
}

std::string markdown(const Program& program) {
  std::string out = "| command | what it does |\n|---|---|\n";
  for (const Command& command : program.commands) {
    if (command.hidden) continue;
    out += fmt::format("| [`{0}`](#{1}-{0}) | {2} |\n", command.name,
                       program.name, escaped(command.summary));
  }
  out += "\n";
  for (const Command& command : program.commands) {
    if (!command.hidden) out += markdown_of(program, command);
  }
  out.pop_back();  // one newline at the end
  return out;
}

}  // namespace limner::command_line
