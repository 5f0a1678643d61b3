#include "sketch/css_colour.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "sketch/svg_text.h"
#include "util/number_text.h"

namespace limner {
namespace {

struct NamedColour {
  std::string_view name;
  uint32_t rgb;
};

// In the order of the alphabet.
constexpr NamedColour kNames[] = {{"aliceblue", 0xf0f8ff},
                                  {"antiquewhite", 0xfaebd7},
                                  {"aqua", 0x00ffff},
                                  {"aquamarine", 0x7fffd4},
                                  {"azure", 0xf0ffff},
                                  {"beige", 0xf5f5dc},
                                  {"bisque", 0xffe4c4},
                                  {"black", 0x000000},
                                  {"blanchedalmond", 0xffebcd},
                                  {"blue", 0x0000ff},
                                  {"blueviolet", 0x8a2be2},
                                  {"brown", 0xa52a2a},
                                  {"burlywood", 0xdeb887},
                                  {"cadetblue", 0x5f9ea0},
                                  {"chartreuse", 0x7fff00},
                                  {"chocolate", 0xd2691e},
                                  {"coral", 0xff7f50},
                                  {"cornflowerblue", 0x6495ed},
                                  {"cornsilk", 0xfff8dc},
                                  {"crimson", 0xdc143c},
                                  {"cyan", 0x00ffff},
                                  {"darkblue", 0x00008b},
                                  {"darkcyan", 0x008b8b},
                                  {"darkgoldenrod", 0xb8860b},
                                  {"darkgray", 0xa9a9a9},
                                  {"darkgreen", 0x006400},
                                  {"darkgrey", 0xa9a9a9},
                                  {"darkkhaki", 0xbdb76b},
                                  {"darkmagenta", 0x8b008b},
                                  {"darkolivegreen", 0x556b2f},
                                  {"darkorange", 0xff8c00},
                                  {"darkorchid", 0x9932cc},
                                  {"darkred", 0x8b0000},
                                  {"darksalmon", 0xe9967a},
                                  {"darkseagreen", 0x8fbc8f},
                                  {"darkslateblue", 0x483d8b},
                                  {"darkslategray", 0x2f4f4f},
                                  {"darkslategrey", 0x2f4f4f},
                                  {"darkturquoise", 0x00ced1},
                                  {"darkviolet", 0x9400d3},
                                  {"deeppink", 0xff1493},
                                  {"deepskyblue", 0x00bfff},
                                  {"dimgray", 0x696969},
                                  {"dimgrey", 0x696969},
                                  {"dodgerblue", 0x1e90ff},
                                  {"firebrick", 0xb22222},
                                  {"floralwhite", 0xfffaf0},
                                  {"forestgreen", 0x228b22},
                                  {"fuchsia", 0xff00ff},
                                  {"gainsboro", 0xdcdcdc},
                                  {"ghostwhite", 0xf8f8ff},
                                  {"gold", 0xffd700},
                                  {"goldenrod", 0xdaa520},
                                  {"gray", 0x808080},
                                  {"green", 0x008000},
                                  {"greenyellow", 0xadff2f},
                                  {"grey", 0x808080},
                                  {"honeydew", 0xf0fff0},
                                  {"hotpink", 0xff69b4},
                                  {"indianred", 0xcd5c5c},
                                  {"indigo", 0x4b0082},
                                  {"ivory", 0xfffff0},
                                  {"khaki", 0xf0e68c},
                                  {"lavender", 0xe6e6fa},
                                  {"lavenderblush", 0xfff0f5},
                                  {"lawngreen", 0x7cfc00},
                                  {"lemonchiffon", 0xfffacd},
                                  {"lightblue", 0xadd8e6},
                                  {"lightcoral", 0xf08080},
                                  {"lightcyan", 0xe0ffff},
                                  {"lightgoldenrodyellow", 0xfafad2},
                                  {"lightgray", 0xd3d3d3},
                                  {"lightgreen", 0x90ee90},
                                  {"lightgrey", 0xd3d3d3},
                                  {"lightpink", 0xffb6c1},
                                  {"lightsalmon", 0xffa07a},
                                  {"lightseagreen", 0x20b2aa},
                                  {"lightskyblue", 0x87cefa},
                                  {"lightslategray", 0x778899},
                                  {"lightslategrey", 0x778899},
                                  {"lightsteelblue", 0xb0c4de},
                                  {"lightyellow", 0xffffe0},
                                  {"lime", 0x00ff00},
                                  {"limegreen", 0x32cd32},
                                  {"linen", 0xfaf0e6},
                                  {"magenta", 0xff00ff},
                                  {"maroon", 0x800000},
                                  {"mediumaquamarine", 0x66cdaa},
                                  {"mediumblue", 0x0000cd},
                                  {"mediumorchid", 0xba55d3},
                                  {"mediumpurple", 0x9370db},
                                  {"mediumseagreen", 0x3cb371},
                                  {"mediumslateblue", 0x7b68ee},
                                  {"mediumspringgreen", 0x00fa9a},
                                  {"mediumturquoise", 0x48d1cc},
                                  {"mediumvioletred", 0xc71585},
                                  {"midnightblue", 0x191970},
                                  {"mintcream", 0xf5fffa},
                                  {"mistyrose", 0xffe4e1},
                                  {"moccasin", 0xffe4b5},
                                  {"navajowhite", 0xffdead},
                                  {"navy", 0x000080},
                                  {"oldlace", 0xfdf5e6},
                                  {"olive", 0x808000},
                                  {"olivedrab", 0x6b8e23},
                                  {"orange", 0xffa500},
                                  {"orangered", 0xff4500},
                                  {"orchid", 0xda70d6},
                                  {"palegoldenrod", 0xeee8aa},
                                  {"palegreen", 0x98fb98},
                                  {"paleturquoise", 0xafeeee},
                                  {"palevioletred", 0xdb7093},
                                  {"papayawhip", 0xffefd5},
                                  {"peachpuff", 0xffdab9},
                                  {"peru", 0xcd853f},
                                  {"pink", 0xffc0cb},
                                  {"plum", 0xdda0dd},
                                  {"powderblue", 0xb0e0e6},
                                  {"purple", 0x800080},
                                  {"rebeccapurple", 0x663399},
                                  {"red", 0xff0000},
                                  {"rosybrown", 0xbc8f8f},
                                  {"royalblue", 0x4169e1},
                                  {"saddlebrown", 0x8b4513},
                                  {"salmon", 0xfa8072},
                                  {"sandybrown", 0xf4a460},
                                  {"seagreen", 0x2e8b57},
                                  {"seashell", 0xfff5ee},
                                  {"sienna", 0xa0522d},
                                  {"silver", 0xc0c0c0},
                                  {"skyblue", 0x87ceeb},
                                  {"slateblue", 0x6a5acd},
                                  {"slategray", 0x708090},
                                  {"slategrey", 0x708090},
                                  {"snow", 0xfffafa},
                                  {"springgreen", 0x00ff7f},
                                  {"steelblue", 0x4682b4},
                                  {"tan", 0xd2b48c},
                                  {"teal", 0x008080},
                                  {"thistle", 0xd8bfd8},
                                  {"tomato", 0xff6347},
                                  {"turquoise", 0x40e0d0},
                                  {"violet", 0xee82ee},
                                  {"wheat", 0xf5deb3},
                                  {"white", 0xffffff},
                                  {"whitesmoke", 0xf5f5f5},
                                  {"yellow", 0xffff00},
                                  {"yellowgreen", 0x9acd32}};

using Triple = std::array<double, 3>;

std::optional<CssColour> named(std::string_view text) {
  const auto end = std::end(kNames);
  const auto found = std::lower_bound(
      std::begin(kNames), end, text,
      [](const NamedColour& a, std::string_view b) { return a.name < b; });
  if (found == end || found->name != text) return {};
  CssColour colour;
  for (int i = 0; i < 3; ++i) {
    colour.rgb[i] = static_cast<uint8_t>(found->rgb >> (16 - 8 * i));
  }
  return colour;
}

std::optional<CssColour> hexadecimal(std::string_view digits) {
  const size_t count = digits.size();
  if (count != 3 && count != 4 && count != 6 && count != 8) return {};
  const size_t width = count <= 4 ? 1 : 2;
  std::array<uint8_t, 4> values = {0, 0, 0, 255};
  for (size_t i = 0; i < count / width; ++i) {
    const char* begin = digits.data() + i * width;
    const auto [end, code] =
        std::from_chars(begin, begin + width, values[i], 16);
    if (code != std::errc() || end != begin + width) return {};
    if (width == 1) values[i] = static_cast<uint8_t>(values[i] * 17);
  }
  return CssColour{{values[0], values[1], values[2]}, values[3] / 255.0};
}

struct Component {
  double value = 0;
  bool percent = false;
};

// The numbers inside of a function's brackets, angles in degrees; nothing when
// there is something else.
std::optional<std::vector<Component>> components(std::string_view text) {
  std::vector<Component> out;
  const auto skip = [&] {
    const size_t next = text.find_first_not_of(" \t\r\n\f,/");
    text.remove_prefix(std::min(next, text.size()));
  };
  for (skip(); !text.empty(); skip()) {
    if (out.size() == 4) return {};
    Component one;
    if (text.substr(0, 4) == "none") {
      text.remove_prefix(4);
      out.push_back(one);
      continue;
    }
    if (text[0] == '+') text.remove_prefix(1);
    // Neither "inf" nor "nan".
    if (text.empty() || text.find_first_of("0123456789.") > 1) return {};
    const char* end = text.data() + text.size();
    const auto [next, code] = read_number(text.data(), end, one.value);
    if (code != std::errc()) return {};
    text.remove_prefix(static_cast<size_t>(next - text.data()));
    const size_t length =
        std::min(text.find_first_of(" \t\r\n\f,/"), text.size());
    const std::string_view unit = text.substr(0, length);
    if (unit == "%") {
      one.percent = true;
    } else if (unit == "turn") {
      one.value *= 360;
    } else if (unit == "rad") {
      one.value *= 180 / M_PI;
    } else if (unit == "grad") {
      one.value *= 0.9;
    } else if (!unit.empty() && unit != "deg") {
      return {};
    }
    text.remove_prefix(length);
    out.push_back(one);
  }
  return out;
}

// A number, of which `whole` is 100 %.
double of(const Component& c, double whole) {
  return c.percent ? c.value / 100 * whole : c.value;
}

// hsl() to 0..1 (CSS Color 4, 7.1).
Triple from_hsl(double hue, double saturation, double light) {
  hue = std::fmod(std::fmod(hue, 360) + 360, 360);
  const double a = saturation * std::min(light, 1 - light);
  const auto channel = [&](double n) {
    const double k = std::fmod(n + hue / 30, 12);
    return light - a * std::max(-1.0, std::min({k - 3, 9 - k, 1.0}));
  };
  return {channel(0), channel(8), channel(4)};
}

double to_gamma(double v) {
  const double size = std::abs(v);
  if (size <= 0.0031308) return 12.92 * v;
  return std::copysign(1.055 * std::pow(size, 1 / 2.4) - 0.055, v);
}

Triple from_linear(const Triple& v) {
  return {to_gamma(v[0]), to_gamma(v[1]), to_gamma(v[2])};
}

Triple times(const std::array<Triple, 3>& m, const Triple& v) {
  Triple out = {};
  for (int i = 0; i < 3; ++i) {
    out[i] = m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2];
  }
  return out;
}

// CIE Lab under D50 to sRGB.
Triple from_lab(double light, double a, double b) {
  const double fy = (light + 16) / 116;
  const auto inverse = [](double t) {
    return t > 6.0 / 29 ? t * t * t : (116 * t - 16) * 27 / 24389;
  };
  const Triple xyz = {0.9642956764 * inverse(fy + a / 500), inverse(fy),
                      0.8251046025 * inverse(fy - b / 200)};
  constexpr std::array<Triple, 3> kFromD50 = {
      Triple{3.1341358529, -1.6173863321, -0.4906619460},
      Triple{-0.9787954765, 1.9162543774, 0.0334427293},
      Triple{0.0719550272, -0.2289768264, 1.4053860362}};
  return from_linear(times(kFromD50, xyz));
}

// Oklab (Ottosson, 2020) to sRGB.
Triple from_oklab(double light, double a, double b) {
  constexpr std::array<Triple, 3> kToLms = {
      Triple{1, 0.3963377774, 0.2158037573},
      Triple{1, -0.1055613458, -0.0638541728},
      Triple{1, -0.0894841775, -1.2914855480}};
  constexpr std::array<Triple, 3> kToLinear = {
      Triple{4.0767416621, -3.3077115913, 0.2309699292},
      Triple{-1.2684380046, 2.6097574011, -0.3413193965},
      Triple{-0.0041960863, -0.7034186147, 1.7076147010}};
  Triple lms = times(kToLms, {light, a, b});
  for (double& v : lms) v = v * v * v;
  return from_linear(times(kToLinear, lms));
}

Triple polar(double length, double hue) {
  const double angle = hue * M_PI / 180;
  return {0, length * std::cos(angle), length * std::sin(angle)};
}

// Channels 0..1 of the function `name`; nothing when it is another.
std::optional<Triple> channels(std::string_view name,
                               const std::vector<Component>& c) {
  if (name == "rgb" || name == "rgba") {
    return Triple{of(c[0], 255) / 255, of(c[1], 255) / 255,
                  of(c[2], 255) / 255};
  }
  if (name == "hsl" || name == "hsla") {
    return from_hsl(c[0].value, std::clamp(c[1].value / 100, 0.0, 1.0),
                    std::clamp(c[2].value / 100, 0.0, 1.0));
  }
  if (name == "hwb") {
    const double white = c[1].value / 100, black = c[2].value / 100;
    if (white + black >= 1) {
      const double gray = white / (white + black);
      return Triple{gray, gray, gray};
    }
    Triple out = from_hsl(c[0].value, 1, 0.5);
    for (double& v : out) v = v * (1 - white - black) + white;
    return out;
  }
  if (name == "lab") {
    return from_lab(of(c[0], 100), of(c[1], 125), of(c[2], 125));
  }
  if (name == "lch") {
    const Triple ab = polar(of(c[1], 150), c[2].value);
    return from_lab(of(c[0], 100), ab[1], ab[2]);
  }
  if (name == "oklab") {
    return from_oklab(of(c[0], 1), of(c[1], 0.4), of(c[2], 0.4));
  }
  if (name == "oklch") {
    const Triple ab = polar(of(c[1], 0.4), c[2].value);
    return from_oklab(of(c[0], 1), ab[1], ab[2]);
  }
  if (name == "srgb") return Triple{of(c[0], 1), of(c[1], 1), of(c[2], 1)};
  if (name == "srgb-linear") {
    return from_linear({of(c[0], 1), of(c[1], 1), of(c[2], 1)});
  }
  return {};
}

std::optional<CssColour> function(std::string_view text) {
  const size_t open = text.find('(');
  if (open == text.npos || text.back() != ')') return {};
  std::string_view name = trimmed(text.substr(0, open));
  std::string_view inside =
      trimmed(text.substr(open + 1, text.size() - open - 2));
  if (name == "color") {
    const size_t end = std::min(inside.find(' '), inside.size());
    name = inside.substr(0, end);
    if (name != "srgb" && name != "srgb-linear") return {};
    inside.remove_prefix(end);
  }
  const auto c = components(inside);
  if (!c || c->size() < 3) return {};
  const auto values = channels(name, *c);
  if (!values) return {};
  CssColour colour;
  for (int i = 0; i < 3; ++i) {
    const double value = std::clamp((*values)[i] * 255, 0.0, 255.0);
    if (!(value >= 0)) return {};
    colour.rgb[i] = static_cast<uint8_t>(std::lround(value));
  }
  colour.exact = name.substr(0, 3) == "rgb" && !(*c)[0].percent;
  if (c->size() == 4) colour.alpha = std::clamp(of((*c)[3], 1), 0.0, 1.0);
  return colour;
}

}  // namespace

std::optional<CssColour> css_colour(std::string_view text) {
  text = trimmed(text);
  // No colour is longer; a file's text may be.
  if (text.empty() || text.size() > 200) return {};
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (lower[0] == '#') return hexadecimal(std::string_view(lower).substr(1));
  if (lower == "transparent") return CssColour{{0, 0, 0}, 0};
  if (const auto colour = named(lower)) return colour;
  return function(lower);
}

}  // namespace limner
