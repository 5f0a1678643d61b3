// The small languages inside SVG's attributes (SVG 1.1, sections 4.2 to 8.3):
// numbers, view boxes.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "sketch/flatten.h"

namespace limner {

// Numbers in a file, either sign: transforms may bring large ones into a
// drawing, where they are within kMaxCoordinate.
constexpr double kMaxSvgNumber = 1e15;

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
  void skip_to(size_t position) { at_ = position; }
  // After separators: a number within kMaxSvgNumber.
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

// From a view box (x, y, width, height) into [0, width] x [0, height], aligned
// as preserveAspectRatio says ("" means xMidYMid meet). Throws Error for other
// words.
Affine svg_view(const std::array<double, 4>& box, double width, double height,
                std::string_view preserve);

}  // namespace limner
