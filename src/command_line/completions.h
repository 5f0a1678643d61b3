// What shells complete, made from declared options.
#pragma once

#include <string>

#include "command_line/command.h"

namespace limner::command_line {

// Scripts that complete commands, options, choices and files: for bash (sourced
// from /usr/share/bash-completion/completions), zsh (_NAME in a folder of
// $fpath) and fish (/usr/share/fish/vendor_completions.d/NAME.fish).
std::string bash_completions(const Program& program);
std::string zsh_completions(const Program& program);
std::string fish_completions(const Program& program);

}  // namespace limner::command_line
