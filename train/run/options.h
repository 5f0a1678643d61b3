// Options declared once, for configuration files, flags, --help and the
// settings that a run keeps.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace limner::train {

// Names are written with '_' ("checkpoint_every"; "adam.lr" stands in a table
// [adam]). Files may write '-' as well, and flags do (--checkpoint-every). The
// values that targets have when they are added are the defaults. Targets must
// outlive the table. The order of calls:
//   add(...), add_flags(app), app.parse(...), read(...), apply_flags()
// so that flags win over the configuration file.
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

  // Sets what `config` names. `source` stands in messages. Throws Error on an
  // unknown name (it tells the nearest), a wrong type, a value out of range.
  void read(const nlohmann::json& config, const std::string& source);

  // Declares every option in `app`; the table must outlive it.
  void add_flags(CLI::App& app);

  // Sets what the parsed command line named. Throws Error as read() does.
  void apply_flags();

  // The settings in effect, as a configuration file has them.
  nlohmann::json to_json() const;

 private:
  struct Entry {
    std::string name;
    std::string kind;  // "NUMBER", "TEXT", ...
    std::string help;  // with the range or the choices
    bool is_switch = false;
    std::string preset;  // the default as text
    // Sets the target; `what` names the option in messages.
    std::function<void(const nlohmann::json& value, const std::string& what)>
        set;
    std::function<nlohmann::json()> get;
    // A flag's text as such a value.
    std::function<nlohmann::json(const std::string& text)> parse;
    std::optional<std::string> given;  // on the command line
  };

  template <typename Number>
  void add_number(const std::string& name, Number* value, double min,
                  double max, const std::string& help);
  void add_entry(Entry entry);
  std::string nearest(const std::string& name) const;

  std::deque<Entry> entries_;  // flags point to entries
};

// Reads .toml or .json (which may have // and /* */ comments). Throws Error
// with the line of a mistake.
nlohmann::json read_config_file(const std::filesystem::path& path);

}  // namespace limner::train
