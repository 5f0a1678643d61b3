#include "sketch/svg_length.h"

#include <utility>

#include "sketch/css_scan.h"
#include "sketch/svg_text.h"
#include "util/error.h"

namespace limner {
namespace {

// Brackets inside of each other in calc().
constexpr int kMaxCalcDepth = 16;

constexpr std::pair<std::string_view, double> kUnits[] = {
    {"", 1},    {"px", 1},         {"pt", 96 / 72.0}, {"pc", 16},
    {"in", 96}, {"mm", 96 / 25.4}, {"cm", 96 / 2.54}, {"q", 24 / 25.4},
    {"em", 16}, {"rem", 16},       {"ex", 8},         {"ch", 8},
    {"ic", 16}};

// A number with its unit from the front of `scan`.
double read_value(SvgScanner& scan, double whole) {
  const double value = scan.number();
  std::string unit = lower_case(scan.word());
  if (unit.empty() && scan.peek() == '%') {
    unit = "%";
    scan.skip();
  }
  for (const char* window : {"%", "vw", "vh", "vmin", "vmax"}) {
    if (unit == window) return value / 100 * whole;
  }
  for (const auto& [name, size] : kUnits) {
    if (unit == name) return value * size;
  }
  fail(
      "{} is no known unit (px, pt, pc, mm, cm, in, Q, em, rem, ex, ch, vw, "
      "vh, %)",
      shown(unit));
}

// CSS's calc(): sums of products of lengths, numbers and brackets.
class Calculation {
 public:
  Calculation(std::string_view text, double whole)
      : scan_(text), whole_(whole) {}

  double read() {
    const double value = one(0);
    if (!scan_.done()) fail("calc() has more than an expression");
    return value;
  }

 private:
  double sum(int depth) {
    double value = product(depth);
    for (char c = next(); c == '+' || c == '-'; c = next()) {
      scan_.skip();
      const double other = product(depth);
      value += c == '+' ? other : -other;
    }
    return value;
  }

  double product(int depth) {
    double value = one(depth);
    for (char c = next(); c == '*' || c == '/'; c = next()) {
      scan_.skip();
      const double other = one(depth);
      if (c == '/' && other == 0) fail("calc() divides by 0");
      value = c == '*' ? value * other : value / other;
    }
    return value;
  }

  double one(int depth) {
    if (depth > kMaxCalcDepth) fail("calc() has too many brackets");
    char c = next();
    if (c == 'c' || c == 'C') {
      if (lower_case(scan_.word()) != "calc") fail("calc() has a word inside");
      c = next();
      if (c != '(') fail("calc has no brackets");
    }
    if (c != '(') return read_value(scan_, whole_);
    scan_.skip();
    const double value = sum(depth + 1);
    scan_.expect(')');
    return value;
  }

  char next() {
    scan_.skip_spaces();
    return scan_.peek();
  }

  SvgScanner scan_;
  double whole_;
};

}  // namespace

double svg_length(std::string_view text, double whole) {
  const std::string_view all = trimmed(text);
  if (lower_case(all.substr(0, 5)) == "calc(") {
    return Calculation(all, whole).read();
  }
  SvgScanner scan(all);
  try {
    const double value = read_value(scan, whole);
    if (scan.position() == all.size()) return value;
  } catch (const Error&) {
    // Without a number the scanner says it best.
    SvgScanner(all).number();
  }
  fail(
      "the length {} has no known unit (px, pt, pc, mm, cm, in, Q, em, rem, "
      "ex, ch, vw, vh, %)",
      shown(text));
}

}  // namespace limner
