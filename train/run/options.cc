#include "train/run/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <sstream>
#include <type_traits>
#include <utility>

#include "util/error.h"

namespace limner::train {
namespace {

using nlohmann::json;

std::string as_name(std::string text) {
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

std::string as_flag(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

// What stands in messages for a value someone wrote.
std::string shown(const json& value) {
  return printable(value.dump(-1, ' ', false, json::error_handler_t::replace),
                   60);
}

// A default as people write it.
std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return fmt::format("{}", value.get<double>());
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const json& item : value) {
    text += (text.empty() ? "" : ",") + item.dump();
  }
  return text;
}

// The number that fills `text`, as an integer where it is one; else a text,
// which setters refuse with a message.
json parse_number(const std::string& text) {
  const char* end = text.data() + text.size();
  int64_t integer = 0;
  if (const auto [stop, code] = std::from_chars(text.data(), end, integer);
      code == std::errc() && stop == end) {
    return integer;
  }
  double real = 0;
  if (const auto [stop, code] = std::from_chars(text.data(), end, real);
      code == std::errc() && stop == end) {
    return real;
  }
  return text;
}

template <typename Number>
Number checked_number(const json& value, double min, double max,
                      const std::string& what) {
  const bool integer = std::is_integral_v<Number>;
  double number = std::numeric_limits<double>::quiet_NaN();
  if (value.is_number()) number = value.get<double>();
  const bool whole = std::isfinite(number) && number == std::floor(number);
  if (!std::isfinite(number) || (integer && !whole)) {
    fail("{}: expected {}, got {}", what,
         integer ? "a whole number" : "a number", shown(value));
  }
  if (number < min || number > max) {
    fail("{}: expected {} to {}, got {}", what, min, max, shown(value));
  }
  // 1e6 is as good a whole number as 1000000.
  return value.is_number_float() ? static_cast<Number>(number)
                                 : value.get<Number>();
}

std::string checked_text(const json& value, const std::string& what) {
  if (!value.is_string())
    fail("{}: expected a text, got {}", what, shown(value));
  return value.get<std::string>();
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

}  // namespace

void OptionTable::add_entry(Entry entry) {
  entry.preset = text_of(entry.get());
  entries_.push_back(std::move(entry));
}

template <typename Number>
void OptionTable::add_number(const std::string& name, Number* value, double min,
                             double max, const std::string& help) {
  Entry entry;
  entry.name = name;
  entry.kind = "NUMBER";
  const double most = static_cast<double>(std::numeric_limits<Number>::max());
  max = std::min(max, most);
  entry.help = max < most ? fmt::format("{} ({} to {})", help, min, max)
                          : fmt::format("{} (from {})", help, min);
  entry.set = [=](const json& source, const std::string& what) {
    *value = checked_number<Number>(source, min, max, what);
  };
  entry.get = [value] { return json(*value); };
  entry.parse = parse_number;
  add_entry(std::move(entry));
}

void OptionTable::add(const std::string& name, int* value, double min,
                      double max, const std::string& help) {
  add_number(name, value, min, max, help);
}

void OptionTable::add(const std::string& name, int64_t* value, double min,
                      double max, const std::string& help) {
  // Beyond 2^53 a number of a JSON file is not exact.
  add_number(name, value, min, std::min(max, 9007199254740992.0), help);
}

void OptionTable::add(const std::string& name, double* value, double min,
                      double max, const std::string& help) {
  add_number(name, value, min, max, help);
}

void OptionTable::add(const std::string& name, bool* value,
                      const std::string& help) {
  Entry entry;
  entry.name = name;
  entry.help = help;
  entry.is_switch = true;
  entry.set = [value](const json& source, const std::string& what) {
    if (!source.is_boolean()) {
      fail("{}: expected true or false, got {}", what, shown(source));
    }
    *value = source.get<bool>();
  };
  entry.get = [value] { return json(*value); };
  entry.parse = [](const std::string& text) { return json(text == "true"); };
  add_entry(std::move(entry));
}

void OptionTable::add(const std::string& name, std::string* value,
                      const std::string& help) {
  Entry entry;
  entry.name = name;
  entry.kind = "TEXT";
  entry.help = help;
  entry.set = [value](const json& source, const std::string& what) {
    *value = checked_text(source, what);
  };
  entry.get = [value] { return json(*value); };
  entry.parse = [](const std::string& text) { return json(text); };
  add_entry(std::move(entry));
}

void OptionTable::add(const std::string& name, std::filesystem::path* value,
                      const std::string& help) {
  Entry entry;
  entry.name = name;
  entry.kind = "PATH";
  entry.help = help;
  entry.set = [value](const json& source, const std::string& what) {
    *value = checked_text(source, what);
  };
  entry.get = [value] { return json(value->string()); };
  entry.parse = [](const std::string& text) { return json(text); };
  add_entry(std::move(entry));
}

void OptionTable::add(const std::string& name, std::vector<int>* value,
                      const std::string& help) {
  Entry entry;
  entry.name = name;
  entry.kind = "N,N,...";
  entry.help = help;
  entry.set = [value](const json& source, const std::string& what) {
    if (!source.is_array()) {
      fail("{}: expected a list of whole numbers, got {}", what, shown(source));
    }
    std::vector<int> list;
    for (const json& item : source) {
      list.push_back(checked_number<int>(item, std::numeric_limits<int>::min(),
                                         std::numeric_limits<int>::max(),
                                         what));
    }
    *value = list;
  };
  entry.get = [value] { return json(*value); };
  entry.parse = [](const std::string& text) {
    json list = json::array();
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');) {
      list.push_back(parse_number(part));
    }
    return list;
  };
  add_entry(std::move(entry));
}

void OptionTable::add_choice(const std::string& name, std::string* value,
                             std::vector<std::string> choices,
                             const std::string& help) {
  std::string list;
  for (const std::string& choice : choices) {
    list += (list.empty() ? "" : ", ") + choice;
  }
  Entry entry;
  entry.name = name;
  entry.kind = "WORD";
  entry.help = fmt::format("{} ({})", help, list);
  entry.set = [=](const json& source, const std::string& what) {
    const std::string text =
        source.is_string() ? source.get<std::string>() : "";
    if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
      fail("{}: expected one of {}; got {}", what, list, shown(source));
    }
    *value = text;
  };
  entry.get = [value] { return json(*value); };
  entry.parse = [](const std::string& text) { return json(text); };
  add_entry(std::move(entry));
}

