// Help for terminals (80 columns) and the reference in Markdown.
#include "app/help.h"

#include <fmt/format.h>

#include <algorithm>

namespace limner::app {
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

// "-o, --out FILE", or "--show[=FILE]" where it may be left out
std::string spelled(const Option& option) {
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
std::string usage(const Command& command) {
  std::string line = "limner " + command.name;
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

std::string markdown_of(const Command& command) {
  std::string out =
      fmt::format("## limner {}\n\n{}\n\n", command.name, command.summary);
  out += "```\n" + usage(command) + "\n```\n\n";
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

std::string overview(const std::vector<Command>& commands) {
  std::string out =
      "usage: limner COMMAND [options]\n\n"
      "Turns a drawing of a face into a photograph of one: the drawing decides "
      "the\nstructure, a photo (or a random draw) decides the looks.\n\n"
      "commands:\n";
  for (const Command& command : commands) {
    if (command.hidden) continue;
    out += fmt::format("  {:<14}{}\n", command.name,
                       wrap(command.summary, 16, 16));
  }
  out +=
      "\nlimner COMMAND --help   options of a command\n"
      "limner --version        version and commit\n";
  return out;
}

std::string help_text(const Command& command) {
  std::string out = "usage: " + usage(command) + "\n\n";
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

std::string markdown(const std::vector<Command>& commands) {
  std::string out =
      "# The command line\n\n"
      "<!-- Made by `limner help --markdown`; do not edit by hand. -->\n\n"
      "Every command prints its options with `--help`. Exit codes: 0 for\n"
      "success, 1 for a problem with input, files, values or the machine, 2\n"
      "for a command line that makes no sense (unknown or missing options).\n"
      "Errors are one line on standard error that begins with `limner: `.\n"
      "Files are written under a temporary name and renamed when complete, so\n"
      "an interrupted or failed run leaves no half-written file.\n\n"
      "| command | what it does |\n|---|---|\n";
  for (const Command& command : commands) {
    if (command.hidden) continue;
    out += fmt::format("| [`{0}`](#limner-{0}) | {1} |\n", command.name,
                       escaped(command.summary));
  }
  out += "\n";
  for (const Command& command : commands) {
    if (!command.hidden) out += markdown_of(command);
  }
  out.pop_back();  // one newline at the end
  return out;
}

}  // namespace limner::app
