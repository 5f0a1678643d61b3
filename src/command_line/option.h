// Options declared once: name, kind, default, range and help are data, from
// which command lines and configuration files are read and help is made.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace limner::command_line {

// Where an option's value goes, and so of which kind it is.
using Target =
    std::variant<bool*, int*, int64_t*, std::optional<int64_t>*, double*,
                 std::string*, std::filesystem::path*, std::vector<int>*>;

enum class Kind { kSwitch, kWhole, kNumber, kText, kPath, kList };

// A value that an option does not take.
struct Mismatch;

// One option or positional argument of a command.
struct Option {
  std::string names;  // "-o,--out"; without dashes: a positional argument
  std::string value;  // what stands for the value in help; "" for a switch
  std::string help;
  Target target;
  double low = 0;  // range of numbers and of those of lists, both included
  double high = 0;
  std::vector<std::string> choices;  // the only texts allowed, if any
  bool power_of_two = false;         // of whole numbers, besides 0
  bool spans = false;                // of lists: "8-11" stands for 8,9,10,11
  bool required = false;
  // Of text: given without a value ("--show", not "--show=FILE"), it is "true".
  bool value_optional = false;
  bool hidden = false;      // left out of help and documentation
  std::string environment;  // a variable that gives the default
  // Of paths: finds the default, "" when it is not there; may be empty.
  std::function<std::filesystem::path()> standard;
  std::string fallback;  // the default in words; "" shows the value
  // Its name in configuration files ("adam.lr"), "" for none. Such a switch has
  // an opposite, --no-NAME, which takes back what a file says.
  std::string setting;

  bool positional() const { return names.empty() || names[0] != '-'; }
  bool has_opposite() const {
    return kind() == Kind::kSwitch && !setting.empty();
  }
  Kind kind() const;
  // "--out": the name that messages use.
  std::string long_name() const;

  // Reads `text` into the target. Throws Error on a bad value.
  void set(const std::string& text) const;
  // The same with a value of a configuration file; `what` names it in messages.
  void set(const nlohmann::json& value, const std::string& what) const;
  // The target's value, as a configuration file has it; null for none.
  nlohmann::json get() const;

  // "a whole number from 0 to 1024", "fast or exact", or "" when anything goes.
  std::string range_text() const;
  // The default as text, "" when there is none.
  std::string default_text() const;

 private:
  nlohmann::json value_of(const std::string& text) const;
  std::optional<Mismatch> assign(const nlohmann::json& value) const;
};

// Makers of the usual kinds.
Option flag(std::string names, bool* target, std::string help);
Option whole(std::string names, std::string value, int64_t* target, int64_t low,
             int64_t high, std::string help);
Option maybe_whole(std::string names, std::string value,
                   std::optional<int64_t>* target, int64_t low, int64_t high,
                   std::string help);
Option real(std::string names, std::string value, double* target, double low,
            double high, std::string help);
Option text(std::string names, std::string value, std::string* target,
            std::string help);
Option choice(std::string names, std::string* target,
              std::vector<std::string> choices, std::string help);
Option path(std::string names, std::string value, std::filesystem::path* target,
            std::string help);
// A list of code indices: "8,9", "8-17".
Option codes(std::string names, std::vector<int>* target, std::string help);

// Refinements: a default in words, a must, powers of two only.
Option defaulting(Option option, std::string words);
Option needed(Option option);
Option powers_of_two(Option option);

// Largest seed: every whole number up to it is exact in JSON and JavaScript.
constexpr int64_t kMaxSeed = (int64_t{1} << 53) - 1;

}  // namespace limner::command_line
