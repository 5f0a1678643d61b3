// A walk over the tree with a stack of its own, because a file may nest its
// elements deeper than the thread's stack would bear.
#include "sketch/svg_read.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <pugixml.hpp>
#include <utility>

#include "sketch/classes.h"
#include "sketch/drawing_limits.h"
#include "sketch/svg_file.h"
#include "sketch/svg_seen.h"
#include "sketch/svg_shapes.h"
#include "sketch/svg_text.h"
#include "sketch/svg_transform.h"
#include "sketch/svg_view.h"
#include "util/error.h"

namespace limner {
namespace {

// Characters of attributes read while drawing. `use` may repeat a long path
// that makes no points.
constexpr int64_t kMaxWork = 4 * int64_t{kMaxDrawingFile};
constexpr double kPixelsOfTolerance = 0.1;  // of 512 along the side
// Notes that are kept; more of them say nothing new.
constexpr size_t kMaxNotes = 5;
// Less of it is not seen.
constexpr double kSeenAlpha = 0.03;
constexpr size_t kMaxPictures = 16;

struct State {
  Affine map;
  Vec port;  // of the nearest viewport, in its own units
  SvgLook look;
  Seen seen;
};

struct Frame {
  pugi::xml_node next;  // to visit
  bool alone;           // without its siblings, as `use` has it
  State state;
};

uint32_t key_of(const SvgPaint& paint) {
  if (paint.kind != SvgPaint::kColour) return 0xff000000U + paint.kind;
  const auto& c = paint.colour.rgb;
  return static_cast<uint32_t>(c[0]) << 16 | static_cast<uint32_t>(c[1]) << 8 |
         c[2];
}

class SvgReader {
 public:
  explicit SvgReader(std::string_view text)
      : file_(text), cuts_(file_), root_(file_.root()) {}

  SvgContent read() {
    std::string size_problem;
    const Vec size = svg_root_size(root_, size_problem);
    if (size.x > 0) {
      draw(size);
    } else {
      // Once to learn how large it is, once with the right tolerance.
      draw({512, 512});
      const double side = move_to_corner();
      draw({side, side});
      content_.drawing.side = static_cast<float>(move_to_corner());
    }
    if (!size_problem.empty()) note(root_, size_problem, "taken as not said");
    if (content_.drawing.strokes.empty() && content_.areas.empty() &&
        content_.pictures.empty() && !problem_.empty()) {
      fail("{}", problem_);
    }
    if (notes_ > kMaxNotes) {
      content_.notes.push_back(fmt::format(
          "{} more elements are not as they should be", notes_ - kMaxNotes));
    }
    check_drawing(content_.drawing);
    return std::move(content_);
  }

 private:
  void note(pugi::xml_node node, const std::string& problem,
            const char* what_then) {
    if (++notes_ > kMaxNotes) return;
    const std::string place = file_.place_of(node);
    if (problem_.empty()) problem_ = fmt::format("{}: {}", place, problem);
    content_.notes.push_back(
        fmt::format("{}: {}; {}", place, problem, what_then));
  }

  // Moves everything's bounding box to (0, 0); returns its longer side, or 1
  // where it has none.
  double move_to_corner() {
    Point low = {INFINITY, INFINITY};
    Point high = {-INFINITY, -INFINITY};
    const auto each = [this](const auto& body) {
      for (Stroke& stroke : content_.drawing.strokes) body(stroke.points);
      for (SvgArea& area : content_.areas) {
        for (Polyline& line : area.outlines) body(line);
      }
    };
    each([&](const Polyline& line) {
      for (const Point& p : line) {
        low = {std::min(low.x, p.x), std::min(low.y, p.y)};
        high = {std::max(high.x, p.x), std::max(high.y, p.y)};
      }
    });
    each([&](Polyline& line) {
      for (Point& p : line) p = {p.x - low.x, p.y - low.y};
    });
    const double side = std::max(high.x - low.x, high.y - low.y);
    return side >= kMinDrawingSide ? std::min(side, kMaxCoordinate) : 1;
  }

