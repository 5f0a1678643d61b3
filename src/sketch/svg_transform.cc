#include "sketch/svg_transform.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "sketch/css_scan.h"
#include "sketch/svg_length.h"
#include "sketch/svg_text.h"
#include "util/error.h"

namespace limner {
namespace {

double radians(double angle) { return angle * M_PI / 180; }

Affine moved(Vec by) { return {1, 0, 0, 1, by.x, by.y}; }

Affine turned(double degrees) {
  const double u = std::cos(radians(degrees)), v = std::sin(radians(degrees));
  return {u, v, -v, u, 0, 0};
}

// Arguments between separators.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  // No transform that stays in the plane has more.
  constexpr size_t kMax = 17;
  size_t at = 0;
  while (words.size() < kMax) {
    while (at < text.size() && (is_css_space(text[at]) || text[at] == ',')) {
      ++at;
    }
    if (at >= text.size()) break;
    const size_t from = at;
    int depth = 0;
    for (; at < text.size(); ++at) {
      const char c = text[at];
      if (c == '(') ++depth;
      if (c == ')') --depth;
      if (depth == 0 && (is_css_space(c) || c == ',')) break;
      // "10-20" are two numbers, but "1e-5" is one.
      if (depth == 0 && at > from && (c == '-' || c == '+') &&
          text[at - 1] != 'e' && text[at - 1] != 'E') {
        break;
      }
    }
    words.push_back(text.substr(from, at - from));
  }
  return words;
}

double number_of(std::string_view text) {
  SvgScanner scan(text);
  const double value = scan.number();
  if (scan.peek() == '%' && scan.position() + 1 == text.size()) {
    return value / 100;
  }
  if (!scan.done()) fail("transform: expected a number, got {}", shown(text));
  return value;
}

double degrees_of(std::string_view text) {
  SvgScanner scan(text);
  const double value = scan.number();
  const std::string unit = lower_case(scan.word());
  if (scan.done()) {
    if (unit.empty() || unit == "deg") return value;
    if (unit == "rad") return value * 180 / M_PI;
    if (unit == "turn") return value * 360;
    if (unit == "grad") return value * 0.9;
  }
  fail("transform: expected an angle, got {}", shown(text));
}

Affine matrix(const std::vector<std::string_view>& words) {
  double v[6];
  for (int i = 0; i < 6; ++i) v[i] = number_of(words[i]);
  return {v[0], v[1], v[2], v[3], v[4], v[5]};
}

// Functions whose arguments are lengths or numbers along x and y.
bool along(std::string_view name, const std::vector<std::string_view>& words,
           Vec box, Affine& out) {
  const size_t count = words.size();
  const bool flat = name.substr(name.size() - 2) == "3d";
  if (flat ? count != 3 : count < 1 || count > 2) return false;
  if (name == "translate" || name == "translate3d") {
    out = moved({svg_length(words[0], box.x),
                 count > 1 ? svg_length(words[1], box.y) : 0});
  } else if (name == "scale" || name == "scale3d") {
    const double x = number_of(words[0]);
    out = {x, 0, 0, count > 1 ? number_of(words[1]) : x, 0, 0};
  } else if (name == "skew") {
    const double y = count > 1 ? degrees_of(words[1]) : 0;
    out = {
        1, std::tan(radians(y)), std::tan(radians(degrees_of(words[0]))), 1, 0,
        0};
  } else {
    return false;
  }
  return true;
}

bool along_one(std::string_view name, std::string_view word, Vec box,
               Affine& out) {
  if (name == "translatex") {
    out = moved({svg_length(word, box.x), 0});
  } else if (name == "translatey") {
    out = moved({0, svg_length(word, box.y)});
  } else if (name == "scalex") {
    out = {number_of(word), 0, 0, 1, 0, 0};
  } else if (name == "scaley") {
    out = {1, 0, 0, number_of(word), 0, 0};
  } else if (name == "rotate" || name == "rotatez") {
    out = turned(degrees_of(word));
  } else if (name == "skewx") {
    out = {1, 0, std::tan(radians(degrees_of(word))), 1, 0, 0};
  } else if (name == "skewy") {
    out = {1, std::tan(radians(degrees_of(word))), 0, 1, 0, 0};
  } else if (name == "translatez" || name == "scalez" ||
             name == "perspective") {
    out = {};  // seen from the front
  } else {
    return false;
  }
  return true;
}

Affine one_transform(std::string_view name, std::string_view inside, Vec box) {
  const std::vector<std::string_view> words = words_of(inside);
  const std::string key = lower_case(name);
  Affine out;
  if (key == "matrix" && words.size() == 6) return matrix(words);
  if (key == "rotate" && words.size() == 3) {
    const Vec at = {number_of(words[1]), number_of(words[2])};
    return moved(at) * turned(degrees_of(words[0])) * moved({-at.x, -at.y});
  }
  if (words.size() == 1 && along_one(key, words[0], box, out)) return out;
  if (key.size() > 2 && along(key, words, box, out)) return out;
  fail(
      "transform: {}() with {} numbers; expected matrix(6), translate(1 or "
      "2), scale(1 or 2), rotate(1 or 3), skewX(1) or skewY(1)",
      shown(name), words.size());
}

}  // namespace

