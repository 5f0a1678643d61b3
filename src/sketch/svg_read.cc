// A walk over the tree with a stack of its own, because a file may nest its
// elements deeper than the thread's stack would bear.
#include "sketch/svg_read.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sketch/classes.h"
#include "sketch/colour_labels.h"
#include "sketch/drawing_limits.h"
#include "sketch/flatten.h"
#include "sketch/svg_shapes.h"
#include "sketch/svg_text.h"
#include "util/error.h"

namespace limner {
namespace {

// Characters of attributes read while drawing. `use` may repeat a long path
// that makes no points.
constexpr int64_t kMaxWork = 4 * int64_t{kMaxDrawingFile};

constexpr double kPixelsOfTolerance = 0.1;  // of 512 along the side

enum class Paint { kNotSaid, kNone, kSome };

// What elements hand down to those inside them.
struct Look {
  int label = -1;  // -1: no data-class yet
  int colour = 0;  // class of the stroke's colour
  Paint stroke = Paint::kNotSaid;
  Paint fill = Paint::kNotSaid;
  bool visible = true;
  bool displayed = true;
  float confidence = 1;
  float detail = 0;
};

struct State {
  Affine map;
  Vec port;  // of the nearest viewport, in its own units
  Look look;
};

struct Frame {
  pugi::xml_node next;  // to visit
  bool alone;           // without its siblings, as `use` has it
  State state;
};

// Some programs write svg:path.
std::string_view local_name(pugi::xml_node node) {
  std::string_view name = node.name();
  if (name.substr(0, 4) == "svg:") name.remove_prefix(4);
  return name;
}

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

void apply(std::string_view key, std::string_view value, Look& look) {
  if (value == "inherit") return;
  if (key == "stroke") {
    look.stroke = value == "none" ? Paint::kNone : Paint::kSome;
    const auto rgb = svg_colour(value);
    look.colour = rgb ? class_of_colour(*rgb) : 0;
  } else if (key == "fill") {
    look.fill = value == "none" ? Paint::kNone : Paint::kSome;
  } else if (key == "display") {
    // Also undone by nothing inside.
    if (value == "none") look.displayed = false;
  } else if (key == "visibility") {
    look.visible = value == "visible";
  }
}

class SvgReader {
 public:
  explicit SvgReader(std::string_view text) : text_(text) {}

  Drawing read() {
    parse();
    Vec size;
    at_element(root_, [&] { size = viewport(); });
    if (size.x > 0) {
      draw(size);
    } else {
      // Once to learn how large it is, once with the right tolerance.
      draw({512, 512});
      const double side = move_to_corner();
      draw({side, side});
      drawing_.side = static_cast<float>(move_to_corner());
    }
    check_drawing(drawing_);
    return std::move(drawing_);
  }

 private:
  void parse() {
    const auto marks = std::count_if(text_.begin(), text_.end(), [](char c) {
      return c == '<' || c == '=';
    });
    if (marks > kMaxSvgMarks) {
      fail("{} elements and attributes, at most {} are accepted", marks,
           kMaxSvgMarks);
    }
    const pugi::xml_parse_result result =
        document_.load_buffer(text_.data(), text_.size());
    if (!result) {
      fail("is no SVG that can be read: {} (line {})", result.description(),
           line_at(result.offset));
    }
    root_ = document_.document_element();
    if (local_name(root_) != "svg") {
      fail("is no SVG: the root element is <{}>, expected <svg>",
           shown(root_.name()));
    }
  }

  int64_t line_at(ptrdiff_t offset) const {
    const auto end = std::min(
        text_.size(), static_cast<size_t>(std::max<ptrdiff_t>(offset, 0)));
    return 1 + std::count(text_.begin(), text_.begin() + end, '\n');
  }

  // Runs body() and adds to its errors where in the file they are.
  template <typename Body>
  void at_element(pugi::xml_node node, const Body& body) const {
    try {
      body();
    } catch (const Error& error) {
      fail("<{}> on line {}: {}", shown(node.name()),
           line_at(node.offset_debug()), error.what());
    }
  }

  // Width and height of the root's viewport, 0 when the file does not say.
  Vec viewport() const {
    const auto box = view_box(root_);
    // A percentage is of the window, which we have not got.
    const auto length = [this](const char* name) {
      const std::string_view text = root_.attribute(name).value();
      if (text.find('%') != text.npos) return 0.0;
      const double value = svg_length_of(root_, name, 0, 0);
      if (value < 0) fail("{} is {}, expected more than 0", name, value);
      return value;
    };
    Vec size = {length("width"), length("height")};
    if (size.x == 0 && size.y == 0) {
      if (box) size = {(*box)[2], (*box)[3]};
    } else if (size.x == 0) {
      size.x = box ? size.y / (*box)[3] * (*box)[2] : size.y;
    } else if (size.y == 0) {
      size.y = box ? size.x / (*box)[2] * (*box)[3] : size.x;
    }
    const double side = std::max(size.x, size.y);
    if (side != 0 && !(side >= kMinDrawingSide && side <= kMaxCoordinate)) {
      fail("the longer side is {:.6g} pixels, expected {} to {}", side,
           kMinDrawingSide, kMaxCoordinate);
    }
    return size;
  }

