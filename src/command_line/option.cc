// Reading option values, with one clear line for each that does not fit.
#include "command_line/option.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "util/error.h"

namespace limner::command_line {

using nlohmann::json;

struct Mismatch {
  std::string expected;
  json got;
};

namespace {

// Far above any model's count; the model's own count is checked later.
constexpr int kMaxCode = 1023;

// What stands in messages for a value someone wrote.
std::string shown(const json& value) {
  return printable(value.dump(-1, ' ', false, json::error_handler_t::replace),
                   60);
}

std::string number_text(double value) {
  return value == std::floor(value) ? fmt::format("{:.0f}", value)
                                    : fmt::format("{}", value);
}

// "a, b or c"
std::string joined(const std::vector<std::string>& words) {
  std::string all = words[0];
  for (size_t i = 1; i < words.size(); ++i) {
    all += (i + 1 == words.size() ? " or " : ", ") + words[i];
  }
  return all;
}

// The whole of `text` as a number, or nothing.
template <typename T>
std::optional<T> parse(const std::string& text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

// The number that fills `text`, as an integer where it is one; else the text,
// which no number's target takes.
json number_of(const std::string& text) {
  if (const auto whole = parse<int64_t>(text)) return *whole;
  if (const auto real = parse<double>(text)) return *real;
  return text;
}

// "8,9,12-15" as [8,9,12,13,14,15]; the text when it is malformed.
json spans_of(const std::string& text, double high) {
  json codes = json::array();
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
    const size_t dash = part.find('-');
    const auto first = parse<int>(part.substr(0, dash));
    const auto last =
        dash == std::string::npos ? first : parse<int>(part.substr(dash + 1));
    if (!first || !last || *last < *first || *last > high) return text;
    for (int code = *first; code <= *last; ++code) codes.push_back(code);
    begin = end + 1;
  }
  return codes;
}

// "1,2,3" as [1,2,3].
json list_of(const std::string& text) {
  json list = json::array();
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find(',', begin), text.size());
    list.push_back(number_of(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return list;
}

// "0 to 1024", or "from 0" where there is no upper end.
std::string ends_text(const Option& option) {
  const bool narrow = std::holds_alternative<int*>(option.target);
  const double max = narrow ? std::numeric_limits<int>::max()
                            : std::numeric_limits<double>::max();
  if (option.high >= max) return "from " + number_text(option.low);
  return number_text(option.low) + " to " +
         (option.high == static_cast<double>(kMaxSeed)
              ? "2^53 - 1"
              : number_text(option.high));
}

// What keeps `value` from being a number that `option` takes.
std::optional<Mismatch> number_problem(const Option& option, bool whole,
                                       const json& value) {
  double number = std::numeric_limits<double>::quiet_NaN();
  if (value.is_number()) number = value.get<double>();
  if (!std::isfinite(number) || (whole && number != std::floor(number))) {
    return Mismatch{whole ? "a whole number" : "a number", value};
  }
  if (number < option.low || number > option.high) {
    return Mismatch{ends_text(option), value};
  }
  if (option.power_of_two) {
    const auto integer = static_cast<int64_t>(number);
    if ((integer & (integer - 1)) != 0) {
      return Mismatch{"a power of two", value};
    }
  }
  return std::nullopt;
}

// 1e6 is as good a whole number as 1000000.
template <typename Number>
Number number_in(const json& value) {
  return value.is_number_float() ? static_cast<Number>(value.get<double>())
                                 : value.get<Number>();
}

// Puts a value into a target that takes it.
struct Assign {
  const Option& option;
  const json& value;

  template <typename Number>
  std::optional<Mismatch> number(Number* target) const {
    auto problem = number_problem(option, std::is_integral_v<Number>, value);
    if (!problem) *target = number_in<Number>(value);
    return problem;
  }

  std::optional<Mismatch> operator()(bool* target) const {
    if (!value.is_boolean()) return Mismatch{"true or false", value};
    *target = value.get<bool>();
    return std::nullopt;
  }
  std::optional<Mismatch> operator()(int* target) const {
    return number(target);
  }
  std::optional<Mismatch> operator()(int64_t* target) const {
    return number(target);
  }
  std::optional<Mismatch> operator()(double* target) const {
    return number(target);
  }
  std::optional<Mismatch> operator()(std::optional<int64_t>* target) const {
    int64_t got = 0;
    auto problem = number(&got);
    if (!problem) *target = got;
    return problem;
  }
  std::optional<Mismatch> operator()(std::string* target) const {
    const auto& all = option.choices;
    const std::string got = value.is_string() ? value.get<std::string>() : "";
    if (!all.empty() && std::find(all.begin(), all.end(), got) == all.end()) {
      return Mismatch{fmt::format("one of {};", fmt::join(all, ", ")), value};
    }
    if (!value.is_string()) return Mismatch{"a text", value};
    *target = got;
    return std::nullopt;
  }
  std::optional<Mismatch> operator()(std::filesystem::path* target) const {
    if (!value.is_string()) return Mismatch{"a text", value};
    const auto got = value.get<std::string>();
    // A setting may be empty again.
    if (got.empty() && option.setting.empty()) return Mismatch{"a file", value};
    *target = got;
    return std::nullopt;
  }
  std::optional<Mismatch> operator()(std::vector<int>* target) const {
    if (!value.is_array()) return Mismatch{"a list of whole numbers", value};
    std::vector<int> list;
    for (const json& item : value) {
      if (auto problem = number_problem(option, true, item)) return problem;
      list.push_back(number_in<int>(item));
    }
    *target = list;
    return std::nullopt;
  }
};

struct ValueOf {
  json operator()(const std::optional<int64_t>* from) const {
    return *from ? json(**from) : json();
  }
  json operator()(const std::filesystem::path* from) const {
    return from->string();
  }
  template <typename T>
  json operator()(const T* from) const {
    return *from;
  }
};

// Messages about settings read alike, whether a file or a flag gives the value.
[[noreturn]] void refuse_setting(const std::string& what,
                                 const Mismatch& problem) {
  fail("{}: expected {}{} got {}", what, problem.expected,
       problem.expected.back() == ';' ? "" : ",", shown(problem.got));
}

}  // namespace

Kind Option::kind() const {
  struct Visitor {
    Kind operator()(const bool*) const { return Kind::kSwitch; }
    Kind operator()(const int*) const { return Kind::kWhole; }
    Kind operator()(const int64_t*) const { return Kind::kWhole; }
    Kind operator()(const std::optional<int64_t>*) const {
      return Kind::kWhole;
    }
    Kind operator()(const double*) const { return Kind::kNumber; }
    Kind operator()(const std::string*) const { return Kind::kText; }
    Kind operator()(const std::filesystem::path*) const { return Kind::kPath; }
    Kind operator()(const std::vector<int>*) const { return Kind::kList; }
  };
  return std::visit(Visitor{}, target);
}

std::string Option::long_name() const {
  const size_t comma = names.rfind(',');
  return comma == std::string::npos ? names : names.substr(comma + 1);
}

std::optional<Mismatch> Option::assign(const json& given) const {
  return std::visit(Assign{*this, given}, target);
}

json Option::value_of(const std::string& text) const {
  switch (kind()) {
    case Kind::kSwitch:
      return text != "false";
    case Kind::kWhole:
    case Kind::kNumber:
      return number_of(text);
    case Kind::kList:
      return spans ? spans_of(text, high) : list_of(text);
    case Kind::kText:
    case Kind::kPath:
      break;
  }
  return text;
}

void Option::set(const std::string& text) const {
  const auto problem = assign(value_of(text));
  if (!problem) return;
  if (!setting.empty()) refuse_setting(long_name(), *problem);
  if (kind() == Kind::kPath) {
    fail("{} must name a file or folder, got an empty text", long_name());
  }
  fail("{} must be {}, got \"{}\"", long_name(), range_text(),
       printable(text, 60));
}

void Option::set(const json& given, const std::string& what) const {
  if (const auto problem = assign(given)) refuse_setting(what, *problem);
}

json Option::get() const { return std::visit(ValueOf{}, target); }

std::string Option::range_text() const {
  if (!choices.empty()) return joined(choices);
  if (spans) return "a list of code numbers such as 8,9 or 8-17";
  if (kind() != Kind::kWhole && kind() != Kind::kNumber) return "";
  const std::string ends = ends_text(*this);
  return (kind() == Kind::kNumber ? "a number "
          : power_of_two          ? "a power of two "
                                  : "a whole number ") +
         (ends.rfind("from", 0) == 0 ? ends : "from " + ends);
}

std::string Option::default_text() const {
  if (!fallback.empty()) return fallback;
  if (required || (kind() == Kind::kSwitch && setting.empty())) return "";
  const json preset = get();
  if (preset.is_boolean()) return preset.get<bool>() ? "on" : "off";
  if (preset.is_string()) return preset.get<std::string>();
  if (preset.is_number_float()) return number_text(preset.get<double>());
  if (preset.is_array()) {
    return fmt::format("{}", fmt::join(preset.get<std::vector<int>>(), ","));
  }
  return preset.is_null() ? "" : preset.dump();
}

Option flag(std::string names, bool* target, std::string help) {
  Option option;
  option.names = std::move(names);
  option.target = target;
  option.help = std::move(help);
  return option;
}

namespace {

Option valued(std::string names, std::string value, Target target,
              std::string help) {
  Option option = flag(std::move(names), nullptr, std::move(help));
  option.value = std::move(value);
  option.target = target;
  return option;
}

Option ranged(Option option, double low, double high) {
  option.low = low;
  option.high = high;
  return option;
}

}  // namespace

Option whole(std::string names, std::string value, int64_t* target, int64_t low,
             int64_t high, std::string help) {
  return ranged(
      valued(std::move(names), std::move(value), target, std::move(help)),
      static_cast<double>(low), static_cast<double>(high));
}

Option maybe_whole(std::string names, std::string value,
                   std::optional<int64_t>* target, int64_t low, int64_t high,
                   std::string help) {
  return ranged(
      valued(std::move(names), std::move(value), target, std::move(help)),
      static_cast<double>(low), static_cast<double>(high));
}

Option real(std::string names, std::string value, double* target, double low,
            double high, std::string help) {
  return ranged(
      valued(std::move(names), std::move(value), target, std::move(help)), low,
      high);
}

Option text(std::string names, std::string value, std::string* target,
            std::string help) {
  return valued(std::move(names), std::move(value), target, std::move(help));
}

Option choice(std::string names, std::string* target,
              std::vector<std::string> choices, std::string help) {
  Option option = text(std::move(names), "NAME", target, std::move(help));
  option.choices = std::move(choices);
  return option;
}

Option path(std::string names, std::string value, std::filesystem::path* target,
            std::string help) {
  return valued(std::move(names), std::move(value), target, std::move(help));
}

Option codes(std::string names, std::vector<int>* target, std::string help) {
  Option option = ranged(
      valued(std::move(names), "CODES", target, std::move(help)), 0, kMaxCode);
  option.spans = true;
  return option;
}

Option defaulting(Option option, std::string words) {
  option.fallback = std::move(words);
  return option;
}

Option needed(Option option) {
  option.required = true;
  return option;
}

Option powers_of_two(Option option) {
  option.power_of_two = true;
  return option;
}

}  // namespace limner::command_line
