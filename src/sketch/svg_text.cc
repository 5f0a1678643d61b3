#include "sketch/svg_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <system_error>

#include "sketch/drawing_limits.h"
#include "util/error.h"

namespace limner {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// What stands at `at`, for a message.
std::string next_of(std::string_view text, size_t at) {
  if (at >= text.size()) return "the end";
  return "'" + printable(std::string(text.substr(at, 12)), 12) + "'";
}

double degrees(double angle) { return angle * M_PI / 180; }

Affine rotation(double angle) {
  const double u = std::cos(angle), v = std::sin(angle);
  return {u, v, -v, u, 0, 0};
}

Affine one_transform(std::string_view name, const std::vector<double>& v) {
  const size_t count = v.size();
  if (name == "matrix" && count == 6) {
    return {v[0], v[1], v[2], v[3], v[4], v[5]};
  }
  if (name == "translate" && (count == 1 || count == 2)) {
    return {1, 0, 0, 1, v[0], count == 2 ? v[1] : 0};
  }
  if (name == "scale" && (count == 1 || count == 2)) {
    return {v[0], 0, 0, count == 2 ? v[1] : v[0], 0, 0};
  }
  if (name == "rotate" && count == 1) return rotation(degrees(v[0]));
  if (name == "rotate" && count == 3) {
    return Affine{1, 0, 0, 1, v[1], v[2]} * rotation(degrees(v[0])) *
           Affine{1, 0, 0, 1, -v[1], -v[2]};
  }
  if (name == "skewX" && count == 1) {
    return {1, 0, std::tan(degrees(v[0])), 1, 0, 0};
  }
  if (name == "skewY" && count == 1) {
    return {1, std::tan(degrees(v[0])), 0, 1, 0, 0};
  }
  fail(
      "transform: {}() with {} numbers; expected matrix(6), translate(1 or "
      "2), scale(1 or 2), rotate(1 or 3), skewX(1) or skewY(1)",
      shown(name), count);
}

// Where in [0, room] something of `size` begins: word is Min, Mid or Max.
double aligned(std::string_view word, double room, double size) {
  if (word == "Min") return 0;
  if (word == "Mid") return (room - size) / 2;
  if (word == "Max") return room - size;
  fail("preserveAspectRatio: got {}, expected Min, Mid or Max", shown(word));
}

}  // namespace

std::string shown(std::string_view text) {
  return printable(std::string(text.substr(0, 60)), 40);
}

void SvgScanner::skip_spaces() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

void SvgScanner::skip_separators() {
  while (at_ < text_.size() && (is_space(text_[at_]) || text_[at_] == ',')) {
    ++at_;
  }
}

bool SvgScanner::done() {
  skip_separators();
  return at_ >= text_.size();
}

bool SvgScanner::number_ahead() {
  skip_separators();
  const char c = peek();
  return is_digit(c) || c == '.' || c == '-' || c == '+';
}

double SvgScanner::number() {
  skip_separators();
  size_t begin = at_;
  // from_chars takes no '+', and would take "inf" and "nan".
  if (begin < text_.size() && text_[begin] == '+') ++begin;
  size_t digit = begin;
  if (begin == at_ && digit < text_.size() && text_[digit] == '-') ++digit;
  if (digit < text_.size() && text_[digit] == '.') ++digit;
  if (digit >= text_.size() || !is_digit(text_[digit])) {
    fail("expected a number at character {}, got {}", at_, next_of(text_, at_));
  }
  double value = 0;
  const char* end = text_.data() + text_.size();
  const auto [next, code] = std::from_chars(text_.data() + begin, end, value);
  if (code != std::errc() || !(std::abs(value) <= kMaxCoordinate)) {
    fail("the number at character {} is not within {}: {}", at_, kMaxCoordinate,
         next_of(text_, at_));
  }
  at_ = static_cast<size_t>(next - text_.data());
  return value;
}

bool SvgScanner::flag() {
  skip_separators();
  const char c = peek();
  if (c != '0' && c != '1') {
    fail("expected a flag (0 or 1) at character {}, got {}", at_,
         next_of(text_, at_));
  }
  ++at_;
  return c == '1';
}

std::string_view SvgScanner::word() {
  const size_t begin = at_;
  while (at_ < text_.size() && is_word(text_[at_])) ++at_;
  return text_.substr(begin, at_ - begin);
}

