// Options declared once: name, default, range and help in one place, from
// which parsing, --help and docs/command-line.md are made.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace limner::app {

// A command line that makes no sense (unknown or missing options): exit 2.
// Values out of range are limner::Error: exit 1.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Where an option's value goes, and so how its text is read: a switch, a
// whole number, a number, text, a path, or a list of code indices ("8,9",
// "8-17").
using Target =
    std::variant<bool*, int64_t*, double*, std::string*, std::filesystem::path*,
                 std::vector<int>*, std::optional<int64_t>*>;

// One option or positional argument of a command.
struct Option {
  std::string names;  // "-o,--out"; without dashes: a positional argument
  std::string value;  // what stands for the value in help; "" for a switch
  std::string help;
  Target target;
  double low = 0.0;  // range of numbers, both ends included
  double high = 0.0;
  std::vector<std::string> choices;  // the only texts allowed, if any
  bool power_of_two = false;         // of whole numbers, besides 0
  bool required = false;
  // Of text: given without a value ("--show", not "--show=FILE"), it is "true".
  bool value_optional = false;
  bool hidden = false;      // left out of help and documentation
  std::string environment;  // a variable that gives the default
  bool bundled = false;     // of paths: the default is the file with the
                            // networks that come with limner, if it is there
  std::string fallback;     // the default in words; "" shows the value

  bool positional() const { return names.empty() || names[0] != '-'; }
  // Reads `text` into the target. Throws Error on a bad value.
  void set(const std::string& text) const;
  // "0 to 1024", "fast or exact", or "" when anything goes.
  std::string range_text() const;
  // The default as text, "" when there is none.
  std::string default_text() const;
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
Option choice(std::string names, std::string* target,
              std::vector<std::string> choices, std::string help);
Option path(std::string names, std::string value, std::filesystem::path* target,
            std::string help);
Option codes(std::string names, std::vector<int>* target, std::string help);

// Refinements: a default in words, a must, powers of two only.
Option defaulting(Option option, std::string words);
Option needed(Option option);
Option powers_of_two(Option option);

// A subcommand: its options point into state that `run` owns.
struct Command {
  std::string name;
  std::string summary;               // one line
  std::vector<std::string> details;  // paragraphs; "  " opens an example
  std::vector<Option> options;
  std::function<int()> run;  // returns the exit code
  bool hidden = false;
};

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

// Largest seed: every whole number up to it is exact in JSON and JavaScript.
constexpr int64_t kMaxSeed = (int64_t{1} << 53) - 1;

}  // namespace limner::app