  void draw(Vec size) {
    content_ = {};
    faint_.clear();
    points_ = area_points_ = elements_ = work_ = 0;
    notes_ = 0;
    const double side = std::max(size.x, size.y);
    content_.drawing.side = static_cast<float>(side);
    tolerance_ = side * kPixelsOfTolerance / 512;
    State state;
    state.map.e = (side - size.x) / 2;
    state.map.f = (side - size.y) / 2;
    SvgOwn own;
    read_look(root_, state, own);
    paper_.emplace(side, svg_background(own.background));
    if (state.look.displayed) {
      push(root_.first_child(), false, inside(root_, state, size));
    }
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
      try {
        visit(node, copy);
      } catch (const LimitError& error) {
        fail_limit("{}: {}", file_.place_of(node), error.what());
      } catch (const Error& error) {
        note(node, error.what(), "left out");
      }
    }
    // White on nothing else than white paper is meant for dark paper.
    if (content_.drawing.strokes.empty() && content_.areas.empty()) {
      for (auto& [stroke, origin] : faint_) {
        content_.drawing.strokes.push_back(std::move(stroke));
        content_.origins.push_back(origin);
      }
    }
  }

  void push(pugi::xml_node first, bool alone, State state) {
    if (stack_.size() >= kMaxSvgDepth) {
      fail_limit("more than {} elements inside each other; ungroup the drawing",
                 kMaxSvgDepth);
    }
    stack_.push_back({first, alone, std::move(state)});
  }

  void visit(pugi::xml_node node, State state) {
    if (++elements_ > kMaxSvgElements) {
      fail_limit("more than {} elements to draw", kMaxSvgElements);
    }
    const std::string_view name = file_.name_of(node);
    const bool group = name == "g" || name == "a" || name == "switch";
    const bool view = name == "svg";
    const bool drawn = is_svg_shape(name);
    if (!group && !view && !drawn && name != "use" && name != "image") return;
    SvgOwn own;
    read_look(node, state, own);
    if (!state.look.displayed) return;
    if (!view) transform(node, name, own, state);
    state.seen = cuts_.cut(state.seen, node, own, state.look, place(state));
    if (name == "switch") {
      const pugi::xml_node chosen = svg_choice(file_, node);
      if (chosen) push(chosen, true, std::move(state));
    } else if (group) {
      push(node.first_child(), false, std::move(state));
    } else if (view) {
      nested(node, node, std::move(state));
    } else if (drawn) {
      draw_shape(node, name, state, own);
    } else if (name == "use") {
      use(node, std::move(state));
    } else if (state.look.visible && state.look.opacity >= kSeenAlpha) {
      picture(node, state);
    }
  }

  // The state for what stands in the viewport `node` (an svg or a symbol) of
  // `size`, whose upper left corner is at the origin of `state`.
  static State inside(pugi::xml_node node, State state, Vec size) {
    state.port = size;
    if (const auto box = svg_view_box(node)) {
      state.map =
          state.map * svg_view(*box, size.x, size.y,
                               node.attribute("preserveAspectRatio").value());
      state.port = {(*box)[2], (*box)[3]};
    }
    return state;
  }

  SvgPlace place(const State& state) const {
    return {state.map, state.port, content_.drawing.side, tolerance_};
  }

  // Reads what `node` says about looks, and charges for its attributes.
  void read_look(pugi::xml_node node, State& state, SvgOwn& own) {
    work_ +=
        file_.styles().apply(node, svg_diagonal(state.port), state.look, own);
    if (work_ > kMaxWork)
      fail_limit("more than {} characters to draw", kMaxWork);
    if (!own.problem.empty()) note(node, own.problem, "taken as not said");
  }

  // A transform that makes no sense is none.
  void transform(pugi::xml_node node, std::string_view name, const SvgOwn& own,
                 State& state) {
    try {
      Vec corner;
      Vec box = state.port;
      if (own.box == "fill-box" || own.box == "stroke-box" ||
          own.box == "content-box") {
        const auto bounds = svg_bounds(node, name, place(state));
        corner = {bounds[0], bounds[1]};
        box = {bounds[2], bounds[3]};
      }
      Affine change = svg_transform(own.transform, box);
      if (!own.scale.empty()) change = css_scale(own.scale) * change;
      if (!own.rotate.empty()) change = css_rotate(own.rotate) * change;
      if (!own.translate.empty()) {
        change = css_translate(own.translate, box) * change;
      }
      if (!own.origin.empty()) {
        const Vec at = css_origin(own.origin, box);
        const Vec from = {corner.x + at.x, corner.y + at.y};
        change = Affine{1, 0, 0, 1, from.x, from.y} * change *
                 Affine{1, 0, 0, 1, -from.x, -from.y};
      }
      state.map = state.map * change;
    } catch (const Error& error) {
      note(node, error.what(), "drawn without it");
    }
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
    if (file_.name_of(node) == "svg") {
      state.map = state.map * svg_offset(node, port);
    }
    push(node.first_child(), false, inside(node, std::move(state), size));
  }