void SvgScanner::expect(char c) {
  skip_spaces();
  if (peek() != c || at_ >= text_.size()) {
    fail("expected '{}' at character {}, got {}", c, at_, next_of(text_, at_));
  }
  ++at_;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

double svg_length(std::string_view text, double whole) {
  SvgScanner scan(trimmed(text));
  const double value = scan.number();
  std::string_view unit = scan.word();
  if (unit.empty() && scan.peek() == '%') {
    unit = "%";
    scan.skip();
  }
  static constexpr std::pair<std::string_view, double> kUnits[] = {
      {"", 1},          {"px", 1},         {"pt", 96 / 72.0}, {"pc", 16},
      {"in", 96},       {"mm", 96 / 25.4}, {"cm", 96 / 2.54}, {"Q", 24 / 25.4},
      {"q", 24 / 25.4}, {"em", 16},        {"ex", 8}};
  if (scan.position() == trimmed(text).size()) {
    if (unit == "%") return value / 100 * whole;
    for (const auto& [name, size] : kUnits) {
      if (unit == name) return value * size;
    }
  }
  fail("the length {} has no known unit (px, pt, pc, mm, cm, in, Q, em, ex, %)",
       shown(text));
}

std::vector<double> svg_numbers(std::string_view text) {
  std::vector<double> numbers;
  SvgScanner scan(text);
  while (!scan.done()) numbers.push_back(scan.number());
  return numbers;
}

Affine svg_transform(std::string_view text) {
  Affine whole;
  if (trimmed(text) == "none") return whole;
  SvgScanner scan(text);
  std::vector<double> numbers;
  while (!scan.done()) {
    const size_t start = scan.position();
    const std::string_view name = scan.word();
    if (name.empty()) {
      fail("transform: expected a name at character {}, got {}", start,
           next_of(text, start));
    }
    scan.expect('(');
    numbers.clear();
    // No transform has more than six numbers.
    while (numbers.size() < 7 && scan.number_ahead()) {
      numbers.push_back(scan.number());
    }
    scan.expect(')');
    whole = whole * one_transform(name, numbers);
  }
  return whole;
}

Affine svg_view(const std::array<double, 4>& box, double width, double height,
                std::string_view preserve) {
  SvgScanner scan(preserve);
  scan.skip_spaces();
  std::string_view align = scan.word();
  if (align == "defer") {
    scan.skip_spaces();
    align = scan.word();
  }
  scan.skip_spaces();
  const std::string_view how = scan.word();
  double sx = width / box[2];
  double sy = height / box[3];
  if (align == "none") return {sx, 0, 0, sy, -box[0] * sx, -box[1] * sy};
  if (align.empty()) align = "xMidYMid";
  if (align.size() != 8 || align[0] != 'x' || align[4] != 'Y' ||
      !(how.empty() || how == "meet" || how == "slice") || !scan.done()) {
    fail(
        "preserveAspectRatio is {}, expected none or a word such as xMidYMid, "
        "then meet or slice",
        shown(preserve));
  }
  sx = sy = how == "slice" ? std::max(sx, sy) : std::min(sx, sy);
  return {sx,
          0,
          0,
          sy,
          aligned(align.substr(1, 3), width, box[2] * sx) - box[0] * sx,
          aligned(align.substr(5, 3), height, box[3] * sy) - box[1] * sy};
}

std::optional<std::array<uint8_t, 3>> svg_colour(std::string_view text) {
  text = trimmed(text);
  std::array<uint8_t, 3> colour = {};
  if (!text.empty() && text[0] == '#') {
    const size_t digits = (text.size() - 1) / 3;
    if (text.size() != 4 && text.size() != 7) return {};
    for (size_t i = 0; i < 3; ++i) {
      const char* begin = text.data() + 1 + i * digits;
      const auto [end, code] =
          std::from_chars(begin, begin + digits, colour[i], 16);
      if (code != std::errc() || end != begin + digits) return {};
      if (digits == 1) colour[i] = static_cast<uint8_t>(colour[i] * 17);
    }
    return colour;
  }
  if (text.substr(0, 4) != "rgb(" || text.back() != ')') return {};
  SvgScanner scan(text.substr(4, text.size() - 5));
  for (uint8_t& value : colour) {
    if (!scan.number_ahead()) return {};
    double number = 0;
    try {
      number = scan.number();
    } catch (const Error&) {
      return {};  // a colour that cannot be read is one not in the legend
    }
    if (scan.peek() == '%') {
      number *= 2.55;
      scan.skip();
    }
    value = static_cast<uint8_t>(std::lround(std::clamp(number, 0.0, 255.0)));
  }
  if (!scan.done()) return {};
  return colour;
}

std::vector<std::pair<std::string_view, std::string_view>> svg_style(
    std::string_view text) {
  std::vector<std::pair<std::string_view, std::string_view>> out;
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t colon = one.find(':');
    if (colon == one.npos) continue;
    std::string_view value = one.substr(colon + 1);
    value = trimmed(value.substr(0, value.find('!')));
    out.emplace_back(trimmed(one.substr(0, colon)), value);
  }
  return out;
}

}  // namespace limner
