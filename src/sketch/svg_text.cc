#include "sketch/svg_text.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <system_error>

#include "util/error.h"
#include "util/number_text.h"

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

// Of a number that no double can hold: whether because it is so small.
bool is_tiny(std::string_view number) {
  const size_t power = number.find_first_of("eE");
  if (power != number.npos) return number.substr(power + 1, 1) == "-";
  return number.find_first_not_of("-0") == number.find('.');
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
  // read_number() takes no '+'.
  if (begin < text_.size() && text_[begin] == '+') ++begin;
  size_t digit = begin;
  if (begin == at_ && digit < text_.size() && text_[digit] == '-') ++digit;
  if (digit < text_.size() && text_[digit] == '.') ++digit;
  if (digit >= text_.size() || !is_digit(text_[digit])) {
    fail("expected a number at character {}, got {}", at_, next_of(text_, at_));
  }
  double value = 0;
  const char* end = text_.data() + text_.size();
  const auto [next, code] = read_number(text_.data() + begin, end, value);
  if (code == std::errc::result_out_of_range &&
      is_tiny(text_.substr(begin,
                           static_cast<size_t>(next - text_.data() - begin)))) {
    value = 0;
  } else if (code != std::errc() || !(std::abs(value) <= kMaxSvgNumber)) {
    fail("the number at character {} is not within {}: {}", at_, kMaxSvgNumber,
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

}  // namespace limner
