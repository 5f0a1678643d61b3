// Help texts made from declared options.
#pragma once

#include <string>
#include <vector>

#include "app/options.h"

namespace limner::app {

// What `limner --help` and `limner COMMAND --help` print.
std::string overview(const std::vector<Command>& commands);
std::string help_text(const Command& command);

// docs/command-line.md.
std::string markdown(const std::vector<Command>& commands);

}  // namespace limner::app
