// Manual pages made from declared options.
#pragma once

#include <string>

#include "command_line/command.h"

namespace limner::command_line {

// limner(1), which names the commands, and limner-COMMAND(1), in man's macros
// of troff.
std::string man_page(const Program& program);
std::string man_page(const Program& program, const Command& command);

}  // namespace limner::command_line
