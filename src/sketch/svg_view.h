// Pieces of SVG that stand between text and drawing: viewports, switches,
// pictures, limner's own attributes.
#pragma once

#include <array>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sketch/flatten.h"
#include "sketch/stroke.h"
#include "sketch/svg_file.h"
#include "sketch/svg_read.h"

namespace limner {

// x, y, width and height of viewBox, nothing when it has none. Throws Error for
// one that makes no sense, or is empty.
std::optional<std::array<double, 4>> svg_view_box(pugi::xml_node node);

// Width and height of the root's viewport, 0 when the file does not say.
// `problem` gets what a length that makes no sense is. Throws Error for a view
// box that makes none, and for negative and too large sizes.
Vec svg_root_size(pugi::xml_node root, std::string& problem);

// SVG's base for percentages that are neither of a width nor of a height.
double svg_diagonal(Vec port);

// A move by the attributes x and y.
Affine svg_offset(pugi::xml_node node, Vec port);

// The colour of the page: that of CSS's background, white for any other value.
std::array<uint8_t, 3> svg_background(std::string_view value);

// The child of a switch that is drawn: the first for readers of English (or of
// any language) that asks for no extension and is no foreign object, else the
// first for readers of another language; none when there is no such.
pugi::xml_node svg_choice(const SvgFile& file, pugi::xml_node node);

// An image element. Without href when it has none. Throws Error for lengths
// that make no sense.
SvgPicture svg_picture(pugi::xml_node node, const Affine& map, Vec port);

// One number a point; none when there are more or fewer, as after the path was
// edited elsewhere. Throws Error outside 0..1.
std::vector<float> svg_pressure(std::string_view list, size_t points);

// Where an element of limner's own, whose title and data-class say the same
// class, has a stroke in the legend's colour of another, or where its title
// says the colour's class and data-class another, a person has corrected it:
// sets the class and a confidence of 1.
void svg_corrected(pugi::xml_node node, const SvgOwn& own, int colour_class,
                   Stroke& stroke);

}  // namespace limner
