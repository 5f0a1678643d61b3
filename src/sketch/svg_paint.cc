#include "sketch/svg_paint.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "sketch/classes.h"
#include "sketch/colour_labels.h"
#include "sketch/css_scan.h"
#include "sketch/svg_length.h"
#include "sketch/svg_text.h"
#include "util/error.h"

namespace limner {
namespace {

// Colours that a program has rounded may be so far from the legend's.
constexpr int kRounding = 3;

int parse_class(std::string_view text) {
  text = trimmed(text);
  int id = 0;
  const char* end = text.data() + text.size();
  const auto [next, code] = std::from_chars(text.data(), end, id);
  if (code == std::errc() && next == end && id >= 0 && id <= kStrokeClasses) {
    return id;
  }
  for (id = 1; id <= kStrokeClasses; ++id) {
    if (text == stroke_class(id).name) return id;
  }
  fail("data-class is {}, expected 1 to {} or a class's name", shown(text),
       kStrokeClasses);
}

float parse_share(std::string_view text, const char* name) {
  SvgScanner scan(text);
  const double value = scan.number();
  if (!scan.done() || !(value >= 0 && value <= 1)) {
    fail("{} is {}, expected a number from 0 to 1", name, shown(text));
  }
  return static_cast<float>(value);
}

std::optional<double> length_or_nothing(std::string_view value, double whole) {
  try {
    return svg_length(value, whole);
  } catch (const Error&) {
    return {};
  }
}

void set_opacity(std::string_view value, double& opacity) {
  const auto number = length_or_nothing(value, 1);
  if (number) opacity = std::clamp(*number, 0.0, 1.0);
}

void set_paint(std::string_view value, const CssColour& current,
               const SvgPaint& initial, SvgPaint& paint) {
  const std::string lower = lower_case(value.substr(0, 40));
  if (lower == "none") {
    paint = {SvgPaint::kNone, {}};
  } else if (lower == "currentcolor") {
    paint = {SvgPaint::kColour, current};
  } else if (lower == "initial") {
    paint = initial;
  } else if (lower.substr(0, 4) == "url(") {
    // What stands after it is for when it is not found.
    const size_t close = value.find(')');
    const std::string_view rest =
        close == value.npos ? "" : trimmed(value.substr(close + 1));
    const bool nothing = local_url(value).empty() && lower_case(rest) == "none";
    paint = {nothing ? SvgPaint::kNone : SvgPaint::kOther,
             {},
             std::string(local_url(value))};
  } else if (const auto colour = css_colour(value)) {
    paint = {SvgPaint::kColour, *colour};
  } else if (value.find('(') != value.npos ||
             lower.substr(0, 8) == "context-") {
    paint = {SvgPaint::kOther, {}};
  }
  // Anything else is not valid, and as if it were not said.
}

// limner's own attributes.
void set_data(std::string_view key, std::string_view value, SvgLook& look,
              SvgOwn& own) {
  try {
    if (key == "data-class") {
      look.label = parse_class(value);
      own.class_said = true;
    } else if (key == "data-confidence") {
      look.confidence = parse_share(value, "data-confidence");
      own.confidence_said = true;
    } else if (key == "data-detail") {
      look.detail = parse_share(value, "data-detail");
    }
  } catch (const Error& error) {
    own.problem = error.what();
  }
}

bool is_style(pugi::xml_node node) {
  if (local_name_of(node.name()) != "style") return false;
  const std::string type = lower_case(node.attribute("type").value());
  const std::string media = lower_case(node.attribute("media").value());
  return (type.empty() || type == "text/css") &&
         (media.empty() || media.find("all") != media.npos ||
          media.find("screen") != media.npos);
}

}  // namespace

double SvgLook::stroke_alpha() const {
  return opacity * stroke_opacity * stroke.colour.alpha;
}

double SvgLook::fill_alpha() const {
  return opacity * fill_opacity * fill.colour.alpha;
}

int class_of_paint(const SvgPaint& paint) {
  if (paint.kind != SvgPaint::kColour) return 0;
  const int exact = class_of_colour(paint.colour.rgb);
  if (exact != 0 || paint.colour.exact) return exact;
  for (int id = 1; id <= kStrokeClasses; ++id) {
    int max = 0;
    for (int i = 0; i < 3; ++i) {
      max = std::max(
          max, std::abs(stroke_class(id).colour[i] - paint.colour.rgb[i]));
    }
    if (max <= kRounding) return id;
  }
  return 0;
}

std::string_view local_url(std::string_view text) {
  text = trimmed(text);
  if (lower_case(text.substr(0, 4)) != "url(") return {};
  text.remove_prefix(4);
  text = trimmed(text.substr(0, text.find(')')));
  if (!text.empty() && (text[0] == '"' || text[0] == '\'')) {
    const char quote = text[0];
    text.remove_prefix(1);
    text = text.substr(0, text.find(quote));
  }
  if (text.size() < 2 || text[0] != '#') return {};
  return text.substr(1);
}

void SvgStyles::read(pugi::xml_node root) {
  // Without recursion: elements may stand deeper than the stack would bear.
  for (pugi::xml_node node = root; node;) {
    if (node.type() == pugi::node_element && is_style(node)) {
      std::string text;
      for (const pugi::xml_node part : node.children()) text += part.value();
      sheet_.add(text);
    }
    if (node.first_child()) {
      node = node.first_child();
      continue;
    }
    while (node != root && !node.next_sibling()) node = node.parent();
    node = node == root ? pugi::xml_node() : node.next_sibling();
  }
  for (const CssDeclaration* one : sheet_.match(root)) set_variable(*one);
  for (const auto& one : css_declarations(root.attribute("style").value())) {
    set_variable(one);
  }
}

void SvgStyles::set_variable(const CssDeclaration& one) {
  if (one.name.substr(0, 2) == "--") variables_[one.name] = one.value;
}

std::string SvgStyles::resolved(std::string_view value) const {
  std::string out(value);
  // A variable may name another; a circle of them ends.
  constexpr int kMaxSteps = 8;
  for (int step = 0; step < kMaxSteps; ++step) {
    const size_t at = out.find("var(");
    if (at == out.npos) return out;
    CssScanner scan(std::string_view(out).substr(at + 3));
    const auto parts = css_split(scan.bracketed(), ',');
    std::string text;
    const auto found = variables_.find(trimmed(parts[0]));
    if (found != variables_.end()) {
      text = found->second;
    } else if (parts.size() > 1) {
      // All of the rest, commas too.
      const char* from = parts[1].data();
      const char* to = parts.back().data() + parts.back().size();
      text = trimmed(std::string_view(from, static_cast<size_t>(to - from)));
    }
    const char* end = parts.back().data() + parts.back().size();
    const size_t after = static_cast<size_t>(end - out.data());
    constexpr size_t kLongest = 4096;
    if (text.size() > kLongest) return out;
    out.replace(at, std::min(after + 1, out.size()) - at, text);
  }
  return out;
}

void SvgStyles::set(std::string_view key, std::string_view value, double whole,
                    SvgLook& look, SvgOwn& own) const {
  if (value == "inherit" || value == "unset" || value.empty()) return;
  if (value.find("var(") != value.npos && value.size() < 4096) {
    const std::string text = resolved(value);
    if (text.find("var(") == text.npos) set(key, text, whole, look, own);
    return;
  }
  const auto keyword = [&] { return lower_case(value.substr(0, 20)); };
  if (key == "stroke") {
    set_paint(value, look.colour, {SvgPaint::kNone, {}}, look.stroke);
  } else if (key == "fill") {
    set_paint(value, look.colour, {SvgPaint::kColour, {}}, look.fill);
  } else if (key == "color") {
    if (const auto colour = css_colour(value)) look.colour = *colour;
  } else if (key == "stroke-opacity") {
    set_opacity(value, look.stroke_opacity);
  } else if (key == "fill-opacity") {
    set_opacity(value, look.fill_opacity);
  } else if (key == "stroke-width") {
    const auto width = length_or_nothing(value, whole);
    if (width && *width >= 0) look.stroke_width = *width;
  } else if (key == "fill-rule") {
    look.even_odd = keyword() == "evenodd";
  } else if (key == "visibility") {
    const std::string word = keyword();
    if (word == "visible" || word == "hidden" || word == "collapse") {
      look.visible = word == "visible";
    }
  } else if (key == "transform") {
    own.transform = value;
  } else if (key == "translate") {
    own.translate = value;
  } else if (key == "rotate") {
    own.rotate = value;
  } else if (key == "scale") {
    own.scale = value;
  } else if (key == "transform-origin") {
    own.origin = value;
  } else if (key == "transform-box") {
    own.box = keyword();
  } else if (key == "clip-path") {
    own.clip = value;
  } else if (key == "mask" || key == "mask-image") {
    own.mask = value;
  } else if (key == "background" || key == "background-color") {
    own.background = value;
  }
}

int64_t SvgStyles::apply(pugi::xml_node node, double whole, SvgLook& look,
                         SvgOwn& own) {
  int64_t read = 0;
  std::string_view style;
  // A colour counts for what stands beside it, wherever.
  std::vector<std::pair<std::string_view, std::string_view>> said;
  for (const pugi::xml_attribute attribute : node.attributes()) {
    const std::string_view key = attribute.name();
    const std::string_view value = attribute.value();
    read += static_cast<int64_t>(key.size() + value.size());
    if (key == "style") {
      style = value;
    } else if (key.substr(0, 5) == "data-") {
      set_data(key, value, look, own);
    } else if (key == "background") {
      continue;  // CSS alone has it
    } else if (key != "d" && key != "points" && key != "id" &&
               key != "rotate" && key != "scale" && key != "translate") {
      said.emplace_back(key, trimmed(value));
    }
  }
  // From what counts least: attributes, sheets, the element's own style, then
  // what is marked important in sheets and in the style.
  const std::vector<const CssDeclaration*> sheets =
      sheet_.empty() ? std::vector<const CssDeclaration*>()
                     : sheet_.match(node);
  const std::vector<CssDeclaration> own_style = css_declarations(style);
  for (const bool important : {false, true}) {
    for (const CssDeclaration* one : sheets) {
      if (one->important == important) said.emplace_back(one->name, one->value);
    }
    for (const CssDeclaration& one : own_style) {
      if (one.important == important) said.emplace_back(one.name, one.value);
    }
  }
  // Neither is inherited; what is inside of something that is not shown is not
  // either.
  double opacity = 1;
  bool displayed = true;
  for (const bool colour : {true, false}) {
    for (const auto& [key, value] : said) {
      if (key == "opacity") {
        if (colour) set_opacity(value, opacity);
      } else if (key == "display") {
        const bool none = lower_case(value.substr(0, 8)) == "none";
        if (colour && value != "inherit") displayed = !none;
      } else if ((key == "color") == colour) {
        set(key, value, whole, look, own);
      }
    }
  }
  look.opacity *= opacity;
  look.displayed = look.displayed && displayed;
  return read;
}

}  // namespace limner
