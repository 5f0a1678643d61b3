#include "command_line/table.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "util/error.h"

namespace limner::command_line {
namespace {

using nlohmann::json;

std::string as_name(std::string text) {
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

std::string as_flag(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

// Calls visit(name, value) for every value of nested tables.
template <typename Visit>
void for_each_value(const json& table, const std::string& prefix,
                    const Visit& visit) {
  for (const auto& [key, value] : table.items()) {
    const std::string name = prefix + as_name(key);
    if (value.is_object()) {
      for_each_value(value, name + ".", visit);
    } else {
      visit(name, value);
    }
  }
}

void limit(Option& option, double min, double max, double highest) {
  option.low = min;
  option.high = std::min(max, highest);
}

}  // namespace

Option& OptionTable::add_option(const std::string& name, const char* value,
                                Target target, const std::string& help) {
  Option option;
  option.names = as_flag(name);
  option.value = value;
  option.target = target;
  option.help = help;
  option.setting = name;
  return options_.emplace_back(std::move(option));
}

void OptionTable::add(const std::string& name, int* value, double min,
                      double max, const std::string& help) {
  limit(add_option(name, "NUMBER", value, help), min, max,
        std::numeric_limits<int>::max());
}

void OptionTable::add(const std::string& name, int64_t* value, double min,
                      double max, const std::string& help) {
  // Beyond 2^53 a number of a JSON file is not exact.
  limit(add_option(name, "NUMBER", value, help), min, max, 9007199254740992.0);
}

void OptionTable::add(const std::string& name, double* value, double min,
                      double max, const std::string& help) {
  limit(add_option(name, "NUMBER", value, help), min, max,
        std::numeric_limits<double>::max());
}

void OptionTable::add(const std::string& name, bool* value,
                      const std::string& help) {
  add_option(name, "", value, help);
}

void OptionTable::add(const std::string& name, std::string* value,
                      const std::string& help) {
  add_option(name, "TEXT", value, help);
}

void OptionTable::add(const std::string& name, std::filesystem::path* value,
                      const std::string& help) {
  add_option(name, "PATH", value, help);
}

void OptionTable::add(const std::string& name, std::vector<int>* value,
                      const std::string& help) {
  limit(add_option(name, "N,N,...", value, help),
        std::numeric_limits<int>::min(), std::numeric_limits<int>::max(),
        std::numeric_limits<int>::max());
}

void OptionTable::add_choice(const std::string& name, std::string* value,
                             std::vector<std::string> choices,
                             const std::string& help) {
  add_option(name, "WORD", value, help).choices = std::move(choices);
}

std::string OptionTable::nearest(const std::string& name) const {
  std::string best;
  size_t distance = name.size() / 3 + 2;  // farther is no misspelling
  for (const Option& option : options_) {
    const size_t to = edit_distance(name, option.setting);
    if (to < distance) {
      best = option.setting;
      distance = to;
    }
  }
  return best;
}

void OptionTable::read(const json& config, const std::string& source) const {
  if (!config.is_object()) {
    fail("{}: expected a table of settings", printable(source));
  }
  for_each_value(config, "", [&](const std::string& name, const json& value) {
    const auto found = std::find_if(
        options_.begin(), options_.end(),
        [&](const Option& option) { return option.setting == name; });
    const std::string what =
        fmt::format("{}: {}", printable(source), printable(name, 60));
    if (found == options_.end()) {
      const std::string guess = nearest(name);
      if (guess.empty()) fail("{}: there is no such setting", what);
      fail("{}: there is no such setting; did you mean {}?", what, guess);
    }
    found->set(value, what);
  });
}

json OptionTable::to_json() const {
  json result = json::object();
  for (const Option& option : options_) {
    std::string pointer = "/" + option.setting;
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    result[json::json_pointer(pointer)] = option.get();
  }
  return result;
}

}  // namespace limner::command_line
