// The small languages inside SVG's attributes (SVG 1.1, sections 4.2 to 8.3):
// numbers, lengths, transforms, colours, styles.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sketch/flatten.h"

namespace limner {

// The beginning of a text from a file, fit for a message.
std::string shown(std::string_view text);

// Reads numbers and words from the front of a text. Everything throws Error
// with the place (a character counted from 0) where it does not find what it
// is asked for.
class SvgScanner {
 public:
  explicit SvgScanner(std::string_view text) : text_(text) {}

  void skip_spaces();
  // White space and commas.
  void skip_separators();
  // Nothing but separators is left.
  bool done();
  // The next character after separators starts a number.
  bool number_ahead();
  // The next character, '\0' at the end.
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip() { ++at_; }
  // After separators: a finite number within kMaxCoordinate.
  double number();
  // After separators: a single 0 or 1, which may stand right before the next
  // number, as arcs have it.
  bool flag();
  // Letters and digits from here, none: an empty word.
  std::string_view word();
  // Throws Error unless `c` is next, after spaces; steps over it.
  void expect(char c);

  size_t position() const { return at_; }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

// Without spaces at both ends.
std::string_view trimmed(std::string_view text);

// "12", "3.5mm", "50%": in user units, of which 96 are an inch; em counts as
// 16, ex as 8, and a percentage is of `whole`. Throws Error for anything else.
double svg_length(std::string_view text, double whole);

// Numbers with separators between them. Throws Error.
std::vector<double> svg_numbers(std::string_view text);

// A list such as "translate(10 20) rotate(30)"; an empty one is the identity.
// Throws Error.
Affine svg_transform(std::string_view text);

// From a view box (x, y, width, height) into [0, width] x [0, height], aligned
// as preserveAspectRatio says ("" means xMidYMid meet). Throws Error for other
// words.
Affine svg_view(const std::array<double, 4>& box, double width, double height,
                std::string_view preserve);

// "#rgb", "#rrggbb" and "rgb(...)"; nothing for any other way to name a
// colour.
std::optional<std::array<uint8_t, 3>> svg_colour(std::string_view text);

// The declarations of a style attribute, in order, trimmed, without
// "!important".
std::vector<std::pair<std::string_view, std::string_view>> svg_style(
    std::string_view text);

}  // namespace limner
