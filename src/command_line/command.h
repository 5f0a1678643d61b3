// A program and its subcommands, as data.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "command_line/option.h"

namespace limner::command_line {

// A command line that makes no sense (unknown or missing options): exit 2.
// Values out of range are limner::Error: exit 1.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A subcommand: its options point into state that `run` owns.
struct Command {
  std::string name;
  std::string summary;               // one line
  std::vector<std::string> details;  // paragraphs; "  " opens an example
  std::vector<Option> options;
  // Reads the configuration file that an option names; may be empty. Options
  // without a setting have their values then; the others follow.
  std::function<void()> read_settings;
  std::function<int()> run;  // returns the exit code
  bool hidden = false;
};

struct Program {
  std::string name;     // "limner"
  std::string about;    // what it does, a few lines
  std::string version;  // what --version prints; "" for no such flag
  std::vector<Command> commands;
};

}  // namespace limner::command_line
