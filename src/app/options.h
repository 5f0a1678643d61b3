// The options that several commands have.
#pragma once

#include <filesystem>
#include <string>

#include "command_line/command.h"

namespace limner::app {

using command_line::choice;
using command_line::codes;
using command_line::Command;
using command_line::defaulting;
using command_line::flag;
using command_line::kMaxSeed;
using command_line::maybe_whole;
using command_line::needed;
using command_line::Option;
using command_line::path;
using command_line::powers_of_two;
using command_line::real;
using command_line::text;
using command_line::UsageError;
using command_line::whole;

// Options that every command with a model has.
struct Common {
  std::filesystem::path model;
  int64_t threads = 0;
  std::string precision = "fast";
  bool quiet = false;
};

// --threads, --precision and --quiet, at the end of a command's list.
void add_common(Command& command, Common* common);
// --model, or the environment variable LIMNER_MODEL, or the bundled file.
Option model_option(std::string names, Common* common);
// The file of a network, which an environment variable or limner's own file
// stands in for.
Option network_option(std::string names, const std::string& variable,
                      std::filesystem::path* file, std::string help);

}  // namespace limner::app