std::string OptionTable::nearest(const std::string& name) const {
  std::string best;
  size_t distance = name.size() / 3 + 2;  // farther is no misspelling
  for (const Entry& entry : entries_) {
    const size_t to = edit_distance(name, entry.name);
    if (to < distance) {
      best = entry.name;
      distance = to;
    }
  }
  return best;
}

void OptionTable::read(const json& config, const std::string& source) {
  if (!config.is_object()) {
    fail("{}: expected a table of settings", printable(source));
  }
  for_each_value(config, "", [&](const std::string& name, const json& value) {
    const auto found =
        std::find_if(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.name == name; });
    const std::string what =
        fmt::format("{}: {}", printable(source), printable(name, 60));
    if (found == entries_.end()) {
      const std::string guess = nearest(name);
      if (guess.empty()) fail("{}: there is no such setting", what);
      fail("{}: there is no such setting; did you mean {}?", what, guess);
    }
    found->set(value, what);
  });
}

void OptionTable::add_flags(CLI::App& app) {
  for (Entry& entry : entries_) {
    const std::string flag = as_flag(entry.name);
    Entry* target = &entry;
    if (entry.is_switch) {
      const std::string help = fmt::format(
          "{} [{}]", entry.help, entry.preset == "true" ? "on" : "off");
      app.add_flag_callback(
          "--" + flag, [target] { target->given = "true"; }, help);
      app.add_flag_callback(
          "--no-" + flag, [target] { target->given = "false"; },
          "the opposite of --" + flag);
      continue;
    }
    app.add_option_function<std::string>(
           "--" + flag,
           [target](const std::string& text) { target->given = text; },
           entry.help)
        ->type_name(entry.kind)
        ->default_str(entry.preset);
  }
}

void OptionTable::apply_flags() {
  for (Entry& entry : entries_) {
    if (!entry.given) continue;
    entry.set(entry.parse(*entry.given), "--" + as_flag(entry.name));
  }
}

json OptionTable::to_json() const {
  json result = json::object();
  for (const Entry& entry : entries_) {
    std::string pointer = "/" + entry.name;
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    result[json::json_pointer(pointer)] = entry.get();
  }
  return result;
}

}  // namespace limner::train
