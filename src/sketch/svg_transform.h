// Transforms of SVG and CSS (CSS Transforms 1 and 2, as far as they stay in the
// plane).
#pragma once

#include <string_view>

#include "sketch/flatten.h"

namespace limner {

// A list such as "translate(10 20) rotate(30)" or, as CSS writes it,
// "translate(10px, 50%) rotate(0.25turn)"; percentages are of `box`. Empty and
// "none" are the identity. Throws Error for anything else.
Affine svg_transform(std::string_view text, Vec box = {});

// The properties of these names, which go before `transform`. Throw Error.
Affine css_scale(std::string_view text);
Affine css_rotate(std::string_view text);
Affine css_translate(std::string_view text, Vec box);

// "left top", "50% 10px", "center": a place in `box`, whose corner is at
// (0, 0). Throws Error for anything else.
Vec css_origin(std::string_view text, Vec box);

}  // namespace limner
