#include "sketch/svg_view.h"

#include <algorithm>
#include <cmath>

#include "sketch/classes.h"
#include "sketch/css_colour.h"
#include "sketch/css_scan.h"
#include "sketch/drawing_limits.h"
#include "sketch/svg_shapes.h"
#include "sketch/svg_text.h"
#include "util/base64.h"
#include "util/error.h"

namespace limner {
namespace {

// A side for files whose own units are too large or too small for one.
constexpr double kUsualSide = 512;

// Whether a child of a switch is for a reader of `language`; for all without
// systemLanguage.
bool is_for(pugi::xml_node node, std::string_view language) {
  const pugi::xml_attribute list = node.attribute("systemLanguage");
  if (!list) return true;
  for (const std::string_view one : css_split(list.value(), ',')) {
    const std::string tag = lower_case(trimmed(one).substr(0, 40));
    if (tag.substr(0, tag.find('-')) == language) return true;
  }
  return false;
}

// The class that the element's title says, as write_svg() does.
int titled_class(pugi::xml_node node) {
  const std::string_view title = trimmed(node.child("title").child_value());
  for (int id = 1; id <= kStrokeClasses; ++id) {
    if (title == stroke_class(id).name) return id;
  }
  return 0;
}

}  // namespace

std::optional<std::array<double, 4>> svg_view_box(pugi::xml_node node) {
  const char* text = node.attribute("viewBox").value();
  if (trimmed(text).empty()) return {};
  SvgScanner scan(text);
  std::array<double, 4> box;
  for (double& value : box) value = scan.number();
  if (!scan.done() || !(box[2] > 0) || !(box[3] > 0)) {
    fail("viewBox is {}, expected x, y, and a width and height above 0",
         shown(text));
  }
  return box;
}

Vec svg_root_size(pugi::xml_node root, std::string& problem) {
  const auto box = svg_view_box(root);
  // A percentage is of the window, which we have not got.
  const auto length = [&](const char* name) {
    const std::string text = lower_case(root.attribute(name).value());
    if (text.find('%') != text.npos || text.find('v') != text.npos) return 0.0;
    double value = 0;
    try {
      value = svg_length_of(root, name, 0, 0);
    } catch (const Error& error) {
      problem = error.what();
    }
    if (value < 0) fail("{} is {}, expected more than 0", name, value);
    return value;
  };
  Vec size = {length("width"), length("height")};
  const auto fits = [](Vec s) {
    const double side = std::max(s.x, s.y);
    return side == 0 || (side >= kMinDrawingSide && side <= kMaxCoordinate);
  };
  if (size.x == 0 && size.y == 0) {
    if (box) size = {(*box)[2], (*box)[3]};
    if (!fits(size)) {
      const double side = std::max(size.x, size.y);
      size = {size.x / side * kUsualSide, size.y / side * kUsualSide};
    }
  } else if (size.x == 0) {
    size.x = box ? size.y / (*box)[3] * (*box)[2] : size.y;
  } else if (size.y == 0) {
    size.y = box ? size.x / (*box)[2] * (*box)[3] : size.x;
  }
  if (!fits(size)) {
    fail("the longer side is {:.6g} pixels, expected {} to {}",
         std::max(size.x, size.y), kMinDrawingSide, kMaxCoordinate);
  }
  return size;
}

double svg_diagonal(Vec port) {
  return std::hypot(port.x, port.y) / std::sqrt(2.0);
}

Affine svg_offset(pugi::xml_node node, Vec port) {
  return {1,
          0,
          0,
          1,
          svg_length_of(node, "x", port.x, 0),
          svg_length_of(node, "y", port.y, 0)};
}

std::array<uint8_t, 3> svg_background(std::string_view value) {
  constexpr std::array<uint8_t, 3> kWhite = {255, 255, 255};
  if (value.size() > 1000) return kWhite;
  // A colour may stand among other words.
  for (std::string_view word : css_split(value, ' ')) {
    const auto colour = css_colour(word);
    if (colour && colour->alpha > 0.5) return colour->rgb;
  }
  return kWhite;
}

pugi::xml_node svg_choice(const SvgFile& file, pugi::xml_node node) {
  pugi::xml_node other;
  for (const pugi::xml_node child : node.children()) {
    const std::string_view name = file.name_of(child);
    if (name.empty() || name == "foreignObject" || name == "title" ||
        name == "desc" || child.attribute("requiredExtensions")) {
      continue;
    }
    if (is_for(child, "en")) return child;
    if (!other) other = child;
  }
  return other;
}

SvgPicture svg_picture(pugi::xml_node node, const Affine& map, Vec port) {
  SvgPicture picture;
  const std::string_view href = SvgFile::href_of(node);
  if (href.empty()) return picture;
  picture.href = shown(href);
  picture.map = map * svg_offset(node, port);
  picture.width = svg_length_of(node, "width", port.x, 0);
  picture.height = svg_length_of(node, "height", port.y, 0);
  picture.preserve = node.attribute("preserveAspectRatio").value();
  const size_t comma = href.find(',');
  if (href.substr(0, 5) != "data:" || comma == href.npos ||
      href.substr(0, comma).find(";base64") == href.npos) {
    return picture;
  }
  // Programs break the lines.
  std::string text(href.substr(comma + 1));
  text.erase(std::remove_if(text.begin(), text.end(), is_css_space),
             text.end());
  // Some leave out the padding.
  while (text.size() % 4 != 0) text += '=';
  try {
    picture.data = from_base64(text);
  } catch (const Error& error) {
    fail("a picture that is damaged: {}", error.what());
  }
  return picture;
}

std::vector<float> svg_pressure(std::string_view list, size_t points) {
  std::vector<float> pressure;
  SvgScanner scan(list);
  while (!scan.done()) {
    const double value = scan.number();
    if (!(value >= 0 && value <= 1)) {
      fail("data-pressure has {}, expected numbers from 0 to 1", value);
    }
    if (pressure.size() == points) return {};
    pressure.push_back(static_cast<float>(value));
  }
  if (pressure.size() != points) pressure.clear();
  return pressure;
}

void svg_corrected(pugi::xml_node node, const SvgOwn& own, int colour_class,
                   Stroke& stroke) {
  if (!own.class_said || colour_class == 0 || stroke.label == 0 ||
      colour_class == stroke.label) {
    return;
  }
  const int title = titled_class(node);
  if (title == stroke.label || (title == 0 && own.confidence_said)) {
    stroke.label = colour_class;
    stroke.confidence = 1;
  } else if (title == colour_class) {
    stroke.confidence = 1;
  }
}

}  // namespace limner
