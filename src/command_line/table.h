// Options that may stand in configuration files as well: the settings that a
// run keeps.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "command_line/option.h"

namespace limner::command_line {

// Names are written with '_' ("checkpoint_every"; "adam.lr" stands in a table
// [adam]). Files may write '-' as well, and flags do (--checkpoint-every). The
// values that targets have are the defaults. Targets must outlive the table.
// Flags win over a configuration file: see Command::read_settings.
class OptionTable {
 public:
  void add(const std::string& name, int* value, double min, double max,
           const std::string& help);
  void add(const std::string& name, int64_t* value, double min, double max,
           const std::string& help);
  void add(const std::string& name, double* value, double min, double max,
           const std::string& help);
  // Flags: --name and --no-name.
  void add(const std::string& name, bool* value, const std::string& help);
  void add(const std::string& name, std::string* value,
           const std::string& help);
  // Relative to the working folder.
  void add(const std::string& name, std::filesystem::path* value,
           const std::string& help);
  // As a flag: 64,128,256.
  void add(const std::string& name, std::vector<int>* value,
           const std::string& help);
  void add_choice(const std::string& name, std::string* value,
                  std::vector<std::string> choices, const std::string& help);

  const std::vector<Option>& options() const { return options_; }

  // Sets what `config` names. `source` stands in messages. Throws Error on an
  // unknown name (it tells the nearest), a wrong type, a value out of range.
  void read(const nlohmann::json& config, const std::string& source) const;

  // The settings in effect, as a configuration file has them.
  nlohmann::json to_json() const;

 private:
  Option& add_option(const std::string& name, const char* value, Target target,
                     const std::string& help);
  std::string nearest(const std::string& name) const;

  std::vector<Option> options_;
};

}  // namespace limner::command_line
