// Colours as CSS writes them (CSS Color 4).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace limner {

struct CssColour {
  std::array<uint8_t, 3> rgb = {0, 0, 0};
  double alpha = 1;  // 0..1
  // Whether the notation gives each of rgb as a whole number; others are
  // rounded, by the program that wrote them too.
  bool exact = true;
};

// "#rgb", "#rgba", "#rrggbb", "#rrggbbaa", the 148 names, "transparent",
// rgb(), rgba(), hsl(), hsla(), hwb(), lab(), lch(), oklab(), oklch() and
// color() of srgb and srgb-linear, with commas or spaces; in any case. Nothing
// for any other text.
std::optional<CssColour> css_colour(std::string_view text);

}  // namespace limner
