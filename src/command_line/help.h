// Help texts made from declared options.
#pragma once

#include <string>

#include "command_line/command.h"

namespace limner::command_line {

// What `limner --help` and `limner COMMAND --help` print.
std::string overview(const Program& program);
std::string help_text(const Program& program, const Command& command);

// Every command with its options, in Markdown.
std::string markdown(const Program& program);

// Pieces of them: "limner generate [options] DRAWING"; "-o, --out FILE"; what
// goes behind an option's help, " (0 to 1; default: 0)"; and whether a
// paragraph of Command::details is an example.
std::string usage(const Program& program, const Command& command);
std::string spelled(const Option& option);
std::string bounds(const Option& option);
bool is_example(const std::string& paragraph);

// "--no-augment" of "--augment".
std::string opposite(const Option& option);

}  // namespace limner::command_line
