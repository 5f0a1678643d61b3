// Reading option values, with one clear line for each that does not fit.
#include "app/options.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "util/error.h"

namespace limner::app {
namespace {

// Far above any model's count; the model's own count is checked later.
constexpr int kMaxCode = 1023;

// "--out" of "-o,--out": the name that messages use.
std::string long_name(const std::string& names) {
  const size_t comma = names.rfind(',');
  return comma == std::string::npos ? names : names.substr(comma + 1);
}

[[noreturn]] void refuse(const Option& option, const std::string& text) {
  fail("{} must be {}, got \"{}\"", long_name(option.names),
       option.range_text(), printable(text, 60));
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

std::optional<int64_t> parse_whole(const Option& option,
                                   const std::string& text) {
  const auto value = parse<int64_t>(text);
  if (!value || static_cast<double>(*value) < option.low ||
      static_cast<double>(*value) > option.high) {
    return std::nullopt;
  }
  if (option.power_of_two && (*value & (*value - 1)) != 0) return std::nullopt;
  return value;
}

// "8,9,12-15" as {8, 9, 12, 13, 14, 15}; nothing when it is malformed.
std::optional<std::vector<int>> parse_codes(const std::string& text) {
  std::vector<int> codes;
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
    const size_t dash = part.find('-');
    const auto first = parse<int>(part.substr(0, dash));
    const auto last =
        dash == std::string::npos ? first : parse<int>(part.substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first || *last > kMaxCode) {
      return std::nullopt;
    }
    for (int code = *first; code <= *last; ++code) codes.push_back(code);
    begin = end + 1;
  }
  return codes;
}

std::string number_text(double value) {
  return value == std::floor(value) ? fmt::format("{:.0f}", value)
                                    : fmt::format("{}", value);
}

std::string codes_text(const std::vector<int>& codes) {
  return fmt::format("{}", fmt::join(codes, ","));
}

}  // namespace

void Option::set(const std::string& text) const {
  struct Visitor {
    const Option& option;
    const std::string& text;

    void operator()(bool* target) const { *target = true; }
    void operator()(int64_t* target) const {
      const auto value = parse_whole(option, text);
      if (!value) refuse(option, text);
      *target = *value;
    }
    void operator()(std::optional<int64_t>* target) const {
      const auto value = parse_whole(option, text);
      if (!value) refuse(option, text);
      *target = value;
    }
    void operator()(double* target) const {
      const auto value = parse<double>(text);
      // Written so that NaN is refused too.
      if (!value || !(*value >= option.low && *value <= option.high)) {
        refuse(option, text);
      }
      *target = *value;
    }
    void operator()(std::string* target) const {
      const auto& all = option.choices;
      if (!all.empty() &&
          std::find(all.begin(), all.end(), text) == all.end()) {
        refuse(option, text);
      }
      *target = text;
    }
    void operator()(std::filesystem::path* target) const {
      if (text.empty()) {
        fail("{} must name a file or folder, got an empty text",
             long_name(option.names));
      }
      *target = text;
    }
    void operator()(std::vector<int>* target) const {
      const auto value = parse_codes(text);
      if (!value) refuse(option, text);
      *target = *value;
    }
  };
  std::visit(Visitor{*this, text}, target);
}

std::string Option::range_text() const {
  if (!choices.empty()) {
    std::string all = choices[0];
    for (size_t i = 1; i < choices.size(); ++i) {
      all += (i + 1 == choices.size() ? " or " : ", ") + choices[i];
    }
    return all;
  }
  if (std::holds_alternative<std::vector<int>*>(target)) {
    return "a list of code numbers such as 8,9 or 8-17";
  }
  const bool is_whole = std::holds_alternative<int64_t*>(target) ||
                        std::holds_alternative<std::optional<int64_t>*>(target);
  const std::string ends =
      number_text(low) + " to " +
      (high == static_cast<double>(kMaxSeed) ? "2^53 - 1" : number_text(high));
  if (is_whole) {
    return (power_of_two ? "a power of two from " : "a whole number from ") +
           ends;
  }
  if (std::holds_alternative<double*>(target)) return "a number from " + ends;
  return "";
}

std::string Option::default_text() const {
  if (!fallback.empty()) return fallback;
  if (required) return "";
  struct Visitor {
    std::string operator()(const bool*) const { return ""; }
    std::string operator()(const int64_t* value) const {
      return std::to_string(*value);
    }
    std::string operator()(const std::optional<int64_t>*) const { return ""; }
    std::string operator()(const double* value) const {
      return number_text(*value);
    }
    std::string operator()(const std::string* value) const { return *value; }
    std::string operator()(const std::filesystem::path* value) const {
      return value->string();
    }
    std::string operator()(const std::vector<int>* value) const {
      return codes_text(*value);
    }
  };
  return std::visit(Visitor{}, target);
}

Option flag(std::string names, bool* target, std::string help) {
  Option option;
  option.names = std::move(names);
  option.target = target;
  option.help = std::move(help);
  return option;
}

Option whole(std::string names, std::string value, int64_t* target, int64_t low,
             int64_t high, std::string help) {
  Option option = flag(std::move(names), nullptr, std::move(help));
  option.value = std::move(value);
  option.target = target;
  option.low = static_cast<double>(low);
  option.high = static_cast<double>(high);
  return option;
}

Option maybe_whole(std::string names, std::string value,
                   std::optional<int64_t>* target, int64_t low, int64_t high,
                   std::string help) {
  Option option = whole(std::move(names), std::move(value), nullptr, low, high,
                        std::move(help));
  option.target = target;
  return option;
}

Option real(std::string names, std::string value, double* target, double low,
            double high, std::string help) {
  Option option = flag(std::move(names), nullptr, std::move(help));
  option.value = std::move(value);
  option.target = target;
  option.low = low;
  option.high = high;
  return option;
}

Option choice(std::string names, std::string* target,
              std::vector<std::string> choices, std::string help) {
  Option option = flag(std::move(names), nullptr, std::move(help));
  option.value = "NAME";
  option.target = target;
  option.choices = std::move(choices);
  return option;
}

Option path(std::string names, std::string value, std::filesystem::path* target,
            std::string help) {
  Option option = flag(std::move(names), nullptr, std::move(help));
  option.value = std::move(value);
  option.target = target;
  return option;
}

Option codes(std::string names, std::vector<int>* target, std::string help) {
  Option option = flag(std::move(names), nullptr, std::move(help));
  option.value = "CODES";
  option.target = target;
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

Option model_option(std::string names, Common* common) {
  Option option = path(std::move(names), "FILE", &common->model,
                       "the model: an official .pt checkpoint or a "
                       ".safetensors file written by `limner convert`");
  option.environment = "LIMNER_MODEL";
  option.bundled = true;
  option.fallback = "LIMNER_MODEL, or the bundled one";
  return option;
}

void add_common(Command& command, Common* common) {
  Option threads = whole("--threads", "N", &common->threads, 0, 1024,
                         "threads to compute with; 0 takes every core");
  command.options.push_back(threads);
  command.options.push_back(
      choice("--precision", &common->precision, {"fast", "exact", "bf16"},
             "fast: the same picture to the eye; exact: every convolution as a "
             "direct sum of 32-bit floats; bf16: wide layers in bfloat16, for "
             "less memory"));
  command.options.push_back(
      flag("--quiet", &common->quiet, "print nothing but errors"));
}

}  // namespace limner::app
