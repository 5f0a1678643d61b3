#include "sketch/svg_seen.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "sketch/css_scan.h"
#include "sketch/drawing_limits.h"
#include "sketch/svg_length.h"
#include "sketch/svg_shapes.h"
#include "sketch/svg_text.h"
#include "sketch/svg_transform.h"
#include "util/error.h"

namespace limner {
namespace {

// What is lighter in a mask is seen.
constexpr double kSeenLight = 0.1;
// Colours closer than this look alike.
constexpr int kAlike = 12;
constexpr int kPaperSide = 256;
// Filled areas that are painted; a drawing with more has no lines to lose.
constexpr int kMaxFills = 50'000;
// Of all areas, and of all cuts.
constexpr int64_t kMaxAllCrossings = 20'000'000;
constexpr int kMaxCutDepth = 8;
constexpr int kMaxCutElements = 10'000;

double light_of(const CssColour& colour) {
  const auto& c = colour.rgb;
  return (0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]) / 255;
}

std::vector<Polyline> outline_of(pugi::xml_node node, std::string_view name,
                                 const SvgPlace& place) {
  Pen pen(place.map, place.tolerance, kMaxCutPoints);
  draw_svg_shape(node, name, place.port, pen);
  return pen.finish();
}

// inset(50%) and circle(0), with which pages hide things.
bool hides_all(std::string_view value) {
  const std::string lower = lower_case(value.substr(0, 40));
  const size_t open = lower.find('(');
  if (open == lower.npos) return false;
  const std::string name = lower.substr(0, open);
  try {
    SvgScanner scan(std::string_view(lower).substr(open + 1));
    const double first = scan.number();
    if (name == "circle") return first == 0;
    return name == "inset" && scan.peek() == '%' && first >= 50;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::array<double, 4> svg_bounds(pugi::xml_node node, std::string_view name,
                                 const SvgPlace& place) {
  if (!is_svg_shape(name)) return {};
  try {
    SvgPlace own = place;
    own.map = {};
    const double size = std::sqrt(
        std::abs(place.map.a * place.map.d - place.map.b * place.map.c));
    if (size > 0) own.tolerance = place.tolerance / size;
    double left = INFINITY, top = INFINITY, right = -INFINITY,
           bottom = -INFINITY;
    for (const Polyline& line : outline_of(node, name, own)) {
      for (const Point& p : line) {
        left = std::min<double>(left, p.x);
        right = std::max<double>(right, p.x);
        top = std::min<double>(top, p.y);
        bottom = std::max<double>(bottom, p.y);
      }
    }
    if (left > right) return {};
    return {left, top, right - left, bottom - top};
  } catch (const Error&) {
    return {};
  }
}

struct SvgCuts::Content {
  Region region;
  bool mask;
  bool alpha;  // a mask of which the opacity counts alone
  bool understood = true;
  int elements = 0;
};

Seen SvgCuts::cut(const Seen& seen, pugi::xml_node node, const SvgOwn& own,
                  const SvgLook& look, const SvgPlace& place) {
  Seen out = seen;
  if (!own.clip.empty()) {
    out = cut_by(out, own.clip, false, node, look, place);
  }
  if (!own.mask.empty()) out = cut_by(out, own.mask, true, node, look, place);
  return out;
}

Seen SvgCuts::cut_by(const Seen& seen, std::string_view value, bool mask,
                     pugi::xml_node node, const SvgLook& look, SvgPlace place) {
  if (!mask && hides_all(value)) {
    return std::make_shared<const Region>(place.side, false);
  }
  const std::string_view id = local_url(value);
  if (id.empty()) return seen;
  const pugi::xml_node found = file_.find(id);
  if (file_.name_of(found) != (mask ? "mask" : "clipPath")) return seen;
  if (++cuts_ > kMaxSvgCuts || crossings_ > kMaxAllCrossings) return seen;
  const std::string_view units =
      found.attribute(mask ? "maskContentUnits" : "clipPathUnits").value();
  if (units == "objectBoundingBox") {
    const auto box = svg_bounds(node, file_.name_of(node), place);
    if (!(box[2] > 0) || !(box[3] > 0)) return seen;
    place.map = place.map * Affine{box[2], 0, 0, box[3], box[0], box[1]};
    place.port = {1, 1};
  }
  try {
    SvgOwn own;
    SvgLook inside = look;
    inside.fill = inside.stroke = {};
    inside.opacity = inside.fill_opacity = inside.stroke_opacity = 1;
    inside.visible = inside.displayed = true;
    file_.styles().apply(found, place.port.x, inside, own);
    place.map = place.map * svg_transform(own.transform, place.port);
    Content content = {
        Region(place.side, false), mask,
        std::string_view(found.attribute("mask-type").value()) == "alpha"};
    add(found, inside, place, 0, content);
    crossings_ += content.region.crossings();
    if (!content.understood) return seen;
    if (seen) content.region.cut_by(*seen);
    return std::make_shared<const Region>(std::move(content.region));
  } catch (const Error&) {
    return seen;  // a shape that makes no sense, or too many points
  }
}

void SvgCuts::add(pugi::xml_node parent, const SvgLook& look,
                  const SvgPlace& place, int depth, Content& content) {
  if (depth > kMaxCutDepth) content.understood = false;
  for (pugi::xml_node node : parent.children()) {
    // As a use of uses of uses has.
    if (++content.elements > kMaxCutElements) content.understood = false;
    if (!content.understood) return;
    std::string_view name = file_.name_of(node);
    if (name.empty() || name == "title" || name == "desc" || name == "style") {
      continue;
    }
    SvgOwn own;
    SvgLook here = look;
    file_.styles().apply(node, place.port.x, here, own);
    if (!here.displayed) continue;
    SvgPlace inside = place;
    inside.map = place.map * svg_transform(own.transform, place.port);
    if (name == "use") {
      inside.map =
          inside.map * Affine{1,
                              0,
                              0,
                              1,
                              svg_length_of(node, "x", place.port.x, 0),
                              svg_length_of(node, "y", place.port.y, 0)};
      node = file_.target_of(node);
      name = file_.name_of(node);
      if (name.empty()) continue;
      file_.styles().apply(node, place.port.x, here, own);
      inside.map = inside.map * svg_transform(own.transform, place.port);
    }
    if (name == "g" || name == "a") {
      add(node, here, inside, depth + 1, content);
    } else if (is_svg_shape(name)) {
      if (here.visible) add_shape(node, name, here, inside, content);
    } else {
      content.understood = false;
    }
  }
}

void SvgCuts::add_shape(pugi::xml_node node, std::string_view name,
                        const SvgLook& look, const SvgPlace& place,
                        Content& content) {
  const std::vector<Polyline> lines = outline_of(node, name, place);
  if (!content.mask) {
    const bool even_odd =
        std::string_view(node.attribute("clip-rule").value()) == "evenodd";
    content.region.fill(lines, even_odd, true);
    return;
  }
  const auto add = [&](const SvgPaint& paint, double alpha, auto&& put) {
    if (paint.kind == SvgPaint::kOther) content.understood = false;
    if (paint.kind == SvgPaint::kNone || alpha < kSeenLight) return;
    const double light = content.alpha ? 1 : light_of(paint.colour);
    put(light * alpha >= kSeenLight);
  };
  SvgPaint fill = look.fill;
  if (fill.kind == SvgPaint::kNotSaid) fill.kind = SvgPaint::kColour;  // black
  SvgPaint stroke = look.stroke;
  if (stroke.kind == SvgPaint::kNotSaid) stroke.kind = SvgPaint::kNone;
  add(fill, look.fill_alpha(),
      [&](bool seen) { content.region.fill(lines, look.even_odd, seen); });
  const double scale = std::sqrt(
      std::abs(place.map.a * place.map.d - place.map.b * place.map.c));
  add(stroke, look.stroke_alpha(), [&](bool seen) {
    content.region.draw(lines, look.stroke_width * scale, seen);
  });
}

Paper::Paper(double side, Rgb colour)
    : grid_{kPaperSide, kPaperSide, 0, 0, kPaperSide / side},
      colours_(size_t{kPaperSide} * kPaperSide, colour) {}

void Paper::fill(const std::vector<Polyline>& outlines, bool even_odd,
                 Rgb colour, double alpha) {
  if (++fills_ > kMaxFills || crossings_ > kMaxAllCrossings) return;
  crossings_ += fill_area(
      outlines, even_odd, grid_, 1, [&](int y, double from, double to) {
        const auto first = static_cast<size_t>(std::ceil(from - 0.5));
        const auto last = static_cast<size_t>(std::ceil(to - 0.5));
        for (size_t x = first; x < last; ++x) {
          Rgb& under = colours_[static_cast<size_t>(y) * kPaperSide + x];
          for (int i = 0; i < 3; ++i) {
            under[i] = static_cast<uint8_t>(
                std::lround(under[i] + alpha * (colour[i] - under[i])));
          }
        }
      });
}

const Paper::Rgb& Paper::at(const Point& p) const {
  const auto pixel = [this](float v) {
    return static_cast<size_t>(std::clamp(std::floor(v * grid_.scale), 0.0,
                                          static_cast<double>(kPaperSide - 1)));
  };
  return colours_[pixel(p.y) * kPaperSide + pixel(p.x)];
}

bool Paper::shows(const Polyline& line, Rgb colour, double alpha) const {
  constexpr size_t kLooks = 100;
  const size_t step = line.size() / kLooks + 1;
  size_t looks = 0;
  size_t differ = 0;
  const auto look = [&](const Point& p) {
    const Rgb& under = at(p);
    double max = 0;
    for (int i = 0; i < 3; ++i) {
      max = std::max(max, alpha * std::abs(colour[i] - under[i]));
    }
    ++looks;
    if (max > kAlike) ++differ;
  };
  for (size_t i = 0; i < line.size(); i += step) {
    look(line[i]);
    // Long straight lines have few points.
    const Point& next = line[std::min(i + 1, line.size() - 1)];
    look({(line[i].x + next.x) / 2, (line[i].y + next.y) / 2});
  }
  return 20 * differ >= looks;
}

}  // namespace limner
