// Command lines, read by CLI11, which is used in parse.cc alone.
#pragma once

#include <functional>
#include <string>

#include "command_line/command.h"

namespace limner::command_line {

// Runs the command that the arguments name and returns its exit code; help and
// version go to `print`. Values come from the command line, else from a
// configuration file, else from the environment, else they are the defaults.
// Throws UsageError, with the command whose help tells more, Error on bad
// values, and what the command throws.
int run_command_line(const Program& program, int argc, const char* const* argv,
                     const std::function<void(const std::string&)>& print);

}  // namespace limner::command_line
