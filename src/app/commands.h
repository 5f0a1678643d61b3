// The subcommands, one file each.
#pragma once

#include <vector>

#include "app/options.h"

namespace limner::app {

Command generate_command();
Command label_command();
Command sketch_command();
Command parse_command();
Command align_command();
Command eval_command();
Command inference_command();
Command mix_command();
Command convert_command();
Command info_command();
Command bench_command();
Command serve_command();
Command shapes_command();
Command make_random_command();

// All of them, in the order of the help.
std::vector<Command> all_commands();

// The whole program: parses the arguments, runs the command, reports errors
// as one line on standard error. Returns the exit code: 0, 1 for problems
// with input, files or the machine, 2 for a command line that makes no sense.
int run_program(int argc, const char* const* argv);

}  // namespace limner::app
