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

// "--no-augment" of "--augment".
std::string opposite(const Option& option);

}  // namespace limner::command_line