Affine svg_transform(std::string_view text, Vec box) {
  Affine whole;
  if (trimmed(text) == "none") return whole;
  SvgScanner scan(text);
  while (!scan.done()) {
    const size_t start = scan.position();
    const std::string_view name = scan.word();
    if (name.empty()) {
      fail("transform: expected a name at character {}, got {}", start,
           shown(text.substr(start, 12)));
    }
    scan.expect('(');
    CssScanner inside(text.substr(scan.position() - 1));
    const std::string_view arguments = inside.bracketed();
    const size_t end = scan.position() + arguments.size();
    if (end >= text.size() || text[end] != ')') {
      fail("transform: {}( has no closing bracket", shown(name));
    }
    whole = whole * one_transform(name, arguments, box);
    scan.skip_to(end + 1);
  }
  return whole;
}

Affine css_translate(std::string_view text, Vec box) {
  const std::vector<std::string_view> words = words_of(text);
  if (words.empty() || words[0] == "none") return {};
  return moved({svg_length(words[0], box.x),
                words.size() > 1 ? svg_length(words[1], box.y) : 0});
}

Affine css_rotate(std::string_view text) {
  const std::vector<std::string_view> words = words_of(text);
  if (words.empty() || words[0] == "none") return {};
  // "z 45deg" as well.
  return turned(degrees_of(words.back()));
}

Affine css_scale(std::string_view text) {
  const std::vector<std::string_view> words = words_of(text);
  if (words.empty() || words[0] == "none") return {};
  const double x = number_of(words[0]);
  return {x, 0, 0, words.size() > 1 ? number_of(words[1]) : x, 0, 0};
}

Vec css_origin(std::string_view text, Vec box) {
  std::vector<std::string_view> words = words_of(text);
  if (words.empty() || words.size() > 3) {
    fail("transform-origin: expected two lengths, got {}", shown(text));
  }
  if (words.size() == 1) words.push_back("center");
  const auto is = [](std::string_view word, const char* a, const char* b) {
    const std::string lower = lower_case(word);
    return lower == a || lower == b;
  };
  if (is(words[0], "top", "bottom") || is(words[1], "left", "right")) {
    std::swap(words[0], words[1]);
  }
  const auto place = [&](std::string_view word, double size) {
    if (is(word, "left", "top")) return 0.0;
    if (is(word, "right", "bottom")) return size;
    if (is(word, "center", "center")) return size / 2;
    return svg_length(word, size);
  };
  return {place(words[0], box.x), place(words[1], box.y)};
}

}  // namespace limner