  void use(pugi::xml_node node, State state) {
    // Only what is in this file.
    const pugi::xml_node found = file_.target_of(node);
    if (!found) return;
    state.map = state.map * svg_offset(node, state.port);
    const std::string_view name = file_.name_of(found);
    if (name == "symbol" || name == "svg") {
      SvgOwn own;
      read_look(found, state, own);
      if (state.look.displayed) nested(found, node, std::move(state));
      return;
    }
    // A level of its own, so that a chain of them ends.
    push(found, true, std::move(state));
  }

  void picture(pugi::xml_node node, const State& state) {
    if (content_.pictures.size() >= kMaxPictures) return;
    if (state.seen && state.seen->sees_nothing()) return;
    SvgPicture picture = svg_picture(node, state.map, state.port);
    work_ += static_cast<int64_t>(picture.data.size());
    if (!picture.href.empty()) content_.pictures.push_back(std::move(picture));
  }

  // The lines of a shape; those before it stops to make sense, with a note.
  std::vector<Polyline> lines_of(pugi::xml_node node, std::string_view name,
                                 const State& state, int64_t points_left) {
    Pen pen(state.map, tolerance_, points_left);
    std::string problem;
    try {
      draw_svg_shape(node, name, state.port, pen);
    } catch (const LimitError&) {
      throw;
    } catch (const Error& error) {
      problem = error.what();
    }
    std::vector<Polyline> lines = pen.finish();
    if (problem.empty()) return lines;
    if (!lines.empty() && lines.back().size() < 2) lines.pop_back();
    note(node, problem, lines.empty() ? "left out" : "drawn up to there");
    return lines;
  }

  void draw_shape(pugi::xml_node node, std::string_view name,
                  const State& state, const SvgOwn& own) {
    const SvgLook& look = state.look;
    if (!look.visible) return;
    const bool said = look.stroke.kind != SvgPaint::kNotSaid;
    const bool filled = look.fill.some() && look.fill_alpha() >= kSeenAlpha;
    const bool is_line =
        look.label >= 0 || (said ? look.stroke.some() : !look.fill.some());
    const bool seen = look.opacity * look.stroke_opacity *
                              (look.stroke.kind == SvgPaint::kColour
                                   ? look.stroke.colour.alpha
                                   : 1) >=
                          kSeenAlpha &&
                      (!look.stroke.some() || look.stroke_width > 0);
    const bool stroked = is_line && seen;
    if (!stroked && (!filled || areas_full_)) return;
    if (!stroked) return fill_alone(node, name, state);
    std::vector<Polyline> lines =
        lines_of(node, name, state, kMaxDrawingPoints - points_);
    SvgArea area;
    area.first_stroke = content_.drawing.strokes.size();
    // Neither stroke nor fill: black inside, which is a line's outline where it
    // is thin.
    const bool bare = !said && look.fill.kind == SvgPaint::kNotSaid;
    const bool keep = (filled || bare) && !areas_full_;
    if (keep) area.outlines = lines;
    add_strokes(node, std::move(lines), state, own);
    area.last_stroke = content_.drawing.strokes.size();
    if (keep) add_area(std::move(area), look, filled);
  }

  bool is_picture(pugi::xml_node node) {
    const std::string_view name = file_.name_of(node);
    return name == "image" ||
           (name == "use" && file_.name_of(file_.target_of(node)) == "image");
  }

  // Goes into a fill that is a pattern with a picture, as Figma, cairo and
  // others write pictures. False for other fills.
  bool fill_with_picture(pugi::xml_node node, std::string_view name,
                         const State& state) {
    if (state.look.fill.url.empty()) return false;
    const pugi::xml_node pattern = file_.find(state.look.fill.url);
    if (file_.name_of(pattern) != "pattern") return false;
    bool found = false;
    for (const pugi::xml_node child : pattern) found |= is_picture(child);
    if (!found) return false;
    State inner = state;
    inner.look.fill = {SvgPaint::kNone};
    inner.map = inner.map *
                svg_transform(pattern.attribute("patternTransform").value());
    if (pattern.attribute("patternContentUnits").value() ==
        std::string_view("objectBoundingBox")) {
      const auto box = svg_bounds(node, name, place(state));
      inner.map = inner.map * Affine{box[2], 0, 0, box[3], box[0], box[1]};
    }
    push(pattern.first_child(), false, std::move(inner));
    return true;
  }