  static std::optional<std::array<double, 4>> view_box(pugi::xml_node node) {
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

  // Moves the strokes' bounding box to (0, 0); returns its longer side, or 1
  // where it has none.
  double move_to_corner() {
    Point low = {INFINITY, INFINITY};
    Point high = {-INFINITY, -INFINITY};
    for (const Stroke& stroke : drawing_.strokes) {
      for (const Point& p : stroke.points) {
        low = {std::min(low.x, p.x), std::min(low.y, p.y)};
        high = {std::max(high.x, p.x), std::max(high.y, p.y)};
      }
    }
    for (Stroke& stroke : drawing_.strokes) {
      for (Point& p : stroke.points) p = {p.x - low.x, p.y - low.y};
    }
    const double side = std::max(high.x - low.x, high.y - low.y);
    return side >= kMinDrawingSide ? std::min(side, kMaxCoordinate) : 1;
  }

  void draw(Vec size) {
    drawing_.strokes.clear();
    points_ = elements_ = work_ = 0;
    const double side = std::max(size.x, size.y);
    drawing_.side = static_cast<float>(side);
    tolerance_ = side * kPixelsOfTolerance / 512;
    State state;
    state.map.e = (side - size.x) / 2;
    state.map.f = (side - size.y) / 2;
    at_element(root_, [&] {
      look_of(root_, state.look);
      if (state.look.displayed) {
        push(root_.first_child(), false, inside(root_, state, size));
      }
    });
    while (!stack_.empty()) {
      const pugi::xml_node node = stack_.back().next;
      if (!node) {
        stack_.pop_back();
        continue;
      }
      stack_.back().next =
          stack_.back().alone ? pugi::xml_node() : node.next_sibling();
      if (node.type() != pugi::node_element) continue;
      // A copy: visit() may move the stack.
      const State copy = stack_.back().state;
      at_element(node, [&] { visit(node, copy); });
    }
  }

  void push(pugi::xml_node first, bool alone, State state) {
    if (stack_.size() >= kMaxSvgDepth) {
      fail("more than {} elements inside each other; ungroup the drawing",
           kMaxSvgDepth);
    }
    stack_.push_back({first, alone, std::move(state)});
  }

  void visit(pugi::xml_node node, State state) {
    if (++elements_ > kMaxSvgElements) {
      fail("more than {} elements to draw", kMaxSvgElements);
    }
    const std::string_view name = local_name(node);
    const bool group = name == "g" || name == "a" || name == "switch";
    const bool view = name == "svg";
    const bool drawn = is_svg_shape(name);
    if (!group && !view && !drawn && name != "use") return;
    look_of(node, state.look);
    if (!state.look.displayed) return;
    if (!view) {
      state.map =
          state.map * svg_transform(node.attribute("transform").value());
    }
    if (group) {
      push(node.first_child(), false, std::move(state));
    } else if (view) {
      nested(node, node, std::move(state));
    } else if (drawn) {
      draw_shape(node, name, state);
    } else {
      use(node, std::move(state));
    }
  }

  // Reads what `node` says about looks, and charges for its attributes.
  void look_of(pugi::xml_node node, Look& look) {
    // A style goes before an attribute, wherever it stands.
    std::string_view style;
    for (const pugi::xml_attribute attribute : node.attributes()) {
      const std::string_view key = attribute.name();
      const std::string_view value = attribute.value();
      work_ += static_cast<int64_t>(key.size() + value.size());
      if (key == "style") {
        style = value;
      } else if (key == "data-class") {
        look.label = parse_class(value);
      } else if (key == "data-confidence") {
        look.confidence = parse_share(value, "data-confidence");
      } else if (key == "data-detail") {
        look.detail = parse_share(value, "data-detail");
      } else {
        apply(key, trimmed(value), look);
      }
    }
    if (work_ > kMaxWork) fail("more than {} characters to draw", kMaxWork);
    for (const auto& [key, value] : svg_style(style)) apply(key, value, look);
  }

  // The state for what stands in the viewport `node` (an svg or a symbol) of
  // `size`, whose upper left corner is at the origin of `state`.
  static State inside(pugi::xml_node node, State state, Vec size) {
    state.port = size;
    if (const auto box = view_box(node)) {
      state.map =
          state.map * svg_view(*box, size.x, size.y,
                               node.attribute("preserveAspectRatio").value());
      state.port = {(*box)[2], (*box)[3]};
    }
    return state;
  }

  // Goes into the viewport `node`, whose size `sizer` may say instead.
  void nested(pugi::xml_node node, pugi::xml_node sizer, State state) {
    const Vec port = state.port;
    const auto length = [&](const char* name, double whole) {
      const double own = svg_length_of(node, name, whole, whole);
      return node == sizer ? own : svg_length_of(sizer, name, whole, own);
    };
    const Vec size = {length("width", port.x), length("height", port.y)};
    if (!(size.x > 0) || !(size.y > 0)) return;
    // A symbol has its place from the `use` that draws it.
    if (local_name(node) == "svg") {
      state.map = state.map * Affine{1,
                                     0,
                                     0,
                                     1,
                                     svg_length_of(node, "x", port.x, 0),
                                     svg_length_of(node, "y", port.y, 0)};
    }
    push(node.first_child(), false, inside(node, std::move(state), size));
  }

  void use(pugi::xml_node node, State state) {
    std::string_view target = node.attribute("href").value();
    if (target.empty()) target = node.attribute("xlink:href").value();
    target = trimmed(target);
    // Only what is in this file.
    if (target.size() < 2 || target[0] != '#') return;
    const pugi::xml_node found = find(target.substr(1));
    if (!found) return;
    state.map = state.map * Affine{1,
                                   0,
                                   0,
                                   1,
                                   svg_length_of(node, "x", state.port.x, 0),
                                   svg_length_of(node, "y", state.port.y, 0)};
    const std::string_view name = local_name(found);
    if (name == "symbol" || name == "svg") {
      look_of(found, state.look);
      if (state.look.displayed) nested(found, node, std::move(state));
      return;
    }
    // A level of its own, so that a chain of them ends.
    push(found, true, std::move(state));
  }

  pugi::xml_node find(std::string_view id) {
    if (!indexed_) {
      indexed_ = true;
      for (pugi::xml_node node = root_; node; node = after(node)) {
        const std::string_view own = node.attribute("id").value();
        if (!own.empty()) ids_.emplace(own, node);  // the first one counts
      }
    }
    const auto found = ids_.find(id);
    return found == ids_.end() ? pugi::xml_node() : found->second;
  }

  // The node after `node` in the file, inside the root.
  pugi::xml_node after(pugi::xml_node node) const {
    if (node.first_child()) return node.first_child();
    while (node != root_ && !node.next_sibling()) node = node.parent();
    return node == root_ ? pugi::xml_node() : node.next_sibling();
  }

  void draw_shape(pugi::xml_node node, std::string_view name,
                  const State& state) {
    const Look& look = state.look;
    if (!look.visible) return;
    const bool area =
        look.stroke == Paint::kNotSaid && look.fill == Paint::kSome;
    if (look.label < 0 && (look.stroke == Paint::kNone || area)) return;
    Pen pen(state.map, tolerance_, kMaxDrawingPoints - points_);
    draw_svg_shape(node, name, state.port, pen);
    std::vector<Polyline> lines = pen.finish();
    std::vector<float> pressure;
    const std::string_view list = node.attribute("data-pressure").value();
    if (lines.size() == 1 && !list.empty()) {
      pressure = pressure_of(list, lines[0].size());
    }
    for (Polyline& line : lines) {
      if (static_cast<int64_t>(drawing_.strokes.size()) >= kMaxDrawingStrokes) {
        fail("more than {} strokes; join or leave out some",
             kMaxDrawingStrokes);
      }
      points_ += static_cast<int64_t>(line.size());
      Stroke stroke;
      stroke.points = std::move(line);
      stroke.label = look.label < 0 ? look.colour : look.label;
      stroke.detail = look.detail;
      stroke.confidence = look.confidence;
      stroke.pressure = pressure;
      drawing_.strokes.push_back(std::move(stroke));
    }
  }

  // One number a point; none when there are more or fewer, as after the path
  // was edited elsewhere.
  static std::vector<float> pressure_of(std::string_view list, size_t points) {
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

  std::string_view text_;
  pugi::xml_document document_;
  pugi::xml_node root_;
  Drawing drawing_;
  std::vector<Frame> stack_;
  std::unordered_map<std::string_view, pugi::xml_node> ids_;
  bool indexed_ = false;
  double tolerance_ = 0;
  int64_t points_ = 0;
  int64_t elements_ = 0;
  int64_t work_ = 0;
};

}  // namespace

Drawing read_svg(std::string_view text, const std::string& name) {
  try {
    return SvgReader(text).read();
  } catch (const Error& error) {
    fail("{}: {}", printable(name), error.what());
  }
}

}  // namespace limner