  void fill_alone(pugi::xml_node node, std::string_view name,
                  const State& state) {
    if (fill_with_picture(node, name, state)) return;
    SvgArea area;
    area.first_stroke = area.last_stroke = content_.drawing.strokes.size();
    try {
      area.outlines =
          lines_of(node, name, state, kMaxDrawingPoints - area_points_);
    } catch (const LimitError&) {
      // A painting, whose areas are no lines.
      areas_full_ = true;
      return content_.areas.clear();
    }
    add_area(std::move(area), state.look, true);
  }

  void add_area(SvgArea area, const SvgLook& look, bool painted) {
    if (area.outlines.empty()) return;
    for (const Polyline& line : area.outlines) {
      area_points_ += static_cast<int64_t>(line.size());
    }
    area.even_odd = look.even_odd;
    constexpr std::array<uint8_t, 3> kGray = {128, 128, 128};
    area.colour =
        look.fill.kind == SvgPaint::kOther ? kGray : look.fill.colour.rgb;
    area.alpha = look.fill_alpha();
    if (painted) {
      paper_->fill(area.outlines, area.even_odd, area.colour, area.alpha);
    }
    content_.areas.push_back(std::move(area));
  }

  void add_strokes(pugi::xml_node node, std::vector<Polyline> lines,
                   const State& state, const SvgOwn& own) {
    const SvgLook& look = state.look;
    Stroke model;
    const int colour_class = class_of_paint(look.stroke);
    model.label = look.label < 0 ? colour_class : look.label;
    model.detail = look.detail;
    model.confidence = look.confidence;
    svg_corrected(node, own, colour_class, model);
    const std::string_view list = node.attribute("data-pressure").value();
    if (lines.size() == 1 && !list.empty() && !state.seen) {
      model.pressure = svg_pressure(list, lines[0].size());
    }
    const SvgOrigin origin = {elements_, key_of(look.stroke)};
    for (Polyline& line : lines) {
      // A line that somebody gave a class is one.
      const bool faint =
          model.label == 0 && look.label < 0 &&
          look.stroke.kind == SvgPaint::kColour &&
          !paper_->shows(line, look.stroke.colour.rgb, look.stroke_alpha());
      if (!state.seen) {
        add_stroke(std::move(line), model, origin, faint);
        continue;
      }
      const double step = content_.drawing.side / 1024;
      for (Polyline& piece : seen_pieces(line, *state.seen, step)) {
        add_stroke(std::move(piece), model, origin, faint);
      }
    }
  }

  void add_stroke(Polyline line, const Stroke& model, SvgOrigin origin,
                  bool faint) {
    Drawing& drawing = content_.drawing;
    if (static_cast<int64_t>(drawing.strokes.size() + faint_.size()) >=
        kMaxDrawingStrokes) {
      fail_limit("more than {} strokes; join or leave out some",
                 kMaxDrawingStrokes);
    }
    points_ += static_cast<int64_t>(line.size());
    if (points_ > kMaxDrawingPoints) {
      fail_limit("more than {} points; simplify the drawing",
                 kMaxDrawingPoints);
    }
    Stroke stroke = model;
    stroke.points = std::move(line);
    if (faint) {
      faint_.emplace_back(std::move(stroke), origin);
      return;
    }
    drawing.strokes.push_back(std::move(stroke));
    content_.origins.push_back(origin);
  }

  SvgFile file_;
  SvgCuts cuts_;
  pugi::xml_node root_;
  SvgContent content_;
  std::optional<Paper> paper_;
  std::vector<std::pair<Stroke, SvgOrigin>> faint_;
  std::vector<Frame> stack_;
  std::string problem_;  // the first one
  size_t notes_ = 0;
  bool areas_full_ = false;
  double tolerance_ = 0;
  int64_t points_ = 0;
  int64_t area_points_ = 0;
  int64_t elements_ = 0;
  int64_t work_ = 0;
};

}  // namespace

SvgContent read_svg_content(std::string_view text, const std::string& name) {
  try {
    return SvgReader(text).read();
  } catch (const Error& error) {
    fail("{}: {}", printable(name), error.what());
  }
}

Drawing read_svg(std::string_view text, const std::string& name) {
  return read_svg_content(text, name).drawing;
}

}  // namespace limner
